import {
  type Observable,
  type OperatorFunction,
  EMPTY,
  catchError,
  defer,
  merge,
  mergeMap,
  of,
  throwError,
} from 'rxjs';
import type { Item, ItemEvent, WatchEvent } from '../core/events.js';

/** What can read: a client, or one of its scopes. */
interface CanRead {
  content(id: string): Observable<{ readonly items: ReadonlyMap<string, Item> }>;
}

/**
 * Where {@link collectItems} begins.
 *
 * @category operators
 */
export interface CollectItemsOptions {
  /**
   * The scope that is watched: what is in a workbin is fetched from it when the workbin is confirmed, and again after a
   * gap. Without it the collection begins empty, and a gap stays one.
   */
  readonly from?: CanRead;
}

/**
 * Turns watch events into what is in the workbins now: a map of items by interaction id, new with each change.
 *
 * Right also when items come while the content is fetched: they wait, and are laid over the answer. Errors with its source,
 * and when the content cannot be had; completes with its source, once the last answer is there.
 *
 * @example
 * ```ts
 * import { collectItems, createWorkbinClient } from 'rx-workbins';
 *
 * const client = createWorkbinClient({ baseUrl: 'https://gws.example.com' });
 * const items$ = client.watch('aee812a5').pipe(collectItems({ from: client }));
 * items$.subscribe((items) => console.log(items.size)); // 0
 * ```
 *
 * @category operators
 */
export const collectItems =
  ({ from }: CollectItemsOptions = {}): OperatorFunction<WatchEvent, ReadonlyMap<string, Item>> =>
  (source$) =>
    defer(() => {
      let items: ReadonlyMap<string, Item> = new Map();
      /** Where in the log each fetch began, by workbin; the object is also what tells one fetch from a later one. */
      const fetching = new Map<string, { readonly start: number }>();
      /** What came, in whatever workbin, while one was fetched: the answer may be older than that. */
      let log: ItemEvent[] = [];
      const known = new Set<string>();

      const isIn = (workbinId: string, id: string): boolean => items.get(id)?.workbinId === workbinId;
      /** Whether the event changes anything. */
      const apply = (
        target: Map<string, Item>,
        { workbinId, action, medium = 'unknown', interaction }: ItemEvent,
      ): boolean => {
        if (interaction === undefined) return false;
        if (action !== 'ItemRemoved') {
          target.set(interaction.id, { workbinId, medium, interaction });
          return true;
        }
        // Moved: the workbin that it went to may have told first.
        return target.get(interaction.id)?.workbinId === workbinId && target.delete(interaction.id);
      };
      const without = (workbinId: string): Map<string, Item> =>
        new Map([...items].filter(([id]) => !isIn(workbinId, id)));

      const fetch = (reader: CanRead, workbinId: string): Observable<ReadonlyMap<string, Item>> => {
        if (fetching.size === 0) log = [];
        const own = { start: log.length };
        fetching.set(workbinId, own);
        const isOver = (): boolean => fetching.get(workbinId) !== own;
        return reader.content(workbinId).pipe(
          mergeMap((content) => {
            if (isOver()) return EMPTY;
            fetching.delete(workbinId);
            const now = new Map(content.items);
            for (const event of log.slice(own.start)) {
              if (event.workbinId === workbinId) apply(now, event);
              // Moved on since: it lies in one workbin only.
              else if (event.interaction !== undefined && event.action !== 'ItemRemoved')
                now.delete(event.interaction.id);
            }
            return of((items = new Map([...without(workbinId), ...now])));
          }),
          // What nobody waits for any more may fail in silence.
          catchError((error: unknown) => (isOver() ? EMPTY : throwError(() => error))),
        );
      };
      const forget = (workbinId: string): Observable<ReadonlyMap<string, Item>> => {
        known.delete(workbinId);
        fetching.delete(workbinId);
        const next = without(workbinId);
        return next.size === items.size ? EMPTY : of((items = next));
      };
      const take = (event: ItemEvent): Observable<ReadonlyMap<string, Item>> => {
        if (fetching.size > 0) log.push(event);
        if (fetching.has(event.workbinId)) return EMPTY;
        const next = new Map(items);
        return apply(next, event) ? of((items = next)) : EMPTY;
      };

      return source$.pipe(
        mergeMap((event) => {
          switch (event.type) {
            case 'item':
              return take(event);
            case 'failed':
              return forget(event.workbinId);
            case 'gap':
              return from === undefined ? EMPTY : merge(...event.workbinIds.map((id) => fetch(from, id)));
            case 'state': {
              const { workbinId } = event;
              if (event.state === 'Unsubscribed') return forget(workbinId);
              if (event.state !== 'Subscribed' || known.has(workbinId)) return EMPTY;
              known.add(workbinId);
              return from === undefined ? EMPTY : fetch(from, workbinId);
            }
            case 'accepted':
              return EMPTY;
          }
        }),
      );
    });

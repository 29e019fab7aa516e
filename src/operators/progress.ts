import {
  type Observable,
  type OperatorFunction,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  map,
  of,
  startWith,
  throwError,
} from 'rxjs';
import type { WatchEvent } from '../core/events.js';
import { SubscriptionError } from '../errors.js';

/**
 * How far a subscription is: each id stands in exactly one of the arrays.
 *
 * @category operators
 */
export interface Progress {
  readonly subscribed: readonly string[];
  readonly failed: readonly string[];
  readonly pending: readonly string[];
}

/**
 * Turns a subscription's events into its {@link Progress}: at first and after each change, for a progress bar.
 *
 * Completes and errors with its source; an error's account comes as progress first.
 *
 * @example
 * ```ts
 * import { createWorkbinClient, progress } from 'rx-workbins';
 *
 * const ids = ['aee812a5', 'a91ee1c2'];
 * const client = createWorkbinClient({ baseUrl: 'https://gws.example.com' });
 * const progress$ = client.subscribe(ids).pipe(progress(ids));
 * progress$.subscribe(({ pending }) => console.log(pending.length)); // 2, 1, 0
 * ```
 *
 * @param ids - what is subscribed to
 * @category operators
 */
export const progress =
  (ids: string | readonly string[]): OperatorFunction<WatchEvent, Progress> =>
  (source$) =>
    defer(() => {
      const places = new Map<string, keyof Progress>();
      for (const id of typeof ids === 'string' ? [ids] : ids) places.set(id, 'pending');
      let isChanged = true;
      let last: Progress | undefined;

      const put = (id: string, place: keyof Progress): void => {
        isChanged ||= places.has(id) && places.get(id) !== place;
        if (places.has(id)) places.set(id, place);
      };
      const now = (): Progress => {
        if (!isChanged && last !== undefined) return last;
        isChanged = false;
        const at = (place: keyof Progress): string[] =>
          [...places].flatMap(([id, each]) => (each === place ? [id] : []));
        return (last = { subscribed: at('subscribed'), failed: at('failed'), pending: at('pending') });
      };
      const take = (event: WatchEvent): void => {
        if (event.type === 'failed') put(event.workbinId, 'failed');
        else if (event.type === 'state')
          put(event.workbinId, event.state === 'RequestFailed' ? 'failed' : 'subscribed');
      };
      return source$.pipe(
        map((event) => {
          take(event);
          return now();
        }),
        startWith(now()),
        catchError((error: unknown): Observable<Progress> => {
          if (error instanceof SubscriptionError) for (const id of error.failed.keys()) put(id, 'failed');
          return concat(
            of(now()),
            throwError(() => error),
          );
        }),
        distinctUntilChanged(),
      );
    });

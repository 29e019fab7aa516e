import {
  EMPTY,
  NEVER,
  type Observable,
  catchError,
  connect,
  debounce,
  finalize,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  of,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { type Item, type WatchEvent, type Workbins, collectItems, isSubscriptionError } from '../index.js';
import { accountOf } from './account.js';
import { createBar } from './bar.js';
import { type ClientOptions, clientOf, left } from './client.js';
import { durationOf, limitOf } from './duration.js';
import { idsOf } from './ids.js';
import { createJsonView } from './jsonView.js';
import type { Leaving } from './leaving.js';
import { Ledger } from './ledger.js';
import { type ScopeOptions, scopeOf, workbinsOf } from './scope.js';
import { serverOf } from './server.js';
import { type View, isForPeople } from './view.js';

/** The options of `subscribe` and `watch`. */
export interface MonitorOptions extends ClientOptions, ScopeOptions {
  readonly timeout?: string;
  readonly for?: string;
  readonly untilIdle?: boolean;
  readonly idle?: string;
}

/** ms without any news after which `--until-idle` leaves. */
const defaultIdle = 10_000;
/** ms that unsubscribing may take when the command leaves. */
const tidyingLimit = 2_000;

/** The items of each workbin, counted. */
const counted = (
  workbins: Workbins,
  ids: readonly string[],
  events$: Observable<WatchEvent>,
): Observable<ReadonlyMap<string, number | undefined>> => {
  const unreadable = new Set<string>();
  const reader = {
    content: (id: string) =>
      workbins.content(id).pipe(
        tap(() => unreadable.delete(id)),
        catchError(() => {
          unreadable.add(id);
          return of({ items: new Map<string, Item>() });
        }),
      ),
  };
  return events$.pipe(
    collectItems({ from: reader }),
    map((items) => {
      const counts = new Map<string, number | undefined>(ids.map((id) => [id, unreadable.has(id) ? undefined : 0]));
      for (const { workbinId } of items.values()) {
        const count = counts.get(workbinId);
        if (count !== undefined) counts.set(workbinId, count + 1);
      }
      return counts;
    }),
  );
};

const viewOf = async (
  command: 'subscribe' | 'watch',
  isTable: boolean,
  ledger: Ledger,
  baseUrl: string,
): Promise<View> => {
  if (!isTable) return createJsonView();
  const { createTableView } = await import('./tableView.js');
  return createTableView({ ledger, baseUrl, isLive: command === 'watch' });
};

/** When the command leaves by itself: the durations of the options. */
const limitsOf = (
  options: MonitorOptions,
): { readonly timeout?: number; readonly stay?: number; readonly idle?: number } => ({
  ...(options.timeout === undefined ? {} : { timeout: limitOf(options.timeout) }),
  ...(options.for === undefined ? {} : { stay: durationOf(options.for) }),
  ...(options.idle !== undefined
    ? { idle: durationOf(options.idle) }
    : options.untilIdle === true
      ? { idle: defaultIdle }
      : {}),
});

/** `subscribe` and `watch`: the events of some workbins, until they are settled, or until it is time to leave. */
export const monitor = async (
  command: 'subscribe' | 'watch',
  given: readonly string[],
  options: MonitorOptions,
  leaving: Leaving,
): Promise<number> => {
  const { timeout, stay, idle } = limitsOf(options);
  const scope = scopeOf(options);
  const server = await serverOf(options);
  const ids = await idsOf(given);
  const client = clientOf(server, options, timeout === undefined ? {} : { timeout });
  const workbins = workbinsOf(client, scope);
  const ledger = new Ledger(ids, scope);
  const isTable = isForPeople(options);
  const view = await viewOf(command, isTable, ledger, server.baseUrl);
  // Never among lines of data, or of a log, on one terminal.
  const bar = await createBar(process.stderr.isTTY && (isTable || !process.stdout.isTTY) && options.verbose !== true);
  let connection: string = 'idle';
  let isAccepted = false;
  leaving.tidily();

  const take = (event: WatchEvent): void => {
    isAccepted ||= event.type === 'accepted';
    ledger.take(event, Date.now());
    const isSettled = ledger.counts.pending === 0;
    if (isSettled) bar.stop();
    else bar.update(ledger);
    view.event(event);
    if (isSettled) view.settled();
  };
  const isAtRest = (): boolean => ledger.counts.pending === 0 && connection === 'connected';
  /** Whether the server may have taken a subscription, and can be told that it is over. */
  const isToTidy = (): boolean => isAccepted && connection === 'connected';
  const work$ = (command === 'watch' ? workbins.watch(ids) : workbins.subscribe(ids)).pipe(
    // The account that an error brings is news of each workbin: told as `watch` tells it.
    catchError((error: unknown): Observable<WatchEvent> => {
      if (!isSubscriptionError(error)) throw error;
      const news = [...error.failed].filter(([id]) => !ledger.hasFailed(id));
      return from(news).pipe(map(([workbinId, cause]) => ({ type: 'failed', scope, workbinId, error: cause })));
    }),
    tap(take),
    connect((events$) =>
      merge(
        events$,
        command === 'watch' && isTable
          ? counted(workbins, ids, events$).pipe(tap((counts) => view.items(counts)))
          : EMPTY,
      ).pipe(
        takeUntil(
          merge(
            left(leaving),
            stay === undefined ? NEVER : timer(stay),
            idle === undefined
              ? NEVER
              : merge(events$, client.connection$).pipe(debounce(() => (isAtRest() ? timer(idle) : NEVER))),
          ),
        ),
      ),
    ),
    ignoreElements(),
    finalize(() => {
      bar.stop();
      view.close();
    }),
  );
  const standing = client.connection$
    .pipe(
      tap((state) => {
        connection = state;
        view.connection(state);
      }),
    )
    .subscribe();
  try {
    bar.update(ledger);
    await lastValueFrom(work$, { defaultValue: undefined });
  } finally {
    if (command === 'subscribe' && isToTidy()) {
      // What `watch` does by itself on teardown.
      const unsubscribing$ = workbins.unsubscribe(ids, { timeout: tidyingLimit }).pipe(ignoreElements());
      await lastValueFrom(unsubscribing$.pipe(catchError(() => EMPTY)), { defaultValue: undefined });
    }
    await client.close();
    standing.unsubscribe();
  }
  const { text, status } = accountOf(ledger, leaving.signal.aborted);
  process.stderr.write(text);
  return status;
};

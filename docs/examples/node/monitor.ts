// A script that runs alone for weeks: how many items lie in each workbin, one line of JSON each time that changes.
//   GWS_URL=https://gws.example.com GWS_USERNAME=… GWS_PASSWORD=… node monitor.js
import {
  collectItems,
  createWorkbinClient,
  isApiError,
  isConnectionError,
  isHttpError,
  isSubscriptionError,
} from 'rx-workbins';
import {
  type MonoTypeOperatorFunction,
  defer,
  finalize,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  retry,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';

const {
  GWS_URL = 'http://localhost:8080',
  GWS_USERNAME: username = '',
  GWS_PASSWORD: password = '',
} = process.env;

const client = createWorkbinClient({
  baseUrl: GWS_URL,
  auth: { username, password },
  // Nobody else logs this user in: a script that runs alone does it itself, and logs out with `close()`.
  contactCenterSession: { channels: ['chat', 'email', 'workitem'] },
  logger: (level, message, details) =>
    level !== 'debug' && console.error(level, message, details ?? ''),
});
const say = (line: object): void =>
  console.log(JSON.stringify({ at: new Date().toISOString(), ...line }));

/** Ends the script in good order: SIGINT from a terminal, SIGTERM from systemd or Kubernetes. */
const stop$ = merge(
  fromEvent(process, 'SIGINT'),
  fromEvent(process, 'SIGTERM'),
).pipe(take(1));

/** Whether Web Services has refused the credentials or the session: asking again would only lock the account. */
const isRefused = (error: unknown): boolean =>
  isSubscriptionError(error)
    ? [...error.failed.values()].some(isRefused)
    : isConnectionError(error) &&
      (isApiError(error.cause) || isHttpError(error.cause));

/** Tells what failed, and tries again after a minute, for as long as it takes; gives up on a refusal alone. */
const persist = <T>(what: string): MonoTypeOperatorFunction<T> =>
  retry({
    delay: (error: unknown) => {
      if (isRefused(error)) return throwError(() => error);
      say({ workbin: what, failed: String(error) });
      return timer(60_000);
    },
  });

const counts$ = defer(() => client.list()).pipe(
  persist('the list'),
  mergeMap((workbins) => from(workbins)),
  mergeMap(({ id, name = id }) =>
    // Each has its own `persist`: one that fails leaves the others alone. Together they are one request all the same.
    client.watch(id).pipe(
      collectItems({ from: client }),
      map((items) => ({ workbin: name, items: items.size })),
      persist(name),
    ),
  ),
);
const states$ = client.connection$.pipe(map((connection) => ({ connection })));

merge(states$, counts$)
  .pipe(
    takeUntil(stop$),
    finalize(() => void client.close()),
  )
  .subscribe({
    next: say,
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
  });

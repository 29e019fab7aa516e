// A script that runs alone for weeks: how many items lie in each workbin, one line of JSON each time that changes.
//   GWS_URL=https://gws.example.com GWS_USERNAME=… GWS_PASSWORD=… node monitor.js
import { collectItems, createWorkbinClient } from 'rx-workbins';
import {
  defer,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  retry,
  take,
  takeUntil,
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

const counts$ = defer(() => client.list()).pipe(
  mergeMap((workbins) => from(workbins)),
  mergeMap(({ id, name }) =>
    client.watch(id).pipe(
      collectItems({ from: client }),
      map((items) => ({ workbin: name ?? id, items: items.size })),
    ),
  ),
);
const states$ = client.connection$.pipe(map((connection) => ({ connection })));

merge(states$, counts$.pipe(retry({ delay: 60_000 })))
  .pipe(takeUntil(stop$))
  .subscribe({
    next: say,
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => void client.close(),
  });

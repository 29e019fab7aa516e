// Ids in, NDJSON out: one id a line on standard input, one event a line on standard output, for any program to read.
//   GWS_URL=… GWS_USERNAME=… GWS_PASSWORD=… node ndjson.js < ids.txt | your-broker-cli publish workbins
import { createInterface } from 'node:readline/promises';
import {
  type WatchEvent,
  createWorkbinClient,
  isSubscriptionError,
} from 'rx-workbins';
import {
  catchError,
  EMPTY,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  take,
  takeUntil,
  toArray,
} from 'rxjs';

const {
  GWS_URL = 'http://localhost:8080',
  GWS_USERNAME: username = '',
  GWS_PASSWORD: password = '',
} = process.env;
const client = createWorkbinClient({
  baseUrl: GWS_URL,
  auth: { username, password },
});

/** What another program needs of an event; nothing in it is a secret. */
const rowOf = (event: WatchEvent): object => {
  const { type, scope } = event;
  switch (event.type) {
    case 'accepted':
      return {
        type,
        scope,
        referenceIds: Object.fromEntries(event.referenceIds),
      };
    case 'state':
      return { type, scope, workbinId: event.workbinId, state: event.state };
    case 'item':
      return {
        type,
        scope,
        workbinId: event.workbinId,
        action: event.action,
        interactionId: event.interaction?.id,
      };
    case 'gap':
      return {
        type,
        scope,
        workbinIds: event.workbinIds,
        from: event.from,
        to: event.to,
      };
    case 'failed':
      return {
        type,
        scope,
        workbinId: event.workbinId,
        code: event.error.code,
      };
  }
};

const ids$ = from(createInterface({ input: process.stdin })).pipe(
  map((line) => line.trim()),
  mergeMap((id) => (id === '' ? EMPTY : [id])),
  toArray(),
);
const stop$ = merge(
  fromEvent(process, 'SIGINT'),
  fromEvent(process, 'SIGTERM'),
).pipe(take(1));

ids$
  .pipe(
    mergeMap((ids) => client.watch(ids)),
    map(rowOf),
    catchError((error: unknown) => {
      if (!isSubscriptionError(error)) throw error;
      process.exitCode = 1;
      return [...error.failed].map(([workbinId, { code }]) => ({
        type: 'failed',
        workbinId,
        code,
      }));
    }),
    takeUntil(stop$),
  )
  .subscribe({
    next: (row) => console.log(JSON.stringify(row)),
    complete: () => void client.close(),
  });

import {
  type SubscriptionEvent,
  type Workbins,
  createWorkbinClient,
  isRequestFailedError,
  isSubscriptionError,
} from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import {
  type Observable,
  catchError,
  concat,
  defer,
  throwError,
  timer,
  switchMap,
} from 'rxjs';

/**
 * Subscribes, and asks again for the workbins of which CometD said `RequestFailed`, and for no others.
 *
 * What is worth a retry on the wire (a lost connection, 503, an expired token) has been retried by then.
 */
export const subscribeStubbornly = (
  workbins: Workbins,
  ids: readonly string[],
  { attempts = 5, delay = 1000 } = {},
): Observable<SubscriptionEvent> =>
  workbins.subscribe(ids).pipe(
    catchError((error: unknown) => {
      if (!isSubscriptionError(error) || attempts <= 1)
        return throwError(() => error);
      const again = [...error.failed].flatMap(([id, cause]) =>
        isRequestFailedError(cause) ? [id] : [],
      );
      if (again.length === 0) return throwError(() => error);
      const retry$ = defer(() =>
        subscribeStubbornly(workbins, again, {
          attempts: attempts - 1,
          delay: delay * 2,
        }),
      );
      const hopeless = error.failed.size > again.length;
      const later$ = timer(delay).pipe(switchMap(() => retry$));
      return hopeless
        ? concat(
            later$,
            throwError(() => error),
          )
        : later$;
    }),
  );

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

const ids = [
  'aee812a5-7396-4dd9-b180-230f1c1fb085',
  'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4',
];
sandbox.fault(
  { operation: 'Subscribe', times: 2 },
  { kind: 'request-failed', workbinIds: ids.slice(1) },
);
await subscribeStubbornly(client, ids, { delay: 20 }).forEach((event) =>
  console.log(
    event.type,
    event.type === 'state'
      ? `${event.workbinId.slice(0, 8)} ${event.state}`
      : event.workbinIds.length,
  ),
);

/* prints
accepted 2
state aee812a5 Subscribed
state a91ee1c2 RequestFailed
accepted 1
state a91ee1c2 RequestFailed
accepted 1
state a91ee1c2 Subscribed
*/

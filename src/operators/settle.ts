import { type OperatorFunction, EMPTY, catchError, concat, defer, ignoreElements, of, tap, throwError } from 'rxjs';
import type { StateChanged, SubscriptionEvent } from '../core/events.js';
import { SubscriptionError, type WorkbinError } from '../errors.js';

/**
 * How a subscription came out, workbin by workbin.
 *
 * @category operators
 */
export interface Settlement {
  /** What confirmed each workbin that made it, by id. */
  readonly subscribed: ReadonlyMap<string, StateChanged>;
  /** Why each of the others did not, by id. */
  readonly failed: ReadonlyMap<string, WorkbinError>;
}

/**
 * Turns a subscription's events into one {@link Settlement}, and completes: no error for what failed workbin by workbin.
 *
 * @example
 * ```ts
 * import { createWorkbinClient, settle } from 'rx-workbins';
 *
 * const client = createWorkbinClient({ baseUrl: 'https://gws.example.com' });
 * const settlement$ = client.subscribe(['aee812a5', 'a91ee1c2']).pipe(settle());
 * settlement$.subscribe(({ subscribed }) => console.log(subscribed.size)); // 2
 * ```
 *
 * Any error but a {@link SubscriptionError} goes through.
 *
 * @category operators
 */
export const settle = (): OperatorFunction<SubscriptionEvent, Settlement> => (source$) =>
  defer(() => {
    const subscribed = new Map<string, StateChanged>();
    let failed: ReadonlyMap<string, WorkbinError> = new Map();
    const events$ = source$.pipe(
      tap((event) => {
        if (event.type === 'state' && event.state !== 'RequestFailed') subscribed.set(event.workbinId, event);
      }),
      ignoreElements(),
      catchError((error: unknown) => {
        if (!(error instanceof SubscriptionError)) return throwError(() => error);
        failed = error.failed;
        // Of several users one may have failed: the account has no workbin in both.
        for (const id of failed.keys()) subscribed.delete(id);
        return EMPTY;
      }),
    );
    return concat(
      events$,
      defer(() => of({ subscribed, failed })),
    );
  });

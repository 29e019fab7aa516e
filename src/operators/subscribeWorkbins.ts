import type { Observable, OperatorFunction } from 'rxjs';
import type { SubscriptionEvent } from '../core/events.js';
import { joint } from '../core/joint.js';

/** What can subscribe: a client, or one of its scopes. */
interface CanSubscribe {
  subscribe(ids: string | readonly string[]): Observable<SubscriptionEvent>;
}

/**
 * Turns a stream of workbin ids, or of arrays of them, into the merged events of subscribing to each.
 *
 * Ids that come in one turn of the event loop share a request. Completes when the source has, and each workbin is
 * settled; unsubscribing ends what is pending.
 *
 * @example
 * ```ts
 * import { createWorkbinClient, subscribeWorkbins } from 'rx-workbins';
 * import { from } from 'rxjs';
 *
 * const client = createWorkbinClient({ baseUrl: 'https://gws.example.com' });
 * const events$ = from(['aee812a5', 'a91ee1c2']).pipe(subscribeWorkbins(client.any));
 * events$.subscribe(({ type }) => console.log(type)); // accepted, accepted, state, state
 * ```
 *
 * @param workbins - a client or one of its scopes
 * @throws {@link SubscriptionError} through the error channel, at the end, with one account of all that failed
 * @see {@link subscribeForUsers}
 * @category operators
 */
export const subscribeWorkbins = (
  workbins: CanSubscribe,
): OperatorFunction<string | readonly string[], SubscriptionEvent> => joint((ids) => workbins.subscribe(ids));

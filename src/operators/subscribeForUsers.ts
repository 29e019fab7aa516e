import type { Observable, OperatorFunction } from 'rxjs';
import type { SubscriptionEvent } from '../core/events.js';
import { joint } from '../core/joint.js';

/** What knows the workbins of other users: a client. */
interface ForUsers {
  forUser(userId: string): { subscribe(ids: string | readonly string[]): Observable<SubscriptionEvent> };
}

/**
 * Turns a stream of user ids into the merged events of subscribing to the same workbins for each user; an event's
 * `scope` says whose it is.
 *
 * `POST /api/v2/users/{userId}/workbins…`. Completes when the source has, and each workbin of each user is settled.
 *
 * @example
 * ```ts
 * import { createWorkbinClient, subscribeForUsers } from 'rx-workbins';
 * import { from } from 'rxjs';
 *
 * const client = createWorkbinClient({ baseUrl: 'https://gws.example.com' });
 * const events$ = from(['e6f2ad1b', '05a5d28e']).pipe(subscribeForUsers(client, ['aee812a5']));
 * events$.subscribe(({ type, scope }) => console.log(type, scope));
 * ```
 *
 * @param client - the client
 * @param ids - the workbins, one or several
 * @throws {@link SubscriptionError} through the error channel, at the end, with one account of all that failed; an id that
 * failed for several users has the first one's cause
 * @see {@link subscribeWorkbins}
 * @category operators
 */
export const subscribeForUsers = (
  client: ForUsers,
  ids: string | readonly string[],
): OperatorFunction<string, SubscriptionEvent> => joint((userId) => client.forUser(userId).subscribe(ids));

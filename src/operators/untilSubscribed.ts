import {
  type MonoTypeOperatorFunction,
  EMPTY,
  concat,
  concatMap,
  defer,
  endWith,
  of,
  takeWhile,
  throwError,
} from 'rxjs';
import { belongsTo } from '../core/match.js';
import { ClosedError, RequestFailedError, SubscriptionError, type WorkbinError } from '../errors.js';
import { type WorkbinNotification, isStateMessage } from '../protocol/notification.js';
import type { WorkbinScope } from '../scope.js';

/**
 * How {@link untilSubscribed} tells its workbins from others with the same id.
 *
 * @category operators
 */
export interface UntilSubscribedOptions {
  /** Whose workbins; default whoever's. */
  readonly scope?: WorkbinScope;
  /** The session's own user, for scope `me`. */
  readonly ownUserId?: string;
}

/**
 * Passes on all notifications, and completes with the one that makes each id have reported `Subscribed`.
 *
 * No id completes at once. One that reports `RequestFailed` is an error once the others have settled; so is a source
 * that completes before.
 *
 * @example
 * ```ts
 * import { untilSubscribed, type WorkbinNotification } from 'rx-workbins';
 * import { of } from 'rxjs';
 *
 * const subscribed = (id: string): WorkbinNotification => ({
 *   messageType: 'WorkbinSubscriptionStateChangeMessage', id, stateResource: 'Subscribed',
 * });
 * of(subscribed('b'), subscribed('a'), subscribed('c'))
 *   .pipe(untilSubscribed(['a', 'b']))
 *   .subscribe(({ id }) => console.log(id)); // b, a
 * ```
 *
 * @throws {@link SubscriptionError} through the error channel once all are settled, if one of them failed
 * @category operators
 */
export const untilSubscribed =
  <T extends WorkbinNotification>(
    ids: string | readonly string[],
    options: UntilSubscribedOptions = {},
  ): MonoTypeOperatorFunction<T> =>
  (source$) =>
    defer(() => {
      const pending = new Set(typeof ids === 'string' ? [ids] : ids);
      const subscribed: string[] = [];
      const failed = new Map<string, WorkbinError>();
      if (pending.size === 0) return EMPTY;

      const take = (message: WorkbinNotification): void => {
        if (!isStateMessage(message) || message.stateResource === 'Unsubscribed') return;
        if (options.scope !== undefined && !belongsTo(options.scope, message, options.ownUserId)) return;
        if (!pending.delete(message.id)) return;
        if (message.stateResource === 'Subscribed') subscribed.push(message.id);
        else failed.set(message.id, new RequestFailedError('CometD said RequestFailed: try again later', message));
      };
      const end$ = defer(() => {
        for (const id of pending) failed.set(id, new ClosedError('the notifications ended first'));
        return failed.size === 0 ? EMPTY : throwError(() => new SubscriptionError(subscribed, failed));
      });
      const taken$ = source$.pipe(
        concatMap((message) => {
          take(message);
          return pending.size === 0 ? of(message, undefined) : of(message);
        }),
        endWith(undefined),
        takeWhile((message): message is T => message !== undefined),
      );
      return concat(taken$, end$);
    });

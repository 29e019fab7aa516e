import { type Observable, EMPTY, catchError, concatMap, defer, endWith, filter, map, merge, of, takeWhile } from 'rxjs';
import {
  ClosedError,
  ConnectionError,
  NetworkError,
  RequestFailedError,
  SubscriptionError,
  type WorkbinError,
  isWorkbinError,
} from '../errors.js';
import {
  type WorkbinNotification,
  type WorkbinSubscriptionStateChangeMessage,
  isStateMessage,
} from '../protocol/notification.js';
import { apiError } from '../protocol/reply.js';
import type { WorkbinOperation } from '../protocol/request.js';
import type { WorkbinScope } from '../scope.js';
import { account } from './account.js';
import { type Accepted, type FailedEvent, type SubscriptionEvent, stateChanged } from './events.js';
import { belongsTo } from './match.js';

/**
 * What {@link mergeSubscription} merges for.
 *
 * @category subscribing
 */
export interface SubscriptionRequest {
  readonly scope: WorkbinScope;
  readonly workbinIds: readonly string[];
  readonly operation: WorkbinOperation;
  /** The session's own user, to tell `me` from others in a message that names its owner. */
  readonly ownUserId?: string | undefined;
}

/** One workbin on its way: what has come for it so far. */
interface Pending {
  /** Once the reply has named it. */
  referenceId?: number;
  /** What came before the reply: which request it belongs to is only known then. */
  readonly early: WorkbinSubscriptionStateChangeMessage[];
}

type Settling = SubscriptionEvent | FailedEvent;

/**
 * Subscribing, step by step, with `failed` as an event: completes once each workbin is settled.
 *
 * The reply (`accepted`) comes first, whatever arrives first: a message for a workbin waits until the reply has named
 * it, and follows at once. Then a message settles the workbin if it is exactly its own: by reference id where it has
 * one, else by workbin id and owner. All else is somebody else's, or late, or doubled, and passes by.
 */
export const followSubscription = (
  accepted$: Observable<Accepted>,
  notifications$: Observable<WorkbinNotification>,
  request: SubscriptionRequest,
): Observable<Settling> =>
  defer(() => {
    const { scope, operation, ownUserId } = request;
    const goal = `${operation}d`;
    const pending = new Map<string, Pending>(request.workbinIds.map((id) => [id, { early: [] }]));
    let ended: WorkbinError | undefined;
    if (pending.size === 0) return EMPTY;

    const fail = (workbinId: string, error: WorkbinError): Settling[] => {
      pending.delete(workbinId);
      return [{ type: 'failed', scope, workbinId, error }];
    };

    const settle = (message: WorkbinSubscriptionStateChangeMessage, referenceId: number): Settling[] => {
      const isOwn =
        message.referenceId === undefined ? belongsTo(scope, message, ownUserId) : message.referenceId === referenceId;
      const hasFailed = message.stateResource === 'RequestFailed';
      if (!isOwn || !(hasFailed || message.stateResource === goal)) return [];
      const event = stateChanged(scope, message);
      if (hasFailed) {
        return [
          event,
          ...fail(message.id, new RequestFailedError('CometD said RequestFailed: try again later', message)),
        ];
      }
      pending.delete(message.id);
      return [event];
    };

    const onMessage = (message: WorkbinSubscriptionStateChangeMessage): Settling[] => {
      const workbin = pending.get(message.id);
      if (workbin === undefined) return [];
      if (workbin.referenceId !== undefined) return settle(message, workbin.referenceId);
      workbin.early.push(message);
      return [];
    };

    const onAccepted = (accepted: Accepted): Settling[] => {
      const events: Settling[] = [accepted];
      for (const id of accepted.workbinIds) {
        const workbin = pending.get(id);
        if (workbin === undefined) continue;
        const referenceId = accepted.referenceIds.get(id);
        if (referenceId === undefined) {
          events.push(
            ...fail(
              id,
              apiError(
                { status: 200 },
                accepted.response,
                'left out of the reply (no such workbin, or no right to it)',
              ),
            ),
          );
          continue;
        }
        workbin.referenceId = referenceId;
        for (const message of workbin.early) if (pending.has(id)) events.push(...settle(message, referenceId));
        if (ended !== undefined && pending.has(id)) events.push(...fail(id, ended));
      }
      return events;
    };

    /** No more replies: what none of them named has failed, each with its own cause where there is one. */
    const onReplied = (error: unknown): Settling[] =>
      Array.from(pending).flatMap(([id, { referenceId }]) => {
        const own = error instanceof SubscriptionError ? error.failed.get(id) : undefined;
        if (own === undefined && referenceId !== undefined) return [];
        return fail(id, own ?? (isWorkbinError(error) ? error : new NetworkError('no reply named the workbin', error)));
      });

    /** No more messages: what still waits for one has failed. */
    const onEnded = (error: WorkbinError): Settling[] => {
      ended = error;
      return Array.from(pending).flatMap(([id, { referenceId }]) => (referenceId === undefined ? [] : fail(id, error)));
    };

    return merge(
      // First, so that nothing is missed.
      notifications$.pipe(
        filter(isStateMessage),
        map((message) => () => onMessage(message)),
        endWith(() => onEnded(new ClosedError('the notifications ended first'))),
        catchError((error: unknown) =>
          of(() => onEnded(isWorkbinError(error) ? error : new ConnectionError('the notifications failed', error))),
        ),
      ),
      accepted$.pipe(
        map((accepted) => () => onAccepted(accepted)),
        endWith(() => onReplied(undefined)),
        catchError((error: unknown) => of(() => onReplied(error))),
      ),
    ).pipe(
      concatMap((step) => {
        const events: (Settling | undefined)[] = step();
        return pending.size === 0 ? [...events, undefined] : events;
      }),
      takeWhile((event): event is Settling => event !== undefined),
    );
  });

/**
 * Merges the HTTP reply with the CometD stream: `accepted` first, then a `state` for each workbin; completes once each
 * requested workbin reports that the operation is done.
 *
 * The pure heart of the library: no transport, session or clock of its own. Subscribes to the notifications, then to
 * the replies; unsubscribing leaves both. A message with a `referenceId` settles only the request that has it; without
 * one it is matched by workbin id and owner.
 *
 * @example
 * ```ts
 * import { mergeSubscription, type Accepted } from 'rx-workbins';
 * import { Subject, of } from 'rxjs';
 *
 * const accepted: Accepted = {
 *   type: 'accepted',
 *   scope: { kind: 'me' },
 *   workbinIds: ['a'],
 *   referenceIds: new Map([['a', 14]]),
 *   response: { statusCode: 0, referenceId: 14 },
 * };
 * const notifications$ = new Subject<never>();
 * mergeSubscription(of(accepted), notifications$, { scope: { kind: 'me' }, workbinIds: ['a'], operation: 'Subscribe' })
 *   .subscribe((event) => console.log(event.type)); // accepted
 * ```
 *
 * @param accepted$ - the replies, one for each POST; its error is the cause for each id that no reply named
 * @param notifications$ - the decoded messages of the topic
 * @param request - whose workbins, which ones, and which operation
 * @throws {@link SubscriptionError} through the error channel once all are settled, if one of them failed
 * @category subscribing
 */
export const mergeSubscription = (
  accepted$: Observable<Accepted>,
  notifications$: Observable<WorkbinNotification>,
  request: SubscriptionRequest,
): Observable<SubscriptionEvent> =>
  followSubscription(accepted$, notifications$, request).pipe(account(request.operation));

import { type Observable, EMPTY, catchError, concatMap, defer, endWith, filter, map, merge, of, takeWhile } from 'rxjs';
import {
  ClosedError,
  ConnectionError,
  NetworkError,
  RequestFailedError,
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

type Settling = SubscriptionEvent | FailedEvent;

/**
 * Subscribing, step by step, with `failed` as an event: completes once each workbin is settled.
 *
 * The reply (`accepted`) comes first, whatever arrives first: a message for a workbin waits until the reply has named
 * it, and follows at once. Then a message settles the workbin if it is exactly its own: by reference id where it has
 * one, else by workbin id and owner. All else is somebody else's, or late, or doubled, and passes by.
 */
export const followSubscription = (
  accepted$: Observable<Accepted | FailedEvent>,
  notifications$: Observable<WorkbinNotification>,
  request: SubscriptionRequest,
): Observable<Settling> =>
  defer(() => {
    const { scope, operation, ownUserId } = request;
    const goal = `${operation}d`;
    /** Their reference ids, once a reply has named them. */
    const pending = new Map<string, number | undefined>(request.workbinIds.map((id) => [id, undefined]));
    /** What came before the reply: which request it belongs to is only known then. */
    let early: WorkbinSubscriptionStateChangeMessage[] = [];
    let ended: WorkbinError | undefined;
    if (pending.size === 0) return EMPTY;

    const fail = (workbinId: string, error: WorkbinError): Settling[] =>
      pending.delete(workbinId) ? [{ type: 'failed', scope, workbinId, error }] : [];

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
      const referenceId = pending.get(message.id);
      if (referenceId !== undefined) return settle(message, referenceId);
      if (pending.has(message.id)) early.push(message);
      return [];
    };

    const onAccepted = (accepted: Accepted): Settling[] => {
      const events: Settling[] = [accepted];
      const ids = accepted.workbinIds.filter((id) => pending.has(id));
      for (const id of ids) {
        const referenceId = accepted.referenceIds.get(id);
        if (referenceId !== undefined) {
          pending.set(id, referenceId);
          continue;
        }
        const what = 'left out of the reply (no such workbin, or no right to it)';
        events.push(...fail(id, apiError({ status: 200 }, accepted.response, what)));
      }
      const messages = early;
      early = [];
      for (const message of messages) events.push(...onMessage(message));
      if (ended !== undefined) for (const id of ids) events.push(...fail(id, ended));
      return events;
    };

    const onReply = (reply: Accepted | FailedEvent): Settling[] =>
      reply.type === 'accepted' ? onAccepted(reply) : fail(reply.workbinId, reply.error);

    const failWhere = (isNamed: boolean, error: WorkbinError): Settling[] =>
      Array.from(pending).flatMap(([id, referenceId]) =>
        (referenceId !== undefined) === isNamed ? fail(id, error) : [],
      );

    /** No more replies: what none of them named has failed. */
    const onReplied = (error: unknown): Settling[] =>
      failWhere(false, isWorkbinError(error) ? error : new NetworkError('no reply named the workbin', error));

    /** No more messages: what still waits for one has failed. */
    const onEnded = (error: WorkbinError): Settling[] => {
      ended = error;
      return failWhere(true, error);
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
        map((reply) => () => onReply(reply)),
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
 * @param accepted$ - the replies, one for each POST, and `failed` for what was refused by itself; its error is the cause
 * for each id that none of these named
 * @param notifications$ - the decoded messages of the topic
 * @param request - whose workbins, which ones, and which operation
 * @throws {@link SubscriptionError} through the error channel once all are settled, if one of them failed
 * @category subscribing
 */
export const mergeSubscription = (
  accepted$: Observable<Accepted | FailedEvent>,
  notifications$: Observable<WorkbinNotification>,
  request: SubscriptionRequest,
): Observable<SubscriptionEvent> =>
  followSubscription(accepted$, notifications$, request).pipe(account(request.operation));

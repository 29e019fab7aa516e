import type { ExecutionContext } from 'ava';
import { type Observable, type OperatorFunction, catchError, throwError } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import type { Accepted, FailedEvent, GapEvent, ItemEvent, StateChanged } from '../../src/core/events.js';
import { SubscriptionError, isWorkbinError } from '../../src/errors.js';
import type {
  WorkbinStateChangeMessage,
  WorkbinSubscriptionStateChangeMessage,
} from '../../src/protocol/notification.js';
import type { WorkbinScope } from '../../src/scope.js';

export const me: WorkbinScope = { kind: 'me' };
export const anyone: WorkbinScope = { kind: 'any' };
export const ann: WorkbinScope = { kind: 'user', userId: 'ann' };
export const bob: WorkbinScope = { kind: 'user', userId: 'bob' };

/** Ids that break what is careless: prototype names, Base64, URL syntax, more than ASCII. */
export const oddIds: readonly string[] = [
  '__proto__',
  'constructor',
  'VHdpdHRlciBXb3JrYmluIEluUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=',
  'a/b+c==',
  'ünï cöde?&#%',
];

/** Runs marbles in virtual time; a difference fails the test. */
export const marbles = (t: ExecutionContext, run: (helpers: RunHelpers) => void): void => {
  new TestScheduler((actual, expected) => {
    t.deepEqual(actual, expected);
  }).run(run);
};

/** An error as far as tests compare it. */
export type Told = string | { readonly subscribed: readonly string[]; readonly failed: readonly string[] };

/** The code of an error; of a {@link SubscriptionError} its account, one `id: code` for each that failed. */
export const told = (error: unknown): Told =>
  error instanceof SubscriptionError
    ? { subscribed: error.subscribed, failed: [...error.failed].map(([id, { code }]) => `${id}: ${code}`) }
    : isWorkbinError(error)
      ? error.code
      : String(error);

/** Turns an error into what {@link told} says of it, which marbles compare without stacks and messages. */
export const telling =
  <T>(): OperatorFunction<T, T> =>
  (source$: Observable<T>) =>
    // Nobody but a marble gets it.
    // eslint-disable-next-line rxjs-x/throw-error
    source$.pipe(catchError((error: unknown) => throwError(() => told(error))));

type Rest<T> = Partial<Omit<T, 'messageType' | 'type' | 'id'>>;

/** A subscription's message, by default `Subscribed`, and nothing in it that the samples leave out. */
export const state = (
  id: string,
  stateResource: StateChanged['state'] = 'Subscribed',
  rest: Rest<WorkbinSubscriptionStateChangeMessage> = {},
): WorkbinSubscriptionStateChangeMessage => ({
  messageType: 'WorkbinSubscriptionStateChangeMessage',
  id,
  stateResource,
  ...rest,
});

/** The message of a chat that came or went. */
export const chat = (
  id: string,
  interactionId: string,
  action = 'ItemAdded',
  rest: Readonly<Record<string, unknown>> = {},
): WorkbinStateChangeMessage => ({
  messageType: 'WorkbinStateChangeMessage',
  id,
  action,
  chatStateResourceV2: { id: interactionId },
  ...rest,
});

/** The event of a message, as DESIGN says it. */
export const stateEvent = (message: WorkbinSubscriptionStateChangeMessage, scope: WorkbinScope = me): StateChanged => ({
  type: 'state',
  scope,
  workbinId: message.id,
  state: message.stateResource,
  ...(message.referenceId === undefined ? {} : { referenceId: message.referenceId }),
  ...(message.workbinUserId === undefined ? {} : { workbinUserId: message.workbinUserId }),
  message,
});

/** The event of a chat that came or went. */
export const chatEvent = (
  workbinId: string,
  interactionId: string,
  action = 'ItemAdded',
  scope: WorkbinScope = me,
): ItemEvent => ({
  type: 'item',
  scope,
  workbinId,
  action,
  medium: 'chat',
  interaction: { id: interactionId },
  message: chat(workbinId, interactionId, action),
});

/** The reply to one POST: a reference id for each of the ids that have one. */
export const accepted = (
  ids: readonly string[],
  referenceIds: readonly (number | undefined)[],
  options: { readonly scope?: WorkbinScope; readonly statusCode?: number } = {},
): Accepted => {
  const { scope = me, statusCode = referenceIds.includes(undefined) ? 7 : 0 } = options;
  const named = ids.flatMap((id, at): [string, number][] => {
    const referenceId = referenceIds[at];
    return referenceId === undefined ? [] : [[id, referenceId]];
  });
  return {
    type: 'accepted',
    scope,
    workbinIds: ids,
    referenceIds: new Map(named),
    response: { statusCode, referenceIds: Object.fromEntries(named) },
  };
};

export const gap = (...workbinIds: string[]): GapEvent => ({
  type: 'gap',
  scope: me,
  workbinIds,
  from: 1,
  to: 2,
  reason: 'the session was lost',
});

export const failed = (workbinId: string, error: FailedEvent['error']): FailedEvent => ({
  type: 'failed',
  scope: me,
  workbinId,
  error,
});

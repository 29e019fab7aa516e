import type { Either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { fields, isObject, leaf } from './decode.js';

/**
 * CometD's word on a subscription: whether Web Services now observes the workbin for this session.
 *
 * Topic `/v2/me/workbins`.
 *
 * @category notifications
 */
export interface WorkbinSubscriptionStateChangeMessage {
  readonly messageType: 'WorkbinSubscriptionStateChangeMessage';
  /** The workbin. */
  readonly id: string;
  readonly stateResource: 'Subscribed' | 'Unsubscribed' | 'RequestFailed';
  /** The request that caused it, where the server says. */
  readonly referenceId?: number;
  /** The user who owns the workbin, where the server says. */
  readonly workbinUserId?: string;
  readonly agentGroup?: string;
  readonly placeGroup?: string;
}

/**
 * A change of what is in a workbin. One resource, named after its medium (`chatStateResourceV2`,
 * `emailStateResourceV2`, …), holds the interaction.
 *
 * Topic `/v2/me/workbins`.
 *
 * @category notifications
 */
export interface WorkbinStateChangeMessage {
  readonly messageType: 'WorkbinStateChangeMessage';
  /** The workbin. */
  readonly id: string;
  /** `ItemAdded`, `ItemRemoved`; others may exist. */
  readonly action: string;
  readonly referenceId?: number;
  readonly workbinUserId?: string;
  readonly agentGroup?: string;
  readonly placeGroup?: string;
  readonly [resource: string]: unknown;
}

/**
 * A decoded message of the topic `/v2/me/workbins`.
 *
 * @category notifications
 */
export type WorkbinNotification = WorkbinSubscriptionStateChangeMessage | WorkbinStateChangeMessage;

const owners = {
  referenceId: t.number,
  workbinUserId: t.string,
  agentGroup: t.string,
  placeGroup: t.string,
};
const oneOf = <T extends string>(...all: readonly T[]): t.Type<T, unknown> =>
  leaf(all.join(' | '), (value): value is T => all.some((each) => each === value));
// `@__PURE__`: who imports an operator and no codec gets none.
const stateMessage = /* @__PURE__ */ oneOf('WorkbinSubscriptionStateChangeMessage');

/** The codec of {@link WorkbinSubscriptionStateChangeMessage}. @category notifications */
export const WorkbinSubscriptionStateChangeMessage: t.Type<WorkbinSubscriptionStateChangeMessage, unknown> =
  /* @__PURE__ */ fields(
    {
      messageType: stateMessage,
      id: t.string,
      stateResource: /* @__PURE__ */ oneOf('Subscribed', 'Unsubscribed', 'RequestFailed'),
    },
    owners,
  );

/** The codec of {@link WorkbinStateChangeMessage}. @category notifications */
export const WorkbinStateChangeMessage: t.Type<WorkbinStateChangeMessage, unknown> = /* @__PURE__ */ fields(
  { messageType: /* @__PURE__ */ oneOf('WorkbinStateChangeMessage'), id: t.string, action: t.string },
  owners,
);

const isOptionalString = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** What the codecs say, said by hand: the path of every notification (a property test proves the two equal). */
const isNotification = (value: unknown): value is WorkbinNotification => {
  if (typeof value !== 'object' || value === null) return false;
  // Only compared below, never believed: the cast gives the fields names.
  const message = value as Readonly<Record<string, unknown>>;
  return (
    typeof message.id === 'string' &&
    (message.messageType === 'WorkbinStateChangeMessage'
      ? typeof message.action === 'string'
      : message.messageType === 'WorkbinSubscriptionStateChangeMessage' &&
        (message.stateResource === 'Subscribed' ||
          message.stateResource === 'Unsubscribed' ||
          message.stateResource === 'RequestFailed')) &&
    (message.referenceId === undefined || typeof message.referenceId === 'number') &&
    isOptionalString(message.workbinUserId) &&
    isOptionalString(message.agentGroup) &&
    isOptionalString(message.placeGroup)
  );
};

/**
 * The codec of {@link WorkbinNotification}.
 *
 * Never throws; leaves alone what it does not know.
 *
 * @category notifications
 */
export const WorkbinNotification: t.Type<WorkbinNotification, unknown> = /* @__PURE__ */ new t.Type(
  'WorkbinNotification',
  isNotification,
  (value, context): Either<t.Errors, WorkbinNotification> =>
    isNotification(value)
      ? t.success(value)
      : (isObject(value) && stateMessage.is(value.messageType)
          ? WorkbinSubscriptionStateChangeMessage
          : WorkbinStateChangeMessage
        ).validate(value, context),
  t.identity,
);

const withoutNulls = (value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null)) : value;

/** What came on the topic, if it is a notification; a server may write null for what it leaves out. */
export const notificationOf = (data: unknown): WorkbinNotification | undefined => {
  if (isNotification(data)) return data;
  const value = withoutNulls(data);
  return isNotification(value) ? value : undefined;
};

export const isStateMessage = (message: WorkbinNotification): message is WorkbinSubscriptionStateChangeMessage =>
  message.messageType === 'WorkbinSubscriptionStateChangeMessage';

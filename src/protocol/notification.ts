import type { Either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

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
  readonly referenceId?: number | undefined;
  /** The user who owns the workbin, where the server says. */
  readonly workbinUserId?: string | undefined;
  readonly agentGroup?: string | undefined;
  readonly placeGroup?: string | undefined;
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
  readonly referenceId?: number | undefined;
  readonly workbinUserId?: string | undefined;
  readonly agentGroup?: string | undefined;
  readonly placeGroup?: string | undefined;
  readonly [resource: string]: unknown;
}

/**
 * A decoded message of the topic `/v2/me/workbins`.
 *
 * @category notifications
 */
export type WorkbinNotification = WorkbinSubscriptionStateChangeMessage | WorkbinStateChangeMessage;

const optionalString = t.union([t.string, t.undefined]);
const owners = {
  referenceId: t.union([t.number, t.undefined]),
  workbinUserId: optionalString,
  agentGroup: optionalString,
  placeGroup: optionalString,
};

/** The codec of {@link WorkbinSubscriptionStateChangeMessage}. @category notifications */
export const WorkbinSubscriptionStateChangeMessage: t.Type<WorkbinSubscriptionStateChangeMessage, unknown> =
  t.intersection([
    t.type({
      messageType: t.literal('WorkbinSubscriptionStateChangeMessage'),
      id: t.string,
      stateResource: t.keyof({ Subscribed: null, Unsubscribed: null, RequestFailed: null }),
    }),
    t.partial(owners),
  ]);

/** The codec of {@link WorkbinStateChangeMessage}. @category notifications */
export const WorkbinStateChangeMessage: t.Type<WorkbinStateChangeMessage, unknown> = t.intersection([
  t.type({ messageType: t.literal('WorkbinStateChangeMessage'), id: t.string, action: t.string }),
  t.partial(owners),
  t.UnknownRecord,
]);

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
export const WorkbinNotification: t.Type<WorkbinNotification, unknown> = new t.Type(
  'WorkbinNotification',
  isNotification,
  (value, context): Either<t.Errors, WorkbinNotification> => {
    if (isNotification(value)) return t.success(value);
    const isState =
      typeof value === 'object' &&
      value !== null &&
      'messageType' in value &&
      value.messageType === 'WorkbinSubscriptionStateChangeMessage';
    return isState
      ? WorkbinSubscriptionStateChangeMessage.validate(value, context)
      : WorkbinStateChangeMessage.validate(value, context);
  },
  t.identity,
);

export const isStateMessage = (message: WorkbinNotification): message is WorkbinSubscriptionStateChangeMessage =>
  message.messageType === 'WorkbinSubscriptionStateChangeMessage';

import type { WorkbinError } from '../errors.js';
import type { WorkbinStateChangeMessage, WorkbinSubscriptionStateChangeMessage } from '../protocol/notification.js';
import type { SubscribeResponse } from '../protocol/reply.js';
import type { WorkbinScope } from '../scope.js';

/**
 * The HTTP reply: Web Services has taken the request. One for each POST.
 *
 * @category events
 */
export interface Accepted {
  readonly type: 'accepted';
  readonly scope: WorkbinScope;
  /** The ids that were asked for in this POST: the caller's own, where callers share it. */
  readonly workbinIds: readonly string[];
  /** By workbin id. An id that is missing here was refused. */
  readonly referenceIds: ReadonlyMap<string, number>;
  /** The whole reply, as decoded. */
  readonly response: SubscribeResponse;
}

/**
 * CometD's word on one workbin. One for each workbin and change.
 *
 * @category events
 */
export interface StateChanged {
  readonly type: 'state';
  readonly scope: WorkbinScope;
  readonly workbinId: string;
  readonly state: 'Subscribed' | 'Unsubscribed' | 'RequestFailed';
  /** As in the message, where it says. */
  readonly referenceId?: number;
  /** As in the message, where it says. */
  readonly workbinUserId?: string;
  readonly message: WorkbinSubscriptionStateChangeMessage;
}

/**
 * What `subscribe` and `unsubscribe` emit: `accepted` first, then a `state` for each workbin.
 *
 * @category events
 */
export type SubscriptionEvent = Accepted | StateChanged;

/**
 * Something happened to what is in a workbin.
 *
 * @category events
 */
export interface ItemEvent {
  readonly type: 'item';
  readonly scope: WorkbinScope;
  readonly workbinId: string;
  readonly workbinUserId?: string;
  /** `ItemAdded`, `ItemRemoved`; others may exist. */
  readonly action: string;
  /** `chat`, `email`, …, from the name of the message's resource. */
  readonly medium?: string;
  readonly interaction?: Interaction;
  readonly message: WorkbinStateChangeMessage;
}

/**
 * What a workbin holds: at least its id.
 *
 * @category events
 */
export type Interaction = { readonly id: string } & Readonly<Record<string, unknown>>;

/**
 * An interaction, with the workbin that it lies in.
 *
 * @category reading
 */
export interface Item {
  readonly workbinId: string;
  /** `chat`, `email`, …. */
  readonly medium: string;
  readonly interaction: Interaction;
}

/**
 * Notifications may have been missed. Comes once the workbins are confirmed again.
 *
 * @category events
 */
export interface GapEvent {
  readonly type: 'gap';
  readonly scope: WorkbinScope;
  readonly workbinIds: readonly string[];
  /** ms since the epoch: the last sign that the session was well. */
  readonly from: number;
  /** ms since the epoch: the workbins were confirmed again. */
  readonly to: number;
  /** Why the session was lost, for people. */
  readonly reason: string;
}

/**
 * One of several watched workbins cannot be had; the others go on.
 *
 * @category events
 */
export interface FailedEvent {
  readonly type: 'failed';
  readonly scope: WorkbinScope;
  readonly workbinId: string;
  readonly error: WorkbinError;
}

/**
 * What `watch` emits.
 *
 * @category events
 */
export type WatchEvent = SubscriptionEvent | ItemEvent | GapEvent | FailedEvent;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The `state` event of a message. */
export const stateChanged = (scope: WorkbinScope, message: WorkbinSubscriptionStateChangeMessage): StateChanged => {
  const { id: workbinId, stateResource: state, referenceId, workbinUserId } = message;
  const event: Mutable<StateChanged> = { type: 'state', scope, workbinId, state, message };
  if (referenceId !== undefined) event.referenceId = referenceId;
  if (workbinUserId !== undefined) event.workbinUserId = workbinUserId;
  return event;
};

// The documented resources with their medium: only other names cost a regular expression.
const media = new Map(
  ['chat', 'email', 'facebook', 'tweet', 'workitem', 'openmedia'].map((medium): [string, string] => [
    `${medium}StateResourceV2`,
    medium,
  ]),
);

/** The names that are no resource's (`workbinUserId`, `action`, …) are all shorter than the shortest of one. */
const mediumOf = (name: string): string | undefined =>
  name.length < 14 ? undefined : (media.get(name) ?? /^(.+)StateResource(V\d+)?$/.exec(name)?.[1]);

/** Whether something is an interaction: an object with an id. */
export const isInteraction = (value: unknown): value is Interaction =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';

/** The `item` event of a message; in one literal where it is as documented: what is added later costs another object. */
export const itemEvent = (scope: WorkbinScope, message: WorkbinStateChangeMessage): ItemEvent => {
  const { id: workbinId, action, workbinUserId } = message;
  let medium: string | undefined;
  let interaction: unknown;
  for (const name in message) {
    medium = mediumOf(name);
    if (medium !== undefined) {
      interaction = message[name];
      break;
    }
  }
  if (medium !== undefined && isInteraction(interaction)) {
    return workbinUserId === undefined
      ? { type: 'item', scope, workbinId, action, medium, interaction, message }
      : { type: 'item', scope, workbinId, workbinUserId, action, medium, interaction, message };
  }
  const event: Mutable<ItemEvent> = { type: 'item', scope, workbinId, action, message };
  if (workbinUserId !== undefined) event.workbinUserId = workbinUserId;
  if (medium !== undefined) event.medium = medium;
  return event;
};

/** What one caller sees of a POST: its own ids. */
export const project = (accepted: Accepted, workbinIds: readonly string[]): Accepted => {
  if (workbinIds.length === accepted.workbinIds.length) return accepted;
  const referenceIds = new Map<string, number>();
  for (const id of workbinIds) {
    const referenceId = accepted.referenceIds.get(id);
    if (referenceId !== undefined) referenceIds.set(id, referenceId);
  }
  return { ...accepted, workbinIds, referenceIds };
};

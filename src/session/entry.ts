import type { Subject, Subscriber, Subscription } from 'rxjs';
import type { Target } from '../core/dispatch.js';
import { type Accepted, type ItemEvent, type WatchEvent, itemEvent } from '../core/events.js';
import {
  type WorkbinNotification,
  type WorkbinSubscriptionStateChangeMessage,
  isStateMessage,
} from '../protocol/notification.js';
import type { WorkbinOperation } from '../protocol/request.js';
import type { WorkbinScope } from '../scope.js';
import type { Caller } from './caller.js';

/** An operation that is asked for: by a caller, or, where there is none, by the library for itself. */
export interface Ask {
  readonly operation: WorkbinOperation;
  readonly caller?: Caller | undefined;
  /** Asks with the same word may share a request. */
  readonly share: number;
}

/** Workbins of one POST; `left` once nobody waits for any of them. */
export interface Part {
  readonly entries: readonly Entry[];
  readonly left: Subject<void>;
}

/** Workbins that share a request, from the POST until the last one is settled. */
export interface Run {
  readonly operation: WorkbinOperation;
  /** ms since the epoch: it was posted. */
  readonly at: number;
  readonly entries: Map<string, Entry>;
  /** What was posted together, the latest first: a request that is rejected is taken apart. */
  readonly parts: Part[];
  readonly messages: Subject<WorkbinNotification>;
  readonly subscription: Subscription;
}

/** Since when, and why, notifications of a workbin may have been missed. */
export interface Gap {
  /** ms since the epoch. */
  readonly from: number;
  readonly reason: string;
}

const none: readonly never[] = [];

const isAskedBy = (asks: readonly Ask[], caller: Caller): boolean => asks.some((ask) => ask.caller === caller);

/** Who is behind what is asked for. */
export const callersOf = (asks: readonly Ask[]): readonly Caller[] => asks.flatMap(({ caller }) => caller ?? []);

/** One workbin in one scope: what is wanted of it, what is true of it, what is on its way. */
export class Entry implements Target<Entry> {
  // What every notification looks at comes first, side by side: with thousands of workbins each line of memory counts.
  sibling: Entry | undefined;
  /** Where items go while there is one watcher. */
  #only: Subscriber<WatchEvent> | undefined;
  /** What is asked for and not posted: operations on one workbin go one after another. */
  queue: readonly Ask[] = none;
  /** What is posted, all of one operation, while there is a {@link run}. */
  posted: readonly Ask[] = none;
  #watchers: readonly Caller[] = none;
  /** A plain subscription wants it. */
  isPlain = false;
  /** What confirmed it in the present session, and the reply before that. */
  confirmed: WorkbinSubscriptionStateChangeMessage | undefined;
  granted: Accepted | undefined;
  /** It was confirmed, and that is no longer sure: who watches it is told once it is confirmed again. */
  gap: Gap | undefined;
  /** A Subscribe was posted, and nothing has said that it is over: the server may observe it. */
  isAtServer = false;
  run: Run | undefined;
  /** Once the reply has named the workbin. */
  accepted: Accepted | undefined;
  /** Items for those whose reply is still to come. */
  early: readonly { readonly watcher: Caller; readonly event: ItemEvent }[] = none;

  constructor(
    readonly scope: WorkbinScope,
    readonly workbinId: string,
  ) {}

  /** Those who watch it. All lists here are replaced, never changed: a delivery may go on over the old one. */
  get watchers(): readonly Caller[] {
    return this.#watchers;
  }

  set watchers(watchers: readonly Caller[]) {
    this.#watchers = watchers;
    this.#only = watchers.length === 1 ? watchers[0]?.out : undefined;
  }

  get isWanted(): boolean {
    return this.isPlain || this.watchers.length > 0;
  }

  /** Those who wait for it, and those who watch it. */
  get callers(): Set<Caller> {
    return new Set([...callersOf(this.posted), ...callersOf(this.queue), ...this.watchers]);
  }

  /** Whether a caller waits for it or watches it. */
  has(caller: Caller): boolean {
    return isAskedBy(this.queue, caller) || isAskedBy(this.posted, caller) || this.watchers.includes(caller);
  }

  /** Whether what is posted is waited for, and not only of interest to those who watch. */
  get isHeld(): boolean {
    return this.posted.some((ask) => this.isHolding(ask));
  }

  isHolding({ operation, caller }: Ask): boolean {
    if (caller !== undefined) return caller.waiting.has(this);
    // An Unsubscribe of the library's own has done its part once it is accepted: nobody waits behind it.
    return operation === 'Subscribe' || this.accepted === undefined || this.queue.length === 0;
  }

  /** The operation that was asked for last and is not settled. */
  get last(): Ask | undefined {
    return this.queue.at(-1) ?? this.posted.at(-1);
  }

  deliver(message: WorkbinNotification): void {
    if (isStateMessage(message)) {
      this.run?.messages.next(message);
      return;
    }
    const isQuiet = this.posted.length === 0 && this.queue.length === 0;
    if (isQuiet && this.#only !== undefined) {
      this.#only.next(itemEvent(this.scope, message));
      return;
    }
    if (this.#watchers.length === 0) return;
    const event = itemEvent(this.scope, message);
    for (const watcher of this.#watchers) {
      if (!isQuiet && this.isBehind(watcher)) this.early = [...this.early, { watcher, event }];
      else watcher.out.next(event);
    }
  }

  /** Whether the reply to what a caller asked for is still to come. */
  isBehind(caller: Caller): boolean {
    return (
      caller.waiting.has(this) &&
      (isAskedBy(this.queue, caller) || (this.accepted === undefined && isAskedBy(this.posted, caller)))
    );
  }

  /** Takes a caller out of all lists; without one, what the library asked for itself. */
  remove(caller?: Caller): void {
    const isOther = (ask: Ask): boolean => ask.caller !== caller;
    this.queue = this.queue.filter(isOther);
    this.posted = this.posted.filter(isOther);
    this.watchers = this.watchers.filter((watcher) => watcher !== caller);
    this.forgetEarly();
  }

  /** Ends what is posted: what it was for goes back to the front of the queue, or is done. */
  rest(isDone: boolean): void {
    if (!isDone) this.queue = [...this.posted.filter((ask) => this.isHolding(ask)), ...this.queue];
    this.posted = none;
    this.run = this.accepted = undefined;
    this.forgetEarly();
    // One list for the many that have nothing to do.
    if (this.queue.length === 0) this.queue = none;
  }

  /** What came early is for those who still watch. */
  forgetEarly(): void {
    if (this.early.length > 0) this.early = this.early.filter(({ watcher }) => this.watchers.includes(watcher));
  }
}

import type { Subject, Subscription } from 'rxjs';
import type { Target } from '../core/dispatch.js';
import { type Accepted, type ItemEvent, type StateChanged, itemEvent } from '../core/events.js';
import { type WorkbinNotification, isStateMessage } from '../protocol/notification.js';
import type { WorkbinOperation } from '../protocol/request.js';
import type { WorkbinScope } from '../scope.js';
import type { Caller, Watcher } from './caller.js';

/** One operation on one workbin: queued, then posted in a {@link Run}, then settled. */
export interface Op {
  readonly operation: WorkbinOperation;
  /** Operations with the same word may share a request. */
  readonly share: string;
  readonly callers: Set<Caller>;
  /** Goes on though nobody waits: the library wants it for itself. */
  isOwn: boolean;
  /** Once posted. */
  run?: Run | undefined;
  /** Once the reply has named the workbin. */
  accepted?: Accepted | undefined;
  /** Items that came before the reply. */
  early?: ItemEvent[] | undefined;
  next?: Op | undefined;
}

/** Operations that share a request, from the POST until the last one is settled. */
export interface Run {
  readonly entries: Map<string, Entry>;
  readonly messages: Subject<WorkbinNotification>;
  readonly subscription: Subscription;
  readonly gaps: Map<Watcher, OpenGap>;
}

/** What a watcher has to be told once its workbins in a run are confirmed again. */
export interface OpenGap {
  readonly waiting: Set<Entry>;
  readonly confirmed: string[];
  from: number;
  reason: string;
}

/** Since when, and why, notifications of a workbin may have been missed. */
export interface Gap {
  readonly from: number;
  readonly reason: string;
}

const none: readonly never[] = [];

/** One workbin in one scope: what is wanted of it, what is true of it, what is on its way. */
export class Entry implements Target {
  sibling?: Entry | undefined;
  /** A plain subscription wants it. */
  isPlain = false;
  /** Those who watch it; replaced, never changed, so that a delivery may go on over the old list. */
  watchers: readonly Watcher[] = none;
  /** What confirmed it in the present session. */
  confirmed: { readonly accepted: Accepted; readonly event: StateChanged } | undefined;
  /** It was confirmed in a session that is lost. */
  gap: Gap | undefined;
  /** The head of the queue: operations on one workbin go one after another. */
  op: Op | undefined;

  constructor(
    readonly scope: WorkbinScope,
    readonly workbinId: string,
    readonly key: string,
  ) {}

  get isWanted(): boolean {
    return this.isPlain || this.watchers.length > 0;
  }

  /** The last operation in the queue. */
  get tail(): Op | undefined {
    let op = this.op;
    while (op?.next !== undefined) op = op.next;
    return op;
  }

  deliver(message: WorkbinNotification): void {
    if (isStateMessage(message)) {
      this.op?.run?.messages.next(message);
      return;
    }
    if (this.watchers.length === 0) return;
    const event = itemEvent(this.scope, message);
    const { op } = this;
    if (op !== undefined && op.run !== undefined && op.accepted === undefined && this.confirmed === undefined) {
      (op.early ??= []).push(event);
    } else {
      for (const watcher of this.watchers) watcher.next(event);
    }
  }

  watch(watcher: Watcher): void {
    this.watchers = [...this.watchers, watcher];
  }

  unwatch(watcher: Watcher): void {
    this.watchers = this.watchers.filter((each) => each !== watcher);
  }

  push(op: Op): void {
    const { tail } = this;
    if (tail === undefined) this.op = op;
    else tail.next = op;
  }

  /** Takes an operation out of the queue. */
  drop(op: Op): void {
    if (this.op === op) {
      this.op = op.next;
      return;
    }
    for (let each = this.op; each !== undefined; each = each.next) {
      if (each.next === op) each.next = op.next;
    }
  }

  /** Back to before the POST: its session is gone. */
  rewind(gap: Gap): void {
    if (this.op !== undefined) {
      this.op.run = undefined;
      this.op.accepted = undefined;
      this.op.early = undefined;
    }
    if (this.confirmed !== undefined) {
      this.gap ??= gap;
      this.confirmed = undefined;
    }
  }
}

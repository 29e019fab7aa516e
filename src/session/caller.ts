import { type SchedulerLike, Subscription } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { SubscriptionError, type TimeoutError, type WorkbinError } from '../errors.js';
import type { WorkbinScope } from '../scope.js';
import type { FailedEvent, StateChanged, SubscriptionEvent, WatchEvent } from '../core/events.js';
import { longestDelay } from '../transport/http.js';

/** Somebody who waits for operations on workbins: one subscriber of `subscribe`, `unsubscribe` or `watch`. */
export interface Caller {
  /** The ids whose operation is not settled. */
  readonly waiting: Set<string>;
  next(event: WatchEvent): void;
  /** An operation on a workbin is done. */
  settle(event: StateChanged): void;
  fail(workbinId: string, error: WorkbinError): void;
}

/** Waits for one operation, and is done. */
export class Asker implements Caller {
  readonly waiting: Set<string>;

  constructor(
    readonly scope: WorkbinScope,
    ids: readonly string[],
    private readonly subscriber: Subscriber<SubscriptionEvent | FailedEvent>,
  ) {
    this.waiting = new Set(ids);
  }

  next(event: WatchEvent): void {
    if (event.type !== 'item' && event.type !== 'gap') this.subscriber.next(event);
  }

  settle(event: StateChanged): void {
    this.waiting.delete(event.workbinId);
    this.subscriber.next(event);
    if (this.waiting.size === 0) this.subscriber.complete();
  }

  fail(workbinId: string, error: WorkbinError): void {
    this.waiting.delete(workbinId);
    this.subscriber.next({ type: 'failed', scope: this.scope, workbinId, error });
    if (this.waiting.size === 0) this.subscriber.complete();
  }
}

/** Waits for the first confirmations, and stays for all that comes after. */
export class Watcher implements Caller {
  readonly waiting = new Set<string>();
  /** What it still watches. */
  readonly ids: Set<string>;
  readonly #failed = new Map<string, WorkbinError>();
  #hadAny = false;

  constructor(
    readonly scope: WorkbinScope,
    ids: readonly string[],
    private readonly subscriber: Subscriber<WatchEvent>,
  ) {
    this.ids = new Set(ids);
  }

  get isOpen(): boolean {
    return !this.subscriber.closed;
  }

  next(event: WatchEvent): void {
    this.subscriber.next(event);
  }

  settle(event: StateChanged): void {
    this.waiting.delete(event.workbinId);
    this.subscriber.next(event);
  }

  /** `unsubscribe()` has taken a workbin away. */
  lose(event: StateChanged): void {
    this.#hadAny = true;
    this.waiting.delete(event.workbinId);
    this.ids.delete(event.workbinId);
    this.subscriber.next(event);
    if (this.ids.size === 0) this.subscriber.complete();
  }

  fail(workbinId: string, error: WorkbinError): void {
    this.waiting.delete(workbinId);
    this.ids.delete(workbinId);
    this.#failed.set(workbinId, error);
    if (this.ids.size > 0 || this.#hadAny) {
      this.subscriber.next({ type: 'failed', scope: this.scope, workbinId, error });
      if (this.ids.size === 0) this.subscriber.complete();
    } else {
      this.subscriber.error(new SubscriptionError([], this.#failed));
    }
  }

  complete(): void {
    this.subscriber.complete();
  }
}

/** Gives up, after `timeout` ms, on what a caller still waits for. */
export const deadline = (
  caller: Caller,
  timeout: number,
  scheduler: SchedulerLike,
  expire: (workbinId: string) => TimeoutError,
): Subscription =>
  timeout > longestDelay
    ? Subscription.EMPTY
    : scheduler.schedule(() => {
        for (const id of [...caller.waiting]) caller.fail(id, expire(id));
      }, timeout);

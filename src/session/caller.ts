import type { Subscriber, Subscription, Unsubscribable } from 'rxjs';
import type { GapEvent, StateChanged, WatchEvent } from '../core/events.js';
import { SubscriptionError, type WorkbinError } from '../errors.js';
import type { WorkbinScope } from '../scope.js';
import type { Entry, Gap } from './entry.js';

/** One set for the many that have nothing to wait for. */
const none = new Set<Entry>();

/** One subscriber of `subscribe`, `unsubscribe` or `watch`. */
export class Caller implements Unsubscribable {
  /** The workbins whose operation is not settled. */
  waiting: Set<Entry>;
  /** Ends with the last of what it waits for. */
  deadline: Subscription | undefined;
  /** How many workbins it is still here for. */
  #left: number;
  #hadAny = false;
  /** The gap that is told once each of its workbins is settled again. */
  #gap: { gap: Gap; readonly open: Set<Entry>; readonly workbinIds: string[] } | undefined;

  constructor(
    readonly scope: WorkbinScope,
    readonly out: Subscriber<WatchEvent>,
    /** What it is here for. */
    readonly entries: readonly Entry[],
    /** It stays when what it waits for is settled. */
    readonly isWatching: boolean,
    /** What it asks for may share requests with what has the same word. */
    readonly share: number,
    private readonly quit: (entry: Entry, caller: Caller) => void,
    /** What could not be had, for the error when nothing can. */
    private failed?: Map<string, WorkbinError>,
  ) {
    this.waiting = new Set(entries);
    this.#left = entries.length;
  }

  /** Leaves without a trace. */
  unsubscribe(): void {
    this.deadline?.unsubscribe();
    for (const entry of this.entries) this.quit(entry, this);
  }

  /** An operation on a workbin is done; `isTaken` when that takes a watched workbin away. */
  settle(entry: Entry, event: StateChanged, isTaken = !this.isWatching): void {
    this.stopWaiting(entry);
    if (isTaken) {
      this.#hadAny = true;
      this.#left--;
    }
    this.out.next(event);
    if (this.#left === 0) this.out.complete();
  }

  fail(entry: Entry, error: WorkbinError): void {
    const { scope, out } = this;
    const { workbinId } = entry;
    const failed = (this.failed ??= new Map<string, WorkbinError>());
    this.stopWaiting(entry);
    failed.set(workbinId, error);
    if (--this.#left === 0 && this.isWatching && !this.#hadAny) {
      out.error(new SubscriptionError([], failed));
      return;
    }
    out.next({ type: 'failed', scope, workbinId, error });
    if (this.#left === 0) out.complete();
  }

  stopWaiting(entry: Entry): void {
    this.waiting.delete(entry);
    if (this.waiting.size > 0) return;
    this.waiting = none;
    this.deadline?.unsubscribe();
    this.deadline = undefined;
  }

  /** A workbin of its own is on its way to being confirmed again. */
  openGap(entry: Entry, gap: Gap): void {
    const own = (this.#gap ??= { gap, open: new Set(), workbinIds: [] });
    if (gap.from < own.gap.from) own.gap = gap;
    own.open.add(entry);
  }

  /** That workbin is settled. */
  closeGap(entry: Entry, isConfirmed: boolean, to: number): void {
    if (!this.#gap?.open.delete(entry)) return;
    const { gap, open, workbinIds } = this.#gap;
    if (isConfirmed) workbinIds.push(entry.workbinId);
    if (open.size > 0) return;
    this.#gap = undefined;
    const event: GapEvent = { type: 'gap', scope: this.scope, workbinIds, ...gap, to };
    if (workbinIds.length > 0) this.out.next(event);
  }

  /** It is all lost again. */
  forgetGap(): void {
    this.#gap = undefined;
  }
}

import { type Subscriber, Subscription } from 'rxjs';
import type { GapEvent, StateChanged, WatchEvent } from '../core/events.js';
import { SubscriptionError, type WorkbinError } from '../errors.js';
import type { WorkbinScope } from '../scope.js';
import type { Gap } from './entry.js';

/** One subscriber of `subscribe`, `unsubscribe` or `watch`. */
export class Caller {
  /** Ends with the last of what it waits for. */
  readonly deadline = new Subscription();
  #hadAny = false;
  /** The gap that is told once each of its workbins is settled again. */
  #gap: { readonly gap: Gap; readonly open: Set<string>; readonly workbinIds: string[] } | undefined;

  constructor(
    readonly scope: WorkbinScope,
    readonly out: Subscriber<WatchEvent>,
    /** The ids whose operation is not settled. */
    readonly waiting: Set<string>,
    /** What it watches; absent for one that is done once nothing is waited for. */
    readonly watched?: Set<string>,
    /** What could not be had, for the error when nothing can. */
    private failed?: Map<string, WorkbinError>,
  ) {}

  /** What it is here for. */
  get ids(): ReadonlySet<string> {
    return this.watched ?? this.waiting;
  }

  /** An operation on a workbin is done; `isTaken` when that takes a watched workbin away. */
  settle(event: StateChanged, isTaken = false): void {
    this.#stopWaiting(event.workbinId);
    if (isTaken) this.#hadAny = this.watched?.delete(event.workbinId) === true;
    this.out.next(event);
    if (this.ids.size === 0) this.out.complete();
  }

  fail(workbinId: string, error: WorkbinError): void {
    const { scope, out } = this;
    const failed = (this.failed ??= new Map<string, WorkbinError>());
    this.#stopWaiting(workbinId);
    this.watched?.delete(workbinId);
    failed.set(workbinId, error);
    if (this.watched?.size === 0 && !this.#hadAny) {
      out.error(new SubscriptionError([], failed));
      return;
    }
    out.next({ type: 'failed', scope, workbinId, error });
    if (this.ids.size === 0) out.complete();
  }

  #stopWaiting(workbinId: string): void {
    this.waiting.delete(workbinId);
    if (this.waiting.size === 0) this.deadline.unsubscribe();
  }

  /** A workbin of its own is on its way to being confirmed again. */
  openGap(workbinId: string, gap: Gap): void {
    this.#gap ??= { gap, open: new Set(), workbinIds: [] };
    this.#gap.open.add(workbinId);
  }

  /** That workbin is settled. */
  closeGap(workbinId: string, isConfirmed: boolean, to: number): void {
    if (!this.#gap?.open.delete(workbinId)) return;
    const { gap, open, workbinIds } = this.#gap;
    if (isConfirmed) workbinIds.push(workbinId);
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

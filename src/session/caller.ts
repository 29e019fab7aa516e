import type { Subscriber } from 'rxjs';
import type { GapEvent, StateChanged, WatchEvent } from '../core/events.js';
import { SubscriptionError, type WorkbinError } from '../errors.js';
import type { WorkbinScope } from '../scope.js';
import type { Gap } from './entry.js';

/** One subscriber of `subscribe`, `unsubscribe` or `watch`. */
export class Caller {
  #hadAny = false;
  /** The gap that is told once each of its workbins is settled again. */
  #gap: { readonly gap: Gap; open: number; readonly workbinIds: string[] } | undefined;

  constructor(
    readonly scope: WorkbinScope,
    readonly out: Subscriber<WatchEvent>,
    /** The ids whose operation is not settled. */
    readonly waiting: Set<string>,
    /** What it watches; absent for one that is done once nothing is waited for. */
    readonly watched?: Set<string>,
    /** What could not be had, for the error when nothing can. */
    private readonly failed = new Map<string, WorkbinError>(),
  ) {}

  /** What it is here for. */
  get ids(): ReadonlySet<string> {
    return this.watched ?? this.waiting;
  }

  /** An operation on a workbin is done; `isTaken` when that takes a watched workbin away. */
  settle(event: StateChanged, isTaken = false): void {
    this.waiting.delete(event.workbinId);
    if (isTaken) this.#hadAny = this.watched?.delete(event.workbinId) === true;
    this.out.next(event);
    if (this.ids.size === 0) this.out.complete();
  }

  fail(workbinId: string, error: WorkbinError): void {
    const { scope, out, failed } = this;
    this.waiting.delete(workbinId);
    this.watched?.delete(workbinId);
    failed.set(workbinId, error);
    if (this.watched?.size === 0 && !this.#hadAny) {
      out.error(new SubscriptionError([], failed));
      return;
    }
    out.next({ type: 'failed', scope, workbinId, error });
    if (this.ids.size === 0) out.complete();
  }

  /** A workbin of its own is on its way to being confirmed again. */
  openGap(gap: Gap): void {
    this.#gap ??= { gap, open: 0, workbinIds: [] };
    this.#gap.open++;
  }

  /** That workbin is settled. */
  closeGap(workbinId: string, isConfirmed: boolean, to: number): void {
    if (this.#gap === undefined) return;
    const { gap, workbinIds } = this.#gap;
    if (isConfirmed) workbinIds.push(workbinId);
    if (--this.#gap.open > 0) return;
    this.#gap = undefined;
    const event: GapEvent = { type: 'gap', scope: this.scope, workbinIds, ...gap, to };
    if (workbinIds.length > 0) this.out.next(event);
  }

  /** It is all lost again. */
  forgetGap(): void {
    this.#gap = undefined;
  }
}

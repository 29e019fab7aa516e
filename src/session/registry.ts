import { Observable, Subject, Subscription } from 'rxjs';
import { takeApart } from '../core/coalesce.js';
import { Dispatch } from '../core/dispatch.js';
import {
  type Accepted,
  type FailedEvent,
  type StateChanged,
  type SubscriptionEvent,
  type WatchEvent,
  project,
} from '../core/events.js';
import { followSubscription } from '../core/mergeSubscription.js';
import { ClosedError, TimeoutError, type WorkbinError } from '../errors.js';
import type { WorkbinNotification } from '../protocol/notification.js';
import { type WorkbinOperation, cut } from '../protocol/request.js';
import { type WorkbinScope, scopeKey } from '../scope.js';
import { backoff } from '../transport/retry.js';
import { Asker, type Caller, Watcher, deadline } from './caller.js';
import { Entry, type Gap, type Op, type OpenGap, type Run } from './entry.js';
import { isHopeless } from './hope.js';
import type { Settings } from './settings.js';
import { atEndOfTurn } from './turn.js';

/** What the registry needs of the world. */
export interface RegistryPorts {
  /** One POST for some workbins of a scope. */
  post(scope: WorkbinScope, ids: readonly string[], operation: WorkbinOperation): Observable<Accepted>;
  /** A session is wanted. */
  need(): void;
  /** Why there is no session yet, for people. */
  trouble(): WorkbinError | undefined;
}

const isAbandoned = (op: Op): boolean => op.callers.size === 0 && !op.isOwn;

/** What a watcher that comes later is told of what has come before. */
interface Replay {
  readonly ids: string[];
  readonly events: StateChanged[];
}

const replayOf = (known: Map<Accepted, Replay>, accepted: Accepted, id: string): Replay => {
  const replay = known.get(accepted) ?? { ids: [], events: [] };
  known.set(accepted, replay);
  replay.ids.push(id);
  return replay;
};

/** ms that an operation may take for which nobody waits. */
const ownLimit = 30_000;
/** ms that Unsubscribes on their way have when the client is closed. */
const closingLimit = 2_000;

/**
 * What is wanted of each workbin, and what is on its way to the server: the one place that knows.
 *
 * Desired state, never a log of requests: after a loss, {@link live} looks at what is wanted now and posts that.
 */
export class Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #dispatch = new Dispatch<Entry>();
  /** Entries whose first operation is to be posted. */
  readonly #due = new Set<Entry>();
  readonly #runs = new Set<Run>();
  /** Wanted, refused in passing, to be tried again. */
  readonly #unrestored = new Set<Entry>();
  #restoring: Subscription | undefined;
  #failures = 0;
  #asks = 0;
  #isFlushing = false;
  #isLive = false;
  #ownUserId: string | undefined;
  #isClosed = false;
  #onProgress: () => void = () => undefined;

  constructor(
    private readonly settings: Settings,
    private readonly ports: RegistryPorts,
  ) {}

  /** An operation on some workbins: its events, `failed` among them; completes once each is settled. */
  ask(
    scope: WorkbinScope,
    ids: readonly string[],
    operation: WorkbinOperation,
    timeout: number,
  ): Observable<SubscriptionEvent | FailedEvent> {
    return new Observable((subscriber) => {
      const asker = new Asker(scope, ids, subscriber);
      if (this.#refuse(asker, ids)) return;
      const share = this.#share();
      for (const id of ids) {
        const entry = this.#entry(scope, id);
        if (operation === 'Unsubscribe') entry.isPlain = false;
        this.#enqueue(entry, operation, share, asker);
      }
      subscriber.add(this.#deadline(asker, scope, timeout));
      subscriber.add(() => {
        for (const id of asker.waiting) this.#quit(this.#entry(scope, id), asker);
      });
      this.ports.need();
    });
  }

  /** Subscribes to some workbins, and stays. */
  watch(scope: WorkbinScope, ids: readonly string[], timeout: number): Observable<WatchEvent> {
    return new Observable((subscriber) => {
      const watcher = new Watcher(scope, ids, subscriber);
      if (this.#refuse(watcher, ids)) return;
      const share = this.#share();
      const known = new Map<Accepted, Replay>();
      for (const id of ids) {
        const entry = this.#entry(scope, id);
        entry.watch(watcher);
        this.#recall(entry);
        const { tail, confirmed } = entry;
        if (tail === undefined && confirmed !== undefined) {
          replayOf(known, confirmed.accepted, id).events.push(confirmed.event);
          continue;
        }
        watcher.waiting.add(id);
        if (tail?.operation === 'Subscribe') {
          tail.callers.add(watcher);
          if (tail.accepted !== undefined) replayOf(known, tail.accepted, id);
        } else {
          this.#enqueue(entry, 'Subscribe', share, watcher);
        }
      }
      subscriber.add(this.#deadline(watcher, scope, timeout));
      subscriber.add(() => {
        for (const id of watcher.ids) this.#quit(this.#entry(scope, id), watcher);
      });
      for (const [accepted, { ids: own, events }] of known) {
        watcher.next(project(accepted, own));
        for (const event of events) watcher.next(event);
      }
      this.ports.need();
    });
  }

  /** A message of the topic. */
  push(message: WorkbinNotification): void {
    this.#dispatch.push(message, this.#ownUserId);
  }

  /** A session stands, and its topic is subscribed: what is pending is posted, then what is wanted. */
  live(ownUserId: string | undefined): void {
    this.#isLive = true;
    this.#ownUserId = ownUserId;
    for (const entry of this.#entries.values()) {
      if (entry.op !== undefined) this.#due.add(entry);
      else if (entry.isWanted && entry.confirmed === undefined) this.#restore(entry);
    }
    this.#flush();
  }

  /** The session is gone: what it confirmed is no longer true, what was posted must be posted again. */
  lost(gap: Gap): void {
    this.#isLive = false;
    this.#calm();
    for (const run of this.#runs) this.#end(run);
    for (const entry of [...this.#entries.values()]) {
      entry.rewind(gap);
      // Given up while it was on its way: now it is nowhere.
      this.#abandon(entry);
    }
  }

  /** There will be no session: all who wait, and all who watch, are told so. */
  fail(error: WorkbinError): void {
    this.#isLive = false;
    this.#calm();
    for (const run of this.#runs) this.#end(run);
    for (const entry of [...this.#entries.values()]) {
      const { op: first, watchers, workbinId } = entry;
      entry.rewind({ from: this.settings.scheduler.now(), reason: error.message });
      entry.op = undefined;
      entry.watchers = [];
      for (let op = first; op !== undefined; op = op.next) {
        for (const caller of op.callers) if (caller.waiting.has(workbinId)) caller.fail(workbinId, error);
      }
      for (const watcher of watchers) if (watcher.ids.has(workbinId)) watcher.fail(workbinId, error);
      this.#release(entry);
    }
  }

  /** Ends all that waits and watches; resolves once the Unsubscribes on their way are out, or have had their time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#calm();
    for (const entry of [...this.#entries.values()]) {
      const error = new ClosedError('the client was closed');
      for (let op = entry.op; op !== undefined; op = op.next) {
        op.isOwn = op.operation === 'Unsubscribe';
        for (const caller of [...op.callers]) {
          this.#quit(entry, caller);
          if (caller.waiting.has(entry.workbinId)) caller.fail(entry.workbinId, error);
        }
      }
    }
    for (const { watchers } of [...this.#entries.values()]) for (const watcher of watchers) watcher.complete();
    for (const entry of [...this.#entries.values()]) this.#abandon(entry);
    if (this.#isLive) {
      this.#flush();
      await this.#unsubscribesOut();
    }
    for (const run of this.#runs) this.#end(run);
    this.#due.clear();
  }

  /** What waits here: for a look from outside, in tests of leaks. */
  get size(): number {
    return this.#entries.size;
  }

  #unsubscribesOut(): Promise<void> {
    return new Promise((resolve) => {
      const isOut = (): boolean =>
        [...this.#entries.values()].every(({ op }) => op === undefined || op.accepted !== undefined);
      const limit = this.settings.scheduler.schedule(resolve, closingLimit);
      this.#onProgress = () => {
        if (!isOut()) return;
        limit.unsubscribe();
        resolve();
      };
      this.#onProgress();
    });
  }

  #refuse(caller: Caller, ids: readonly string[]): boolean {
    if (this.#isClosed) for (const id of ids) caller.fail(id, new ClosedError('the client is closed'));
    return this.#isClosed;
  }

  #deadline(caller: Caller, scope: WorkbinScope, timeout: number): Subscription {
    return deadline(caller, timeout, this.settings.scheduler, (id) => {
      const entry = this.#entry(scope, id);
      const { op } = entry;
      const what = !this.#isLive
        ? 'no session'
        : op?.run === undefined || !op.callers.has(caller)
          ? 'still behind an earlier operation on the workbin'
          : op.accepted === undefined
            ? 'no HTTP reply'
            : 'accepted, but no confirmation through CometD';
      this.#quit(entry, caller);
      return new TimeoutError(`${what} within ${timeout} ms`, timeout, this.#isLive ? undefined : this.ports.trouble());
    });
  }

  #entry(scope: WorkbinScope, workbinId: string): Entry {
    const key = `${scopeKey(scope)}\n${workbinId}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new Entry(scope, workbinId, key);
      this.#entries.set(key, entry);
      this.#dispatch.add(entry);
    }
    return entry;
  }

  /** Forgets an entry of which nothing is wanted and nothing is on its way. */
  #release(entry: Entry): void {
    if (entry.op !== undefined || entry.isWanted || this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#dispatch.remove(entry);
    this.#due.delete(entry);
    this.#unrestored.delete(entry);
  }

  /** What asks with the same word may share a request. */
  #share(): string {
    return this.settings.coalesce ? '' : String(++this.#asks);
  }

  #enqueue(entry: Entry, operation: WorkbinOperation, share = '', caller?: Caller): void {
    if (operation === 'Subscribe') this.#recall(entry);
    const { tail } = entry;
    if (tail?.operation === operation && tail.run === undefined && tail.share === share) {
      if (caller === undefined) tail.isOwn = true;
      else tail.callers.add(caller);
      return;
    }
    const op: Op = {
      operation,
      share,
      callers: new Set(caller === undefined ? [] : [caller]),
      isOwn: caller === undefined,
    };
    entry.push(op);
    if (entry.op === op) this.#isDue(entry);
  }

  /** Takes back an Unsubscribe of our own that is not posted: the workbin is wanted again. */
  #recall(entry: Entry): void {
    const { tail } = entry;
    if (tail?.operation === 'Unsubscribe' && tail.isOwn && tail.callers.size === 0 && tail.run === undefined) {
      entry.drop(tail);
    }
  }

  #restore(entry: Entry): void {
    this.#enqueue(entry, 'Subscribe');
  }

  #isDue(entry: Entry): void {
    this.#due.add(entry);
    if (!this.#isLive || this.#isFlushing) return;
    this.#isFlushing = true;
    atEndOfTurn(() => {
      this.#isFlushing = false;
      if (this.#isLive) this.#flush();
    });
  }

  /** Posts what is due: what somebody waits for first, then what the library wants for itself. */
  #flush(): void {
    const groups = new Map<string, { readonly op: Op; readonly entries: Entry[] }>();
    const due = [...this.#due];
    this.#due.clear();
    for (const isOwn of [false, true]) {
      for (const entry of due) {
        const { op } = entry;
        if (op === undefined || op.run !== undefined || op.isOwn !== isOwn) continue;
        const key = `${op.operation} ${String(isOwn)} ${op.share} ${scopeKey(entry.scope)}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { op, entries: [entry] });
        else group.entries.push(entry);
      }
    }
    const { baseUrl, maxUrlLength } = this.settings;
    for (const { op, entries } of groups.values()) {
      const [first] = entries;
      if (first === undefined) continue;
      const byId = new Map(entries.map((entry) => [entry.workbinId, entry]));
      for (const ids of cut(first.scope, [...byId.keys()], baseUrl.length, maxUrlLength)) {
        const some = ids.flatMap((id): [string, Entry][] => {
          const entry = byId.get(id);
          return entry === undefined ? [] : [[id, entry]];
        });
        this.#start(first.scope, op.operation, new Map(some));
      }
    }
  }

  #start(scope: WorkbinScope, operation: WorkbinOperation, entries: Map<string, Entry>): void {
    const run: Run = { entries, messages: new Subject(), subscription: new Subscription(), gaps: new Map() };
    this.#runs.add(run);
    run.subscription.add(() => this.#runs.delete(run));
    for (const entry of entries.values()) {
      if (entry.op === undefined) continue;
      entry.op.run = run;
      if (operation === 'Subscribe' && entry.gap !== undefined) this.#openGaps(run, entry, entry.op, entry.gap);
    }
    const workbinIds = [...entries.keys()];
    run.subscription.add(
      this.settings.scheduler.schedule(() => {
        for (const entry of [...run.entries.values()]) {
          if (entry.op?.isOwn === true)
            this.#onFailed(run, entry.workbinId, new TimeoutError('nothing came', ownLimit));
        }
      }, ownLimit),
    );
    run.subscription.add(
      followSubscription(
        takeApart((ids) => this.ports.post(scope, ids, operation), workbinIds, operation),
        run.messages,
        { scope, workbinIds, operation, ownUserId: this.#ownUserId },
      ).subscribe((event) => {
        if (event.type === 'accepted') this.#onAccepted(run, event);
        else if (event.type === 'failed') this.#onFailed(run, event.workbinId, event.error);
        else this.#onState(run, event);
        this.#onProgress();
      }),
    );
  }

  #end(run: Run): void {
    run.entries.clear();
    run.subscription.unsubscribe();
  }

  #onAccepted(run: Run, accepted: Accepted): void {
    const ids = new Map<Caller, string[]>();
    for (const id of accepted.workbinIds) {
      const op = run.entries.get(id)?.op;
      if (op === undefined || !accepted.referenceIds.has(id)) continue;
      op.accepted = accepted;
    }
    for (const id of accepted.workbinIds) {
      for (const caller of run.entries.get(id)?.op?.callers ?? []) {
        const own = ids.get(caller);
        if (own === undefined) ids.set(caller, [id]);
        else own.push(id);
      }
    }
    for (const [caller, own] of ids) caller.next(project(accepted, own));
    for (const id of accepted.workbinIds) {
      const entry = run.entries.get(id);
      const op = entry?.op;
      if (entry === undefined || op === undefined) continue;
      const { early = [] } = op;
      op.early = undefined;
      for (const event of early) for (const watcher of entry.watchers) watcher.next(event);
      if (isAbandoned(op)) this.#finish(entry, op);
    }
  }

  #onState(run: Run, event: StateChanged): void {
    const entry = run.entries.get(event.workbinId);
    const op = entry?.op;
    if (entry === undefined || op?.accepted === undefined) return;
    const callers = [...op.callers];
    if (event.state === 'RequestFailed') {
      // Its `failed` follows.
      for (const caller of callers) caller.next(event);
      return;
    }
    if (event.state === 'Subscribed') {
      entry.confirmed = { accepted: op.accepted, event };
      entry.gap = undefined;
      this.#failures = 0;
      entry.isPlain ||= callers.some((caller) => caller instanceof Asker);
      this.#finish(entry, op);
      for (const caller of callers) caller.settle(event);
      this.#closeGaps(run, entry, true);
    } else {
      const { watchers } = entry;
      entry.confirmed = undefined;
      entry.gap = undefined;
      entry.isPlain = false;
      // Not those who came after: a Subscribe of theirs waits in the queue.
      const gone = watchers.filter((watcher) => !watcher.waiting.has(entry.workbinId));
      for (const watcher of gone) entry.unwatch(watcher);
      this.#finish(entry, op);
      for (const caller of callers) caller.settle(event);
      for (const watcher of gone) watcher.lose(event);
    }
  }

  #onFailed(run: Run, workbinId: string, error: WorkbinError): void {
    const entry = run.entries.get(workbinId);
    const op = entry?.op;
    if (entry === undefined || op === undefined) return;
    const callers = [...op.callers].filter((caller) => caller.waiting.has(workbinId));
    const isRestoring = op.operation === 'Subscribe' && entry.confirmed === undefined;
    for (const caller of callers) if (caller instanceof Watcher) entry.unwatch(caller);
    const watchers = isRestoring && isHopeless(error) ? entry.watchers : [];
    if (watchers === entry.watchers) {
      entry.watchers = [];
      entry.isPlain = false;
    }
    this.settings.log('warn', `${op.operation} failed`, { workbinId, scope: entry.scope, error });
    this.#finish(entry, op);
    for (const caller of callers) caller.fail(workbinId, error);
    for (const watcher of watchers) watcher.fail(workbinId, error);
    this.#closeGaps(run, entry, false);
  }

  /** The operation at the head is over: the next one may go. */
  #finish(entry: Entry, op: Op): void {
    const { run } = op;
    entry.drop(op);
    run?.entries.delete(entry.workbinId);
    if (run !== undefined && run.entries.size === 0) this.#end(run);
    if (entry.op !== undefined) this.#isDue(entry);
    else if (this.#isLive && entry.isWanted && entry.confirmed === undefined) this.#restoreLater(entry);
    else this.#release(entry);
  }

  #restoreLater(entry: Entry): void {
    this.#unrestored.add(entry);
    this.#restoring ??= this.settings.scheduler.schedule(
      () => {
        this.#restoring = undefined;
        const entries = [...this.#unrestored];
        this.#unrestored.clear();
        for (const each of entries) {
          if (each.op === undefined && each.isWanted && each.confirmed === undefined) this.#restore(each);
        }
      },
      backoff(this.settings.retry, ++this.#failures),
    );
  }

  /** Leaves nothing to be tried later. */
  #calm(): void {
    this.#restoring?.unsubscribe();
    this.#restoring = undefined;
    this.#unrestored.clear();
    this.#failures = 0;
  }

  /** A caller does not wait any more, and does not watch. */
  #quit(entry: Entry, caller: Caller): void {
    for (let op = entry.op; op !== undefined; op = op.next) op.callers.delete(caller);
    if (caller instanceof Watcher) {
      entry.unwatch(caller);
      if (!entry.isWanted) this.#unwant(entry);
    }
    this.#abandon(entry);
    this.#release(entry);
  }

  /** Nobody wants a workbin any more: the server is told so, where it may know of it. */
  #unwant(entry: Entry): void {
    const { op, tail } = entry;
    const isPosted = op?.operation === 'Subscribe' && op.run !== undefined;
    const isAtServer = isPosted || entry.confirmed !== undefined || entry.gap !== undefined;
    if (op?.operation === 'Subscribe') op.isOwn = false;
    const isAskedFor = tail !== undefined && tail.callers.size > 0;
    if (isAtServer && !isAskedFor && tail?.operation !== 'Unsubscribe') this.#enqueue(entry, 'Unsubscribe');
  }

  /** Takes out the operations for which nobody waits: what is not posted is not, what is posted is aborted. */
  #abandon(entry: Entry): void {
    for (let op = entry.op; op !== undefined; op = op.next) {
      if (!isAbandoned(op)) continue;
      const { run } = op;
      if (run === undefined || op.accepted !== undefined) {
        this.#finish(entry, op);
      } else if ([...run.entries.values()].every((each) => each.op === undefined || isAbandoned(each.op))) {
        const given = [...run.entries.values()];
        this.#end(run);
        for (const each of given) if (each.op !== undefined) this.#finish(each, each.op);
      }
      // Else its request serves others as well: the operation ends with the reply.
    }
  }

  #openGaps(run: Run, entry: Entry, op: Op, { from, reason }: Gap): void {
    for (const watcher of entry.watchers) {
      if (watcher.waiting.has(entry.workbinId)) continue;
      op.callers.add(watcher);
      const gap: OpenGap = run.gaps.get(watcher) ?? { waiting: new Set(), confirmed: [], from, reason };
      gap.waiting.add(entry);
      if (from < gap.from) Object.assign(gap, { from, reason });
      run.gaps.set(watcher, gap);
    }
  }

  #closeGaps(run: Run, entry: Entry, isConfirmed: boolean): void {
    for (const [watcher, gap] of run.gaps) {
      if (!gap.waiting.delete(entry)) continue;
      if (isConfirmed) gap.confirmed.push(entry.workbinId);
      if (gap.waiting.size > 0 || gap.confirmed.length === 0) continue;
      const { confirmed: workbinIds, from, reason } = gap;
      watcher.next({
        type: 'gap',
        scope: entry.scope,
        workbinIds,
        from,
        to: this.settings.scheduler.now(),
        reason,
      });
    }
  }
}

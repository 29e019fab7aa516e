import { Observable, Subject, Subscription, takeUntil } from 'rxjs';
import { takeApart } from '../core/coalesce.js';
import { Dispatch } from '../core/dispatch.js';
import {
  type Accepted,
  type FailedEvent,
  type StateChanged,
  type SubscriptionEvent,
  type WatchEvent,
  project,
  stateChanged,
} from '../core/events.js';
import { followSubscription } from '../core/mergeSubscription.js';
import { ClosedError, NetworkError, TimeoutError, type WorkbinError } from '../errors.js';
import { belongsTo } from '../core/match.js';
import { type WorkbinNotification, isStateMessage } from '../protocol/notification.js';
import { type WorkbinOperation, cut } from '../protocol/request.js';
import { type WorkbinScope, scopeKey } from '../scope.js';
import { longestDelay } from '../transport/http.js';
import { backoff } from '../transport/retry.js';
import { Caller } from './caller.js';
import { Entry, type Gap, type Part, type Run, callersOf } from './entry.js';
import { isHopeless } from './hope.js';
import type { Settings } from './settings.js';
import { atEndOfTurn } from './turn.js';

/** What the registry needs of the world. */
export interface RegistryPorts {
  /** One POST for some workbins of a scope. */
  post(scope: WorkbinScope, ids: readonly string[], operation: WorkbinOperation): Observable<Accepted>;
  /** Characters that a request's URL may have. */
  maxUrlLength(): number;
  /** A session is wanted. */
  need(): void;
  /** Why there is no session yet. */
  trouble(): WorkbinError | undefined;
}

/** What is wanted of each workbin, and what is on its way to the server: the one place that knows. */
export interface Registry {
  /** An operation on some workbins: its events, `failed` among them; completes once each is settled. */
  readonly ask: (
    scope: WorkbinScope,
    ids: readonly string[],
    operation: WorkbinOperation,
    timeout: number,
  ) => Observable<SubscriptionEvent | FailedEvent>;
  /** Subscribes to some workbins, and stays; `failed` is what of the same call cannot be asked for. */
  readonly watch: (
    scope: WorkbinScope,
    ids: readonly string[],
    timeout: number,
    failed?: Map<string, WorkbinError>,
  ) => Observable<WatchEvent>;
  /** A message of the topic. */
  readonly push: (message: WorkbinNotification) => void;
  /** A session stands, and its topic is subscribed: what is pending is posted, then what is wanted. */
  readonly live: (ownUserId: string | undefined) => void;
  /** The session is gone: what it confirmed is no longer true, what was posted must be posted again. */
  readonly lost: (gap: Gap) => void;
  /** There will be no session: all who wait, and all who watch, are told so. */
  readonly fail: (error: WorkbinError) => void;
  /** Ends all that waits and watches; resolves once the Unsubscribes on their way are out, or have had their time. */
  readonly close: () => Promise<void>;
  /** The workbins of which something is wanted or on its way: for a look from outside, in tests of leaks. */
  readonly size: number;
}

/** ms that an operation may take for which nobody waits. */
const ownLimit = 30_000;
/** ms that Unsubscribes on their way have when the client is closed. */
const closingLimit = 2_000;

/** Puts a value into the list at a key. */
const append = <K, V>(lists: Map<K, V[]>, key: K, value: V): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
};

/**
 * Makes a registry: desired state, never a log of requests. After a loss, `live` looks at what is wanted now and posts
 * that.
 */
export const createRegistry = (settings: Settings, ports: RegistryPorts): Registry => {
  const { scheduler } = settings;
  const entries = new Dispatch<Entry>();
  /** Entries of which something is to be posted. */
  const due = new Set<Entry>();
  const runs = new Set<Run>();
  let restoring: Subscription | undefined;
  let failures = 0;
  let shares = 0;
  let isFlushing = false;
  let isLive = false;
  let isClosed = false;
  let ownUserId: string | undefined;
  let onProgress = (): void => undefined;

  const entryOf = (scope: WorkbinScope, workbinId: string): Entry => {
    const known = entries.find(scope, workbinId);
    if (known !== undefined) return known;
    const entry = new Entry(scope, workbinId);
    entries.add(entry);
    return entry;
  };

  /** Takes back what the library asked for itself and is not posted: an Unsubscribe, where the workbin is wanted again. */
  const recall = (entry: Entry): void => {
    entry.queue = entry.queue.filter((ask) => ask.caller !== undefined);
  };

  /** The word of what may share requests. */
  const nextShare = (): number => (settings.coalesce ? 0 : ++shares);

  const enqueue = (entry: Entry, operation: WorkbinOperation, share: number, caller?: Caller): void => {
    if (operation === 'Subscribe') recall(entry);
    entry.queue = [...entry.queue, { operation, share, caller }];
    abandon(entry);
  };

  const schedule = (entry: Entry): void => {
    due.add(entry);
    if (!isLive || isFlushing) return;
    isFlushing = true;
    atEndOfTurn(() => {
      isFlushing = false;
      flush();
    });
  };

  const end = (run: Run): void => {
    runs.delete(run);
    run.subscription.unsubscribe();
  };

  /** Asks again for what is wanted and is not so. */
  const restore = (): void => {
    for (const entry of entries) {
      if (entry.isWanted && entry.confirmed === undefined && entry.last === undefined)
        enqueue(entry, 'Subscribe', entry.watchers[0]?.share ?? nextShare());
    }
  };

  /** Looks at what comes next for a workbin: what waits behind, what is missing, or nothing, and it is forgotten. */
  const proceed = (entry: Entry): void => {
    if (entry.run !== undefined) return;
    if (entry.queue.length > 0) {
      schedule(entry);
    } else if (!entry.isWanted) {
      entries.remove(entry);
      due.delete(entry);
    } else if (isLive && entry.confirmed === undefined) {
      restoring ??= scheduler.schedule(
        () => {
          restoring = undefined;
          restore();
        },
        backoff(settings.retry, ++failures),
      );
    }
  };

  /** What was posted for a workbin is over. */
  const finish = (run: Run, entry: Entry): void => {
    entry.rest(true);
    run.entries.delete(entry.workbinId);
    if (run.entries.size === 0) end(run);
    proceed(entry);
  };

  /** What confirmed a workbin is no longer true. */
  const doubt = (entry: Entry, gap: Gap): void => {
    if (entry.gap === undefined ? entry.confirmed !== undefined : gap.from < entry.gap.from) entry.gap = gap;
    entry.confirmed = entry.granted = undefined;
  };

  /** What was posted for a workbin goes on without it. */
  const release = (run: Run, entry: Entry): void => {
    // Whether it was unsubscribed is not known: who still watches it wants it to be subscribed.
    if (run.operation === 'Unsubscribe') doubt(entry, { from: run.at, reason: 'Unsubscribe was given up' });
    finish(run, entry);
  };

  /** Ends what nobody waits for: a request is aborted unless it serves others too, then it ends with its reply. */
  const abandon = (entry: Entry): void => {
    const { run } = entry;
    if (run !== undefined && !entry.isHeld) {
      const part = entry.accepted === undefined ? run.parts.find(({ entries }) => entries.includes(entry)) : undefined;
      const given = part?.entries.filter((each) => each.run === run) ?? [entry];
      if (!given.some(({ isHeld }) => isHeld)) {
        for (const each of given) release(run, each);
        part?.left.next();
      }
    }
    proceed(entry);
  };

  /** A caller does not wait any more, and does not watch. */
  const quit = (entry: Entry, caller: Caller): void => {
    if (!entry.has(caller)) return;
    entry.remove(caller);
    if (caller.isWatching && !entry.isWanted && entry.last?.operation !== 'Unsubscribe') {
      // The library does not ask for itself any more; the server is told so, where it may know of the workbin.
      entry.remove();
      if (entry.last === undefined && entry.isAtServer) enqueue(entry, 'Unsubscribe', caller.share);
    }
    abandon(entry);
  };

  const onAccepted = (run: Run, accepted: Accepted): void => {
    const idsOf = new Map<Caller, string[]>();
    const named = accepted.workbinIds.flatMap((id) => run.entries.get(id) ?? []);
    for (const entry of named) {
      const { workbinId, posted } = entry;
      if (accepted.referenceIds.has(workbinId)) entry.accepted = accepted;
      for (const caller of callersOf(posted)) append(idsOf, caller, workbinId);
    }
    for (const [caller, ids] of idsOf) caller.out.next(project(accepted, ids));
    for (const entry of named) {
      const { early } = entry;
      entry.early = early.filter(({ watcher }) => entry.isBehind(watcher));
      for (const each of early) if (!entry.early.includes(each)) each.watcher.out.next(each.event);
      abandon(entry);
    }
  };

  const onState = (run: Run, entry: Entry, accepted: Accepted, event: StateChanged): void => {
    const callers = callersOf(entry.posted);
    if (event.state === 'RequestFailed') {
      // Its `failed` follows.
      for (const caller of callers) caller.out.next(event);
      return;
    }
    const isSubscribed = event.state === 'Subscribed';
    const { watchers } = entry;
    // Not those who came after: a Subscribe of theirs waits in the queue.
    const taken = isSubscribed ? [] : watchers.filter(({ waiting }) => !waiting.has(entry));
    entry.watchers = watchers.filter((watcher) => !taken.includes(watcher));
    entry.isAtServer = isSubscribed;
    entry.confirmed = isSubscribed ? event.message : undefined;
    entry.granted = isSubscribed ? accepted : undefined;
    entry.gap = undefined;
    entry.isPlain = isSubscribed && (entry.isPlain || callers.some(({ isWatching }) => !isWatching));
    if (isSubscribed) failures = 0;
    finish(run, entry);
    for (const caller of callers) caller.settle(entry, event);
    for (const watcher of taken) watcher.settle(entry, event, true);
    for (const watcher of watchers) watcher.closeGap(entry, isSubscribed, scheduler.now());
  };

  const onFailed = (run: Run, entry: Entry, error: WorkbinError): void => {
    const { workbinId, scope, posted, watchers } = entry;
    const operation = posted[0]?.operation ?? 'Subscribe';
    // Who was only to be told that it stands again waits on, unless it never will.
    const isGivenUp = operation === 'Subscribe' && entry.confirmed === undefined && isHopeless(error);
    const told = new Set(callersOf(posted).filter(({ waiting }) => waiting.has(entry)));
    if (isGivenUp) {
      entry.isPlain = entry.isAtServer = false;
      for (const watcher of watchers) told.add(watcher);
    }
    entry.watchers = watchers.filter((watcher) => !told.has(watcher));
    // No answer says nothing: what was to be watched may be at the server, though nobody wants it there any more.
    const isUncertain = error instanceof NetworkError || error instanceof TimeoutError;
    if (operation === 'Subscribe' && isUncertain && !entry.isWanted && [...told].some(({ isWatching }) => isWatching)) {
      enqueue(entry, 'Unsubscribe', nextShare());
    }
    settings.log('warn', `${operation} failed`, { workbinId, scope, code: error.code, reason: error.message });
    finish(run, entry);
    for (const caller of told) caller.fail(entry, error);
    for (const watcher of watchers) watcher.closeGap(entry, false, scheduler.now());
  };

  const start = (scope: WorkbinScope, operation: WorkbinOperation, group: readonly Entry[]): void => {
    const subscription = new Subscription();
    const some = new Map(group.map((entry) => [entry.workbinId, entry]));
    const at = scheduler.now();
    const run: Run = { operation, at, entries: some, parts: [], messages: new Subject(), subscription };
    const workbinIds = [...some.keys()];
    runs.add(run);
    for (const entry of group) {
      const { queue, gap, watchers } = entry;
      const next = queue.findIndex((ask) => ask.operation !== operation || ask.share !== queue[0]?.share);
      entry.run = run;
      entry.isAtServer ||= operation === 'Subscribe';
      entry.posted = next < 0 ? queue : queue.slice(0, next);
      entry.queue = next < 0 ? [] : queue.slice(next);
      if (operation === 'Unsubscribe' || gap === undefined) continue;
      for (const caller of watchers) {
        if (caller.waiting.has(entry)) continue;
        entry.posted = [...entry.posted, { operation, caller, share: 0 }];
        caller.openGap(entry, gap);
      }
    }
    subscription.add(
      scheduler.schedule(() => {
        for (const entry of [...some.values()]) {
          // What the library asked for itself is given up; what is still wanted of it comes back later.
          entry.posted = entry.posted.filter(({ caller }) => caller !== undefined);
          if (entry.isHeld) continue;
          for (const watcher of entry.watchers) watcher.closeGap(entry, false, scheduler.now());
          abandon(entry);
        }
      }, ownLimit),
    );
    const post = (ids: readonly string[]): Observable<Accepted> => {
      const part: Part = { entries: ids.flatMap((id) => some.get(id) ?? []), left: new Subject() };
      run.parts.unshift(part);
      return ports.post(scope, ids, operation).pipe(takeUntil(part.left));
    };
    // Who has left since a request that was rejected does not go into the next one.
    const wantedOf = (ids: readonly string[]): readonly string[] => {
      const posted = ids.flatMap((id) => some.get(id) ?? []);
      for (const entry of posted) if (!entry.isHeld) release(run, entry);
      return ids.filter((id) => some.has(id));
    };
    const accepted$ = takeApart(post, scope, workbinIds, wantedOf);
    subscription.add(
      followSubscription(accepted$, run.messages, { scope, workbinIds, operation, ownUserId }).subscribe((event) => {
        if (event.type === 'accepted') {
          onAccepted(run, event);
        } else {
          const entry = some.get(event.workbinId);
          if (event.type === 'failed') {
            if (entry !== undefined) onFailed(run, entry, event.error);
          } else if (entry?.accepted !== undefined) {
            onState(run, entry, entry.accepted, event);
          }
        }
        onProgress();
      }),
    );
  };

  /** The server ended what nobody here asked it to end: what is wanted of it is asked for again. */
  const retract = (message: WorkbinNotification): void => {
    const some = entries.of(message.id);
    if (some.some(({ run }) => run?.operation === 'Unsubscribe')) return;
    for (const entry of some) {
      if (entry.run !== undefined || !belongsTo(entry.scope, message, ownUserId)) continue;
      doubt(entry, { from: scheduler.now(), reason: 'Unsubscribed, though nobody here asked for that' });
      entry.isAtServer = false;
      proceed(entry);
    }
  };

  /** Posts what is due: what somebody waits for first, then what the library asks for itself. */
  const flush = (): void => {
    if (!isLive) return;
    const groups = new Map<string, { scope: WorkbinScope; operation: WorkbinOperation; byId: Map<string, Entry> }>();
    for (const isOwn of [false, true]) {
      for (const entry of due) {
        const [ask] = entry.queue;
        if (ask === undefined || entry.run !== undefined || (ask.caller === undefined) !== isOwn) continue;
        const { scope } = entry;
        const { operation, share } = ask;
        const key = [operation, isOwn, share, scopeKey(scope)].join();
        const group = groups.get(key) ?? { scope, operation, byId: new Map<string, Entry>() };
        group.byId.set(entry.workbinId, entry);
        groups.set(key, group);
      }
    }
    due.clear();
    for (const { scope, operation, byId } of groups.values()) {
      for (const ids of cut(scope, [...byId.keys()], settings.baseUrl.length, ports.maxUrlLength())) {
        start(
          scope,
          operation,
          ids.flatMap((id) => byId.get(id) ?? []),
        );
      }
    }
  };

  const expire = (caller: Caller, timeout: number): void => {
    for (const entry of [...caller.waiting]) {
      const what = !isLive ? 'session' : entry.accepted === undefined ? 'HTTP reply' : 'confirmation through CometD';
      quit(entry, caller);
      caller.fail(
        entry,
        new TimeoutError(`no ${what} within ${timeout} ms: ask again, or give it longer`, timeout, ports.trouble()),
      );
    }
  };

  /** An Observable of what a caller gets: begun by `begin`, ended in time, left behind without a trace. */
  const called = (
    scope: WorkbinScope,
    ids: readonly string[],
    timeout: number,
    isWatching: boolean,
    begin: (caller: Caller) => void,
    failed?: Map<string, WorkbinError>,
  ): Observable<WatchEvent> =>
    new Observable((out) => {
      const some = ids.map((id) => (isClosed ? new Entry(scope, id) : entryOf(scope, id)));
      const caller = new Caller(scope, out, some, isWatching, nextShare(), quit, failed);
      if (isClosed) {
        for (const entry of some) caller.fail(entry, new ClosedError('the client is closed'));
        return;
      }
      begin(caller);
      if (timeout < longestDelay && caller.waiting.size > 0) {
        caller.deadline = scheduler.schedule(() => {
          expire(caller, timeout);
        }, timeout);
      }
      out.add(caller);
      ports.need();
    });

  /** Ends the session: nothing is on its way any more. */
  const halt = (): void => {
    isLive = false;
    restoring?.unsubscribe();
    restoring = undefined;
    failures = 0;
    runs.forEach(end);
  };

  /** Tells all who wait for a workbin, and all who watch it. */
  const failAll = (entry: Entry, error: WorkbinError, told = entry.callers): void => {
    for (const caller of told) {
      if (!entry.has(caller)) continue;
      quit(entry, caller);
      caller.fail(entry, error);
    }
  };

  const rewind = (gap: Gap): void => {
    halt();
    for (const entry of [...entries]) {
      for (const watcher of entry.watchers) watcher.forgetGap();
      doubt(entry, gap);
      entry.rest(false);
      proceed(entry);
    }
  };

  return {
    ask: (scope, ids, operation, timeout) =>
      // Who does not watch gets neither items nor gaps.
      called(scope, ids, timeout, false, (caller) => {
        for (const entry of caller.entries) {
          if (operation === 'Unsubscribe') entry.isPlain = false;
          enqueue(entry, operation, caller.share, caller);
        }
      }) as Observable<SubscriptionEvent | FailedEvent>,

    watch: (scope, ids, timeout, failed) => {
      const begin = (caller: Caller): void => {
        // What has come before is told to who comes later.
        const idsOf = new Map<Accepted, string[]>();
        const events: StateChanged[] = [];
        for (const entry of caller.entries) {
          const { workbinId, confirmed, granted, accepted, posted } = entry;
          recall(entry);
          // By `concat`, as spreading leaves room for sixteen more.
          entry.watchers = entry.watchers.concat(caller);
          if (entry.last === undefined && confirmed !== undefined && granted !== undefined) {
            caller.stopWaiting(entry);
            append(idsOf, granted, workbinId);
            events.push(stateChanged(scope, confirmed));
          } else if (entry.queue.length === 0 && posted[0]?.operation === 'Subscribe') {
            entry.posted = [...posted, { operation: 'Subscribe', caller, share: caller.share }];
            if (accepted !== undefined) append(idsOf, accepted, workbinId);
          } else {
            enqueue(entry, 'Subscribe', caller.share, caller);
          }
        }
        for (const [accepted, own] of idsOf) caller.out.next(project(accepted, own));
        for (const event of events) caller.out.next(event);
      };
      return called(scope, ids, timeout, true, begin, failed);
    },

    push: (message) => {
      if (message.stateResource === 'Unsubscribed' && isStateMessage(message)) retract(message);
      entries.push(message, ownUserId);
    },

    live: (userId) => {
      // Who is told that it stands may close it.
      if (isClosed) return;
      isLive = true;
      ownUserId = userId;
      restore();
      flush();
    },

    lost: rewind,

    fail: (error) => {
      rewind({ from: scheduler.now(), reason: error.message });
      // Who asks again when told is not told.
      const told = [...entries].map((entry) => ({ entry, callers: entry.callers }));
      for (const { entry, callers } of told) {
        failAll(entry, error, callers);
        entry.remove();
        proceed(entry);
      }
    },

    close: async () => {
      isClosed = true;
      for (const entry of [...entries]) {
        entry.isPlain = false;
        // An Unsubscribe goes on by itself; a Subscribe does not.
        if (entry.last?.operation === 'Unsubscribe') enqueue(entry, 'Unsubscribe', nextShare());
        else entry.remove();
        for (const watcher of entry.watchers) if (!watcher.waiting.has(entry)) watcher.out.complete();
        failAll(entry, new ClosedError('the client was closed'));
        abandon(entry);
      }
      if (isLive) {
        flush();
        await new Promise<void>((resolve) => {
          const limit = scheduler.schedule(() => {
            resolve();
          }, closingLimit);
          onProgress = () => {
            for (const { last, accepted } of entries) if (last !== undefined && accepted === undefined) return;
            limit.unsubscribe();
            resolve();
          };
          onProgress();
        });
      }
      halt();
      entries.clear();
      due.clear();
    },

    get size() {
      return new Set([...entries, ...due]).size;
    },
  };
};

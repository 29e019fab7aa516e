import { config, Observable, Subscription, VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { Accepted, FailedEvent, SubscriptionEvent, WatchEvent } from '../../src/core/events.js';
import { ApiError, ConnectionError, NetworkError } from '../../src/errors.js';
import type { WorkbinNotification, WorkbinSubscriptionStateChangeMessage } from '../../src/protocol/notification.js';
import type { WorkbinOperation } from '../../src/protocol/request.js';
import { type WorkbinScope, scopeKey } from '../../src/scope.js';
import { type Registry, createRegistry } from '../../src/session/registry.js';
import { settingsOf } from '../../src/session/settings.js';

export const scopes: readonly WorkbinScope[] = [
  { kind: 'me' },
  { kind: 'user', userId: 'colleague' },
  { kind: 'agentGroup', name: 'claims' },
];
export const ids = ['a', 'b', 'c', 'bad'];
export const ownUser = 'agent';

/** How the server treats one request. */
export interface Plan {
  readonly reply: 'ok' | 'partial' | 'refused' | 'network' | 'never';
  /** ms; 0 is at once, while the request is being made. */
  readonly replyAfter: number;
  readonly push: 'ok' | 'lost' | 'failed' | 'doubled' | 'thrice-mixed';
  readonly pushAfter: number;
  readonly hasReference: boolean;
}

const fine: Plan = { reply: 'ok', replyAfter: 5, push: 'ok', pushAfter: 10, hasReference: false };

export type Command =
  | {
      readonly type: 'subscribe' | 'unsubscribe' | 'watch';
      readonly scope: number;
      readonly ids: readonly string[];
      readonly timeout: number;
    }
  | { readonly type: 'teardown'; readonly which: number }
  | { readonly type: 'kill'; readonly noticed: number; readonly back: number }
  | { readonly type: 'fail' }
  | { readonly type: 'item'; readonly scope: number; readonly id: string; readonly isForeign: boolean }
  | { readonly type: 'stale'; readonly which: number }
  | { readonly type: 'close' };

export interface Step {
  readonly command: Command;
  /** ms before it. */
  readonly after: number;
  /** Whether the turn of the event loop ends after it. */
  readonly endsTurn: boolean;
}

const check = (isSo: boolean, what: string): void => {
  if (!isSo) throw new Error(what);
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error('not an Error'));

export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

type Seen = (WatchEvent | SubscriptionEvent | FailedEvent) & { readonly workbinId?: string };

/** One subscriber of the registry, and all that it was told. */
class Party {
  readonly events: { readonly event: Seen; readonly at: number; readonly session: number }[] = [];
  end: 'open' | 'complete' | 'error' | 'torn down' = 'open';
  error: unknown;
  /** By id: the reference ids of the latest `accepted`. */
  readonly references = new Map<string, number | undefined>();
  /** The workbins that were reported `Subscribed` in this session, and not taken away since. */
  readonly confirmedIn = new Map<string, number>();
  readonly gone = new Set<string>();
  readonly subscription = new Subscription();
  readonly lostItems: { readonly id: string; readonly at: number }[] = [];

  constructor(
    readonly world: World,
    readonly kind: 'subscribe' | 'unsubscribe' | 'watch',
    readonly scope: WorkbinScope,
    readonly ids: readonly string[],
    source$: Observable<Seen>,
  ) {
    this.subscription.add(
      source$.subscribe({
        next: (event) => {
          // What is thrown here would only be reported by RxJS, later.
          try {
            this.#next(event);
          } catch (error) {
            world.faults.push(asError(error));
          }
        },
        error: (error: unknown) => {
          this.end = 'error';
          this.error = error;
        },
        complete: () => {
          this.end = 'complete';
        },
      }),
    );
  }

  get isOpen(): boolean {
    return this.end === 'open';
  }

  tearDown(): void {
    if (this.isOpen) this.end = 'torn down';
    this.subscription.unsubscribe();
  }

  count(isSo: (event: Seen) => boolean): number {
    return this.events.filter(({ event }) => isSo(event)).length;
  }

  #next(event: Seen): void {
    const { world } = this;
    check(this.isOpen, `${event.type} after the end (${this.end})`);
    this.events.push({ event, at: world.clock.now(), session: world.session });
    if (event.type === 'accepted') {
      for (const id of event.workbinIds) {
        check(this.ids.includes(id), `accepted for ${id}, which was not asked for`);
        check(!this.gone.has(id), `accepted for ${id}, which is settled`);
        this.references.set(id, event.referenceIds.get(id));
      }
      return;
    }
    if (event.type === 'gap') {
      check(event.from <= event.to, 'a gap that ends before it begins');
      check(event.to === world.clock.now(), 'a gap that ends at another time than now');
      check(
        world.losses.some((loss) => event.from <= loss && loss <= event.to),
        `a gap ${event.from} to ${event.to} without a loss in it: ${world.losses.join(' ')}`,
      );
      for (const id of event.workbinIds)
        check(this.confirmedIn.get(id) === world.session, `a gap before ${id} is confirmed`);
      return;
    }
    const id = event.workbinId;
    check(this.ids.includes(id), `${event.type} of ${id}, which was not asked for`);
    check(!this.gone.has(id), `${event.type} of ${id}, which is settled`);
    if (event.type === 'failed') {
      this.gone.add(id);
      return;
    }
    check(this.references.has(id), `${event.type} of ${id} before its accepted`);
    if (event.type === 'item') {
      check(this.scope.kind === 'agentGroup' || event.workbinUserId !== 'foreign', 'an item of somebody else');
      return;
    }
    check(
      event.referenceId === undefined ||
        event.referenceId === this.references.get(id) ||
        event.state === 'Unsubscribed',
      'settled by a confirmation of another request',
    );
    if (event.state === 'RequestFailed') return;
    if (this.kind === 'watch') {
      if (event.state === 'Subscribed') this.confirmedIn.set(id, world.session);
      else {
        this.confirmedIn.delete(id);
        this.gone.add(id);
      }
    } else {
      check(
        event.state === (this.kind === 'subscribe' ? 'Subscribed' : 'Unsubscribed'),
        `the wrong state ${event.state}`,
      );
      this.gone.add(id);
    }
  }
}

interface Request {
  readonly key: string;
  readonly ids: readonly string[];
  readonly session: number;
}

/** The server, the session, and all who ask: nothing in it takes real time but the turns of the event loop. */
export class World {
  readonly clock = new VirtualTimeScheduler(VirtualAction, 0);
  readonly registry: Registry;
  readonly parties: Party[] = [];
  /** When something may have been lost at the server: a session, or a workbin to an Unsubscribe. */
  readonly losses: number[] = [];
  /** Counts the sessions; what the server observes belongs to one. */
  session = 0;
  isClosed = false;
  posts = 0;
  /** Faults of the registry that come to light where nothing can throw. */
  readonly faults: Error[] = [];
  #isServerUp = false;
  #isLive = false;
  #isComing = false;
  #isHealing = false;
  #observed = new Set<string>();
  /** The keys of which a plain subscription is the last word. */
  readonly #plain = new Map<string, Party>();
  readonly #everPlain = new Set<string>();
  readonly #unsure = new Set<string>();
  readonly #active = new Set<Request>();
  readonly #timers = new Subscription();
  readonly #sent: WorkbinSubscriptionStateChangeMessage[] = [];
  #lastReference = 0;

  constructor(
    private readonly plans: readonly Plan[],
    coalesce: boolean,
  ) {
    this.clock.maxFrames = 0;
    const settings = settingsOf({
      baseUrl: 'http://world',
      scheduler: this.clock,
      coalesce,
      retry: { initialDelay: 100, maxDelay: 1_000, random: () => 0.5 },
    });
    this.registry = createRegistry(settings, {
      post: (scope, some, operation) => this.#post(scope, some, operation),
      maxUrlLength: () => 6_500,
      need: () => {
        this.#need();
      },
      trouble: () => undefined,
    });
  }

  advance(ms: number): void {
    const target = this.clock.frame + ms;
    this.clock.maxFrames = target;
    this.clock.flush();
    this.clock.frame = target;
  }

  run(command: Command): void {
    const { registry } = this;
    switch (command.type) {
      case 'subscribe':
      case 'unsubscribe': {
        const scope = at(scopes, command.scope);
        const operation = command.type === 'subscribe' ? 'Subscribe' : 'Unsubscribe';
        const some = idsIn(scope, command.ids);
        const source$ = registry.ask(scope, some, operation, command.timeout);
        const party = new Party(this, command.type, scope, some, source$);
        this.parties.push(party);
        for (const id of some) {
          const key = keyOf(scope, id);
          this.#everPlain.add(key);
          if (command.type === 'subscribe') this.#plain.set(key, party);
          else this.#plain.delete(key);
        }
        return;
      }
      case 'watch': {
        const scope = at(scopes, command.scope);
        const some = idsIn(scope, command.ids);
        const source$ = registry.watch(scope, some, command.timeout);
        this.parties.push(new Party(this, 'watch', scope, some, source$));
        return;
      }
      case 'teardown': {
        const open = this.parties.filter((party) => party.isOpen);
        if (open.length > 0) at(open, command.which).tearDown();
        return;
      }
      case 'kill':
        this.#kill(command.noticed, command.back);
        return;
      case 'fail': {
        if (this.isClosed) return;
        this.#drop();
        this.#isLive = false;
        // What could not be had is nobody's word any more.
        for (const key of this.#plain.keys()) this.#unsure.add(key);
        registry.fail(new ConnectionError('refused'));
        return;
      }
      case 'item':
        this.#item(at(scopes, command.scope), command.id, command.isForeign);
        return;
      case 'stale': {
        const stale = this.#sent.filter(({ referenceId }) => referenceId !== undefined);
        if (stale.length > 0 && this.#isLive) this.#say(at(stale, command.which));
        return;
      }
      case 'close':
        this.isClosed = true;
        void registry.close();
    }
  }

  /** From now on everything works. */
  heal(): void {
    this.#isHealing = true;
  }

  /** What must be so once everything has had its time. */
  assertSettled(): void {
    const [fault] = this.faults;
    if (fault !== undefined) throw fault;
    for (const party of this.parties) this.#assertParty(party);
    if (this.isClosed) return;
    const watched = new Set<string>();
    for (const party of this.parties) {
      if (party.kind !== 'watch' || !party.isOpen) continue;
      for (const id of party.ids) if (!party.gone.has(id)) watched.add(keyOf(party.scope, id));
    }
    for (const key of watched) check(this.#observed.has(key), `watched, and not subscribed at the server: ${key}`);
    for (const [key, party] of this.#plain) {
      const id = key.slice(key.indexOf(' ') + 1);
      const isDone =
        party.count((event) => event.type === 'state' && event.workbinId === id && event.state === 'Subscribed') === 1;
      if (isDone && !isBad(id) && !this.#unsure.has(key)) {
        check(this.#observed.has(key), `subscribed for good, and not so at the server: ${key}`);
      }
    }
    for (const key of this.#observed) {
      check(
        watched.has(key) || this.#everPlain.has(key) || this.#unsure.has(key),
        `nobody wants it, and it is still subscribed at the server: ${key}`,
      );
    }
  }

  /** What must be so when nothing is wanted any more. */
  async assertEmpty(): Promise<void> {
    for (const party of this.parties) party.tearDown();
    await turn();
    if (!this.isClosed) {
      for (const scope of scopes)
        this.run({ type: 'unsubscribe', scope: scopes.indexOf(scope), ids: ids.slice(0, 3), timeout: 30_000 });
    }
    await turn();
    await this.pass(40, 1_000);
    if (!this.isClosed) {
      check(this.#observed.size === 0, `left at the server: ${[...this.#observed].join()}`);
      check(this.registry.size === 0, `entries left: ${this.registry.size}`);
    }
    let isOver = false;
    void this.registry.close().then(() => {
      isOver = true;
    });
    await this.pass(4, 1_000);
    check(isOver, 'close() does not resolve');
    check(this.registry.size === 0, `entries left after close(): ${this.registry.size}`);
    check(this.#active.size === 0, 'requests left');
    this.#timers.unsubscribe();
    check(this.clock.actions.length === 0, `timers left: ${this.clock.actions.length}`);
    check(this.posts < 400, `${this.posts} requests: a loop`);
    const [fault] = this.faults;
    if (fault !== undefined) throw fault;
  }

  async pass(times: number, ms: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.advance(ms);
      await turn();
    }
  }

  #assertParty(party: Party): void {
    const { kind, end } = party;
    const name = `${kind} ${scopeKey(party.scope)} ${party.ids.join()}`;
    if (kind !== 'watch') {
      check(end !== 'open', `never settled: ${name}`);
      check(end !== 'error', `errored: ${name}`);
      if (end !== 'complete') return;
      for (const id of party.ids) {
        const done = party.count(
          (event) => event.type === 'state' && event.workbinId === id && event.state !== 'RequestFailed',
        );
        const failed = party.count((event) => event.type === 'failed' && event.workbinId === id);
        check(done + failed === 1, `${done} done and ${failed} failed for ${id}: ${name}`);
      }
      return;
    }
    if (end === 'open') {
      for (const id of party.ids) {
        if (party.gone.has(id)) continue;
        check(party.confirmedIn.get(id) === this.session, `open, and not confirmed in this session: ${id} of ${name}`);
      }
      check(
        party.ids.some((id) => !party.gone.has(id)),
        `open, and nothing left to watch: ${name}`,
      );
      for (const { id, at: lostAt } of party.lostItems) {
        if (party.gone.has(id)) continue;
        check(
          party.events.some(
            ({ event }) =>
              event.type === 'gap' && event.workbinIds.includes(id) && event.from <= lostAt && lostAt <= event.to,
          ),
          `an item of ${id} was lost at ${lostAt}, and no gap says so: ${name}`,
        );
      }
    } else if (end === 'complete' && !this.isClosed) {
      check(
        party.ids.every((id) => party.gone.has(id)),
        `complete before its time: ${name}`,
      );
    }
  }

  #need(): void {
    if (this.#isLive || this.#isComing || this.isClosed) return;
    this.#come(20);
  }

  #come(after: number): void {
    this.#isComing = true;
    this.#later(after, () => {
      this.#isComing = false;
      if (this.isClosed) return;
      this.session++;
      this.#isServerUp = true;
      this.#isLive = true;
      this.registry.live(ownUser);
    });
  }

  /** The server forgets the session. */
  #drop(): void {
    if (this.#isServerUp) this.losses.push(this.clock.now());
    this.#isServerUp = false;
    this.#observed = new Set();
  }

  #kill(noticed: number, back: number): void {
    if (!this.#isLive || !this.#isServerUp || this.isClosed) return;
    const from = this.clock.now();
    const { session } = this;
    this.#drop();
    const lose = (): void => {
      if (this.session !== session || !this.#isLive || this.isClosed) return;
      this.#isLive = false;
      this.registry.lost({ from, reason: 'killed' });
      this.#come(back);
    };
    if (noticed === 0) lose();
    else this.#later(noticed, lose);
  }

  #say(message: WorkbinSubscriptionStateChangeMessage): void {
    // What comes late or twice is taken at its word: who is watched then is asked for again, and told so.
    if (message.stateResource === 'Unsubscribed') this.losses.push(this.clock.now());
    this.registry.push(message);
  }

  #later(ms: number, work: () => void): void {
    const timer = this.clock.schedule(() => {
      this.#timers.remove(timer);
      try {
        work();
      } catch (error) {
        this.faults.push(asError(error));
      }
    }, ms);
    this.#timers.add(timer);
  }

  #item(scope: WorkbinScope, plainId: string, isForeign: boolean): void {
    const [id = plainId] = idsIn(scope, [plainId]);
    const key = keyOf(scope, id);
    const message: WorkbinNotification = {
      messageType: 'WorkbinStateChangeMessage',
      id,
      action: 'ItemAdded',
      ...(isForeign ? { workbinUserId: 'foreign' } : {}),
      ...(scope.kind === 'user' && !isForeign ? { workbinUserId: scope.userId } : {}),
      ...(scope.kind === 'me' && !isForeign ? { workbinUserId: ownUser } : {}),
      ...(scope.kind === 'agentGroup' ? { agentGroup: scope.name } : {}),
      chatStateResourceV2: { id: String(this.clock.now()) },
    };
    const watchers = this.parties.filter(
      (party) =>
        party.kind === 'watch' &&
        party.isOpen &&
        keyOf(party.scope, id) === key &&
        party.ids.includes(id) &&
        !party.gone.has(id),
    );
    const isItem = (event: Seen): boolean => event.type === 'item' && event.workbinId === id;
    if (!this.#isServerUp || !this.#isLive || !this.#observed.has(key)) {
      for (const party of watchers) {
        if (party.confirmedIn.has(id)) party.lostItems.push({ id, at: this.clock.now() });
      }
      return;
    }
    const before = new Map(watchers.map((party) => [party, party.count(isItem)]));
    this.registry.push(message);
    for (const [party, count] of before) {
      const more = party.count(isItem) - count;
      if (isForeign && scope.kind !== 'agentGroup') check(more === 0, 'an item of somebody else');
      else if (isForeign) check(more <= 1, 'an item doubled');
      else if (party.confirmedIn.get(id) === this.session) check(more === 1, `an item came ${more} times`);
      else check(more <= 1, 'an item doubled');
    }
  }

  #plan(): Plan {
    return this.#isHealing ? fine : (this.plans[this.posts - 1] ?? fine);
  }

  #post(scope: WorkbinScope, some: readonly string[], operation: WorkbinOperation): Observable<Accepted> {
    return new Observable((subscriber) => {
      this.posts++;
      const fault = (what: string): void => {
        this.faults.push(new Error(what));
      };
      if (!this.#isLive) fault('a request without a session');
      const { session } = this;
      const keys = some.map((id) => keyOf(scope, id));
      for (const request of this.#active) {
        if (request.session !== session) fault('a request of an earlier session is still there');
        for (const id of request.ids)
          if (keys.includes(keyOf(scope, id)) && request.key === scopeKey(scope))
            fault(`two requests at once for ${id}`);
      }
      const request: Request = { key: scopeKey(scope), ids: some, session };
      this.#active.add(request);
      subscriber.add(() => this.#active.delete(request));
      // Whatever becomes of it: from now on a watched workbin may not be observed.
      if (operation === 'Unsubscribe') this.losses.push(this.clock.now());
      const plan = this.#plan();
      const references = new Map(some.map((id): [string, number] => [id, ++this.#lastReference]));
      if (some.some(isBad) || plan.reply === 'refused') {
        const statusCode = some.some(isBad) ? 6 : 4;
        if (plan.reply !== 'never' && statusCode === 4) for (const key of keys) this.#unsure.add(key);
        this.#soon(plan.replyAfter, () => {
          subscriber.error(new ApiError('refused', 400, statusCode, undefined, ''));
        });
        return;
      }
      if (operation === 'Unsubscribe' && (plan.reply !== 'ok' || plan.push !== 'ok'))
        for (const key of keys) this.#unsure.add(key);
      if (plan.reply === 'network') {
        for (const key of keys) this.#unsure.add(key);
        this.#soon(plan.replyAfter, () => {
          subscriber.error(new NetworkError('no answer'));
        });
        return;
      }
      const named = plan.reply === 'partial' ? some.slice(1) : some;
      // What failed for the last who wanted it may stand from an earlier request that was given up on its way.
      for (const id of some) if (!named.includes(id)) this.#unsure.add(keyOf(scope, id));
      for (const id of named) {
        const key = keyOf(scope, id);
        if (plan.push === 'failed') this.#unsure.add(key);
        else if (this.#isServerUp && operation === 'Subscribe') this.#observed.add(key);
        else this.#observed.delete(key);
        if (plan.push === 'lost' || plan.reply === 'never') this.#unsure.add(key);
      }
      if (plan.reply === 'never') return;
      const reply = (): void => {
        subscriber.next({
          type: 'accepted',
          scope,
          workbinIds: some,
          referenceIds: new Map(named.map((id): [string, number] => [id, references.get(id) ?? -1])),
          response:
            some.length === 1
              ? { statusCode: named.length === 1 ? 0 : 7, referenceId: references.get(some[0] ?? '') ?? 0 }
              : { statusCode: named.length === some.length ? 0 : 7, referenceIds: Object.fromEntries(references) },
        });
        subscriber.complete();
      };
      const messages = named.map((id): WorkbinSubscriptionStateChangeMessage => ({
        messageType: 'WorkbinSubscriptionStateChangeMessage',
        id,
        stateResource: plan.push === 'failed' ? 'RequestFailed' : `${operation}d`,
        ...(plan.hasReference ? { referenceId: references.get(id) ?? -1 } : {}),
        ...(scope.kind === 'user' ? { workbinUserId: scope.userId } : {}),
        ...(scope.kind === 'me' ? { workbinUserId: ownUser } : {}),
        ...(scope.kind === 'agentGroup' ? { agentGroup: scope.name } : {}),
      }));
      this.#sent.push(...messages);
      const push = (): void => {
        for (const message of plan.push === 'thrice-mixed'
          ? [...messages, ...messages.toReversed(), ...messages]
          : messages) {
          if (this.session === session && this.#isServerUp && this.#isLive) this.#say(message);
          if (plan.push === 'doubled' && this.session === session && this.#isLive) this.#say(message);
        }
      };
      if (plan.push !== 'lost' && plan.pushAfter < plan.replyAfter) this.#soon(plan.pushAfter, push);
      this.#soon(plan.replyAfter, reply);
      if (plan.push !== 'lost' && plan.pushAfter >= plan.replyAfter) this.#soon(plan.pushAfter, push);
    });
  }

  #soon(ms: number, work: () => void): void {
    if (ms === 0) work();
    else this.#later(ms, work);
  }
}

/** A message that leaves its owner out cannot be told from one of a group: the two never share an id here. */
const idsIn = (scope: WorkbinScope, some: readonly string[]): readonly string[] =>
  scope.kind === 'agentGroup' ? some.map((id) => `group-${id}`) : some;
const isBad = (id: string): boolean => id.endsWith('bad');

const keyOf = (scope: WorkbinScope, id: string): string => `${scopeKey(scope)} ${id}`;

const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index % list.length];
  if (value === undefined) throw new Error('an empty list');
  return value;
};

/** Lives through a schedule, then lets everything heal, and looks whether all is as it must be. */
export const play = async (steps: readonly Step[], plans: readonly Plan[], coalesce: boolean): Promise<void> => {
  const world = new World(plans, coalesce);
  const unhandled: unknown[] = [];
  const catchIt = (error: unknown): void => {
    unhandled.push(error);
  };
  config.onUnhandledError = catchIt;
  process.on('unhandledRejection', catchIt);
  try {
    for (const { command: next, after, endsTurn } of steps) {
      world.advance(after);
      world.run(next);
      if (endsTurn) await turn();
    }
    world.heal();
    await turn();
    await world.pass(75, 1_000);
    world.assertSettled();
    await world.assertEmpty();
    if (unhandled.length > 0) throw new Error(`not caught: ${String(unhandled[0])}`);
  } finally {
    config.onUnhandledError = null;
    process.off('unhandledRejection', catchIt);
  }
};

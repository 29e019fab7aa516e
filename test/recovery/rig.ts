import type { ExecutionContext } from 'ava';
import { type Observable, type Subscription, VirtualAction, VirtualTimeScheduler } from 'rxjs';
import {
  type ConnectionState,
  type GapEvent,
  type ItemEvent,
  type SubscriptionEvent,
  type WatchEvent,
  type WorkbinClient,
  type WorkbinClientOptions,
  createWorkbinClient,
} from '../../src/index.js';
import { type Sandbox, type SandboxOptions, type SandboxRequest, createSandbox } from '../../src/sandbox/index.js';

export const A = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
export const B = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
export const AGENT = '9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31';
export const COLLEAGUE = 'e6f2ad1b26ea4e9b8dd907eabe167522';
export const TOPIC = '/v2/me/workbins';
export const BAYEUX = '/api/v2/notifications';

/** Time that stands still until it is advanced. */
export class Clock extends VirtualTimeScheduler {
  constructor(start = Date.UTC(2024, 0, 1)) {
    super(VirtualAction, start);
    this.frame = start;
  }

  advance(ms: number): void {
    const target = this.frame + ms;
    this.maxFrames = target;
    this.flush();
    this.frame = target;
  }

  /** Goes to the next timer; how many ms that was. */
  advanceToNext(): number {
    const ms = Math.min(...this.actions.map(({ delay }) => delay)) - this.frame;
    this.advance(ms);
    return ms;
  }

  /** The timers that are armed. */
  get armed(): number {
    return this.actions.length;
  }
}

const turn = (): Promise<false> =>
  new Promise((resolve) => {
    setTimeout(resolve, 1, false);
  });

/** A request when it came, and the same when its reply left. */
export interface Step {
  readonly phase: 'arrived' | 'answered';
  readonly request: SandboxRequest;
}

/** ms that each backoff lets pass: `retry.maxDelay` of every rig. */
export const step = 1_000;

export interface Rig {
  readonly sandbox: Sandbox;
  readonly client: WorkbinClient;
  readonly clock: Clock;
  readonly trace: readonly Step[];
  readonly states: readonly ConnectionState[];
  readonly log: readonly string[];
  /** Waits, in real time, for what the sockets bring. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>;
}

export interface RigOptions {
  readonly sandbox?: SandboxOptions;
  readonly client?: Partial<WorkbinClientOptions>;
}

const describe = ({ phase, request }: Step): string =>
  `${phase} ${request.method} ${request.path} ${request.bayeux?.join('+') ?? ''} ${request.operationName ?? ''} ${request.status ?? ''}`;

/** Rigs at a time: two cores carry no more without hurry. */
const slots = 6;
let taken = 0;
const queue: (() => void)[] = [];
const slot = async (t: ExecutionContext): Promise<void> => {
  if (taken < slots) taken++;
  else await new Promise<void>((resolve) => queue.push(resolve));
  t.teardown(() => {
    const next = queue.shift();
    if (next === undefined) taken--;
    else next();
  });
};

/**
 * A sandbox, a client, and a clock that goes on whenever the library has asked for the jitter of a backoff: it waits
 * for nothing else by itself.
 */
export const createRig = async (t: ExecutionContext, options: RigOptions = {}): Promise<Rig> => {
  t.timeout(600_000);
  await slot(t);
  t.timeout(60_000);
  const sandbox = await createSandbox(options.sandbox);
  t.teardown(() => sandbox.close());
  const clock = new Clock();
  const trace: Step[] = [];
  void sandbox.request((request) => {
    trace.push({ phase: request.status === undefined ? 'arrived' : 'answered', request });
    return false;
  });
  const log: string[] = [];
  const client = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    scheduler: clock,
    timeout: Infinity,
    retry: {
      initialDelay: 100,
      maxDelay: step,
      random: () => {
        setImmediate(() => clock.advance(step));
        return 0.9;
      },
    },
    logger: (level, message, details) => {
      log.push(
        `${level} ${message} ${JSON.stringify(details, (_, value: unknown) => (String(value) === '[object Object]' || Array.isArray(value) ? value : String(value)))}`,
      );
    },
    ...options.client,
  });
  const states: ConnectionState[] = [];
  client.connection$.subscribe((state) => states.push(state));

  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const end = Date.now() + 8_000;
    while (!isSo()) {
      if (Date.now() > end) {
        t.log(log.slice(-30).join('\n'));
        t.log(trace.slice(-40).map(describe).join('\n'));
        throw new Error(`never came: ${what}`);
      }
      await turn();
    }
  };
  t.teardown(async () => {
    const closed = client.close().then(() => true);
    // After a while: what the sandbox does not answer any more.
    for (let i = 0; !(await Promise.race([closed, turn()])); i++) if (i > 50) clock.advance(5_000);
  });
  return { sandbox, client, clock, trace, states, log, until };
};

/** A subscriber that keeps everything. */
export class Seen<E extends WatchEvent | SubscriptionEvent> {
  readonly events: E[] = [];
  error: unknown;
  isComplete = false;
  readonly subscription: Subscription;

  constructor(source$: Observable<E>) {
    this.subscription = source$.subscribe({
      next: (event) => {
        if (this.hasEnded) throw new Error(`an event after the end: ${event.type}`);
        this.events.push(event);
      },
      error: (error: unknown) => {
        this.error = error;
      },
      complete: () => {
        this.isComplete = true;
      },
    });
  }

  get hasEnded(): boolean {
    return this.isComplete || this.error !== undefined;
  }

  get gaps(): readonly GapEvent[] {
    return this.events.filter((event): event is E & GapEvent => event.type === 'gap');
  }

  get items(): readonly (string | undefined)[] {
    return this.events
      .filter((event): event is E & ItemEvent => event.type === 'item')
      .map((event) => event.interaction?.id);
  }

  /** How many times each workbin was confirmed. */
  confirmed(workbinId: string): number {
    return this.events.filter(
      (event) => event.type === 'state' && event.state === 'Subscribed' && event.workbinId === workbinId,
    ).length;
  }

  get types(): readonly string[] {
    return this.events.map((event) => (event.type === 'state' ? event.state : event.type));
  }
}

export const isSubscribe = ({ operationName }: SandboxRequest): boolean => operationName === 'Subscribe';
export const has =
  (channel: string) =>
  ({ bayeux }: SandboxRequest): boolean =>
    bayeux?.includes(channel) === true;

/** The ids that POSTs of an operation have named since the given step. */
export const posted = (
  trace: readonly Step[],
  operation: 'Subscribe' | 'Unsubscribe',
  from = 0,
): readonly (readonly string[])[] =>
  trace
    .slice(from)
    .filter(({ phase, request }) => phase === 'arrived' && request.operationName === operation)
    .map(({ request }) => request.workbinIds ?? []);

/** Waits until the sandbox holds a long poll. */
export const held = ({ trace, until }: Rig): Promise<void> =>
  until('a long poll', () => {
    const polls = trace.filter(({ request }) => has('/meta/connect')(request));
    return polls.length > 1 && polls.at(-1)?.phase === 'arrived';
  });

/** What must be so whenever a client is at rest: one session, the topic first, everything wanted once. */
export const assertHealthy = async (
  t: ExecutionContext,
  rig: Rig,
  ids: readonly string[],
  scope = 'me',
  mayHaveOrphan = false,
): Promise<void> => {
  const { sandbox, trace, states, until } = rig;
  // The sandbox itself gives up one that does not poll for 10 s: too late to help here.
  await until('one live CometD session', () => sandbox.bayeuxSessions === 1 || mayHaveOrphan);
  t.deepEqual(
    sandbox
      .subscriptions()
      .map((subscription) => `${subscription.scope} ${subscription.workbinId}`)
      .sort(),
    ids.map((id) => `${scope} ${id}`).sort(),
    'everything wanted is subscribed, once, and nothing else',
  );
  let isTopicSubscribed = false;
  let posts = new Map<string, number>();
  for (const { phase, request } of trace) {
    if (phase === 'arrived' && has('/meta/handshake')(request)) {
      isTopicSubscribed = false;
      posts = new Map();
    } else if (phase === 'answered' && has('/meta/subscribe')(request) && request.status === 200) {
      isTopicSubscribed = true;
    } else if (phase === 'arrived' && isSubscribe(request)) {
      t.true(isTopicSubscribed, 'a POST before the topic was acknowledged');
    } else if (phase === 'answered' && isSubscribe(request) && request.status === 200) {
      for (const id of request.workbinIds ?? []) posts.set(id, (posts.get(id) ?? 0) + 1);
    }
  }
  t.true(isTopicSubscribed);
  states.forEach((state, i) => {
    t.not(state, states[i + 1], `connection$ said the same twice: ${states.join(' ')}`);
  });
  t.is(states.at(-1), 'connected');
};

/** How often each id was posted for and accepted in the last CometD session. */
export const acceptedSince = (trace: readonly Step[]): ReadonlyMap<string, number> => {
  const from = trace.findLastIndex(({ phase, request }) => phase === 'arrived' && has('/meta/handshake')(request));
  const counts = new Map<string, number>();
  for (const { phase, request } of trace.slice(from)) {
    if (phase !== 'answered' || !isSubscribe(request) || request.status !== 200) continue;
    for (const id of request.workbinIds ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

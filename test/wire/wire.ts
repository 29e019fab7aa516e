import { createPlatform } from '#platform';
import type { ExecutionContext } from 'ava';
import type { Observable, Subscription } from 'rxjs';
import {
  createWorkbinClient,
  isSubscriptionError,
  type SubscriptionError,
  type WatchEvent,
  type WorkbinClient,
  type WorkbinClientOptions,
  type WorkbinNotification,
} from '../../src/index.js';
import { createSandbox, type Sandbox, type SandboxOptions, type SandboxRequest } from '../../src/sandbox/index.js';
import { Clock } from './clock.js';

export const A = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
export const B = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
export const BASE64 = 'VHdpdHRlciBXb3JrYmluIEluUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=';
export const AGENT = '9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31';
export const COLLEAGUE = 'e6f2ad1b26ea4e9b8dd907eabe167522';
export const minute = 60_000;

/** One client, the server it talks to, and the time in which it lives. */
export interface Wire {
  readonly sandbox: Sandbox;
  readonly client: WorkbinClient;
  readonly clock: Clock;
}

export type WireOptions = Partial<Omit<WorkbinClientOptions, 'scheduler'>> & { readonly sandbox?: SandboxOptions };

/** A sandbox that is closed with the test. */
export async function start(t: ExecutionContext, options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  t.teardown(() => sandbox.close());
  return sandbox;
}

/** A client of a sandbox, in virtual time, without jitter; closed with the test. */
export function connect(
  t: ExecutionContext,
  sandbox: Sandbox,
  options: Omit<WireOptions, 'sandbox'> = {},
): Omit<Wire, 'sandbox'> {
  const clock = new Clock();
  const client = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    ...options,
    retry: { random: () => 1, ...options.retry },
    scheduler: clock,
  });
  t.teardown(() => passWhile(clock, client.close()));
  return { client, clock };
}

/** A sandbox and a client of it, both of the test's own. */
export async function open(
  t: ExecutionContext,
  { sandbox: sandboxOptions, ...options }: WireOptions = {},
): Promise<Wire> {
  const sandbox = await start(t, sandboxOptions);
  return { sandbox, ...connect(t, sandbox, options) };
}

/** The platform's own fetch with a cookie jar, for a test that looks at what goes through it. */
export function fetchWithCookies({ url }: Sandbox): typeof globalThis.fetch {
  const platform = createPlatform(url);
  return (input, init) => platform.fetch(input instanceof Request ? input.url : input.toString(), init);
}

/** Lets time pass until something is done. */
export async function passWhile(clock: Clock, work: Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  const done = work.finally(() => {
    state.isDone = true;
  });
  while (!state.isDone) {
    await turn();
    clock.advance(100);
  }
  await done;
}

/** Resolves in a later turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What came of an Observable so far. */
export class Recording<V> {
  readonly values: V[] = [];
  error: unknown;
  outcome: 'open' | 'complete' | 'error' = 'open';
  /** Resolves with this when it completes or errors. */
  readonly ended: Promise<this>;
  readonly subscription: Subscription;
  readonly #waiting = new Set<() => void>();

  constructor(source$: Observable<V>) {
    let end: (recording: this) => void = () => undefined;
    this.ended = new Promise((resolve) => (end = resolve));
    this.subscription = source$.subscribe({
      next: (value) => {
        this.values.push(value);
        for (const look of [...this.#waiting]) look();
      },
      error: (error: unknown) => {
        this.error = error;
        this.outcome = 'error';
        end(this);
      },
      complete: () => {
        this.outcome = 'complete';
        end(this);
      },
    });
  }

  /** Resolves with the first value, past or future, that fits. */
  async until(fits: (value: V) => boolean): Promise<V> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const value = this.values.find(fits);
        if (value === undefined) return;
        this.#waiting.delete(look);
        resolve(value);
      };
      this.#waiting.add(look);
      look();
      void this.ended.then(() => {
        reject(new Error(`ended first: ${this.outcome} ${String(this.error)}`));
      });
    });
  }

  /** Resolves once there are so many values. */
  async count(count: number): Promise<readonly V[]> {
    await this.until(() => this.values.length >= count);
    return this.values;
  }
}

export const record = <V>(source$: Observable<V>): Recording<V> => new Recording(source$);

/** Everything an Observable emits, once it completes. */
export async function all<V>(source$: Observable<V>): Promise<readonly V[]> {
  const { values, outcome, error } = await record(source$).ended;
  if (outcome === 'error') throw error;
  return values;
}

/** The account that an operation ends with. */
export async function accountOf(of: Observable<unknown> | Recording<unknown>): Promise<SubscriptionError> {
  const { error, outcome } = await (of instanceof Recording ? of : record(of)).ended;
  if (!isSubscriptionError(error)) throw new Error(`no account: ${outcome} ${String(error)}`, { cause: error });
  return error;
}

/** The error that an Observable ends with. */
export async function errorOf(source$: Observable<unknown>): Promise<unknown> {
  const { error, outcome } = await record(source$).ended;
  if (outcome !== 'error') throw new Error('no error');
  return error;
}

/** Events in a few words: `accepted a,b`, `Subscribed a`, `ItemAdded a`. */
export const brief = (event: WatchEvent): string => {
  switch (event.type) {
    case 'accepted':
      return `accepted ${event.workbinIds.join()}`;
    case 'state':
      return `${event.state} ${event.workbinId}`;
    case 'item':
      return `${event.action} ${event.workbinId}`;
    case 'gap':
      return `gap ${event.workbinIds.join()}`;
    case 'failed':
      return `failed ${event.workbinId}`;
  }
};

/** The POSTs of an operation that have reached the sandbox. */
export const posts = (sandbox: Sandbox, operation = 'Subscribe'): readonly SandboxRequest[] =>
  sandbox.requests.filter(({ operationName }) => operationName === operation);

/** All requests but the long polls. */
export const nonPolls = (sandbox: Sandbox): readonly SandboxRequest[] =>
  sandbox.requests.filter(({ bayeux }) => bayeux?.includes('/meta/connect') !== true);

/** A request in a few words: the operation, the Bayeux channel, or method and path. */
export const named = ({ method, path, operationName, bayeux }: SandboxRequest): string =>
  operationName ?? bayeux?.join() ?? `${method} ${path}`;

/** A subscription state as the topic carries it. */
export const state = (
  stateResource: 'Subscribed' | 'Unsubscribed' | 'RequestFailed',
  id: string,
  more: object = {},
): WorkbinNotification => ({ ...more, stateResource, id, messageType: 'WorkbinSubscriptionStateChangeMessage' });

/** Resolves once the client's session stands. */
export async function warm({ client }: Pick<Wire, 'client'>): Promise<void> {
  record(client.notifications$);
  await record(client.connection$).until((connection) => connection === 'connected');
}

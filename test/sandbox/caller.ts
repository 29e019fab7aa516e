import type { ExecutionContext } from 'ava';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/index.js';

export const WORKBIN_A = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
export const WORKBIN_B = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
export const BASE64 = 'VHdpdHRlciBXb3JrYmluIEluUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=';
export const COLLEAGUE = 'e6f2ad1b26ea4e9b8dd907eabe167522';
export const TOPIC = '/v2/me/workbins';

export type Message = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is a JSON object. */
  readonly body: Message;
}

/** A sandbox that is closed with the test. */
export async function start(t: ExecutionContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  t.teardown(() => sandbox.close());
  return sandbox;
}

/** A client in the few lines that the protocol takes: a cookie jar, a token, Bayeux messages by hand. */
export class Caller {
  readonly cookies = new Map<string, string>();
  clientId = '';
  authorization: string | undefined;
  #csrf: readonly [string, string] | undefined;
  #sandbox: Sandbox;

  constructor(sandbox: Sandbox, userName = sandbox.username, password = sandbox.password) {
    this.#sandbox = sandbox;
    this.authorization = `Basic ${btoa(`${userName}:${password}`)}`;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.#sandbox.url}${path}`, {
      method,
      headers: {
        ...(this.authorization === undefined ? {} : { authorization: this.authorization }),
        ...(this.cookies.size === 0 ? {} : { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(this.#csrf === undefined ? {} : { [this.#csrf[0]]: this.#csrf[1] }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    const [name, value] = [response.headers.get('x-csrf-header'), response.headers.get('x-csrf-token')];
    if (name !== null && value !== null) this.#csrf = [name, value];
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  operate(path: string, operationName = 'Subscribe', more: Message = {}): Promise<Answer> {
    return this.send('POST', path, { operationName, ...more });
  }

  /** Sends one Bayeux message; the replies and whatever came with them. */
  async bayeux(message: Message, path = ''): Promise<readonly Message[]> {
    const { text } = await this.send('POST', `/api/v2/notifications${path}`, [{ id: '1', ...message }]);
    // an array is what Bayeux answers; anything else fails the test that looks into it
    return JSON.parse(text) as readonly Message[];
  }

  async handshake(): Promise<void> {
    const [reply] = await this.bayeux(
      { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] },
      '/handshake',
    );
    this.clientId = String(reply?.['clientId']);
  }

  subscribe(subscription: unknown = TOPIC): Promise<readonly Message[]> {
    return this.bayeux({ channel: '/meta/subscribe', clientId: this.clientId, subscription });
  }

  connect(advice?: Message): Promise<readonly Message[]> {
    const message = { channel: '/meta/connect', clientId: this.clientId, connectionType: 'long-polling' };
    return this.bayeux(advice === undefined ? message : { ...message, advice }, '/connect');
  }

  /** A token, a CometD session, the topic: ready for pushes. */
  async open(): Promise<this> {
    await this.get('/api/v2/me');
    await this.handshake();
    await this.subscribe();
    return this;
  }

  /** Connects until as many messages as expected have come on the topic. */
  async pushes(count = 1): Promise<readonly unknown[]> {
    const data: unknown[] = [];
    while (data.length < count) {
      for (const message of await this.connect()) if (message['channel'] === TOPIC) data.push(message['data']);
    }
    return data;
  }

  /** What has come on the topic by now. */
  async pushesSoFar(): Promise<readonly unknown[]> {
    const messages = await this.connect({ timeout: 0 });
    return messages.filter((message) => message['channel'] === TOPIC).map((message) => message['data']);
  }
}

function parse(text: string): Message {
  try {
    // tests compare it with what they expect, whatever it is
    return JSON.parse(text) as Message;
  } catch {
    return {};
  }
}

export function state(stateResource: string, id: string, more: Message = {}): Message {
  return { ...more, stateResource, id, messageType: 'WorkbinSubscriptionStateChangeMessage' };
}

/** Resolves when the sandbox holds a `/meta/connect` of the caller: it has been read, and its reply has not left. */
export async function held(sandbox: Sandbox, from: number): Promise<void> {
  await sandbox.request(
    (request) => sandbox.requests.indexOf(request) >= from && request.bayeux?.includes('/meta/connect') === true,
  );
}

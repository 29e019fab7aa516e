// Listening in on an application's own CometD client: the topic in each of its sessions, asked for once, heard once.
import test, { type ExecutionContext } from 'ava';
import type { Message } from 'cometd';
import { Subject } from 'rxjs';
import type { Fault, Sandbox, SandboxOptions } from '../../src/sandbox/index.js';
import { type BayeuxSignal, attachBayeux } from '../../src/transport/bayeux.js';
import { CookieFetch } from '../recovery/cookieFetch.js';
import { TOPIC } from '../recovery/rig.js';
import { type Application, createApplication } from '../session/application.js';
import { type Recording, named, record, start } from '../wire/wire.js';

interface Guest {
  readonly sandbox: Sandbox;
  readonly app: Application;
  readonly signals: Recording<BayeuxSignal>;
  /** What came on the topic. */
  readonly heard: Recording<unknown>;
  /** Answers that name a channel reach the application once this is done. */
  readonly hold: (channel: string, until: Promise<void>) => void;
}

/** Listens in on an application: before its handshake, or once `first` is done. */
const listenIn = async (
  t: ExecutionContext,
  options?: SandboxOptions,
  first?: (sandbox: Sandbox, app: Application) => Promise<void>,
): Promise<Guest> => {
  const sandbox = await start(t, options);
  const { fetch } = new CookieFetch();
  const holds = new Map<string, Promise<void>>();
  const app = createApplication(t, sandbox, {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const text = await response.text();
      for (const [channel, until] of holds) if (text.includes(channel)) await until;
      return new Response(text, response);
    },
  });
  await first?.(sandbox, app);
  const topic = new Subject<unknown>();
  const heard = record(topic);
  const signals = record(
    attachBayeux(app.cometd, TOPIC, (data) => {
      topic.next(data);
    }),
  );
  return { sandbox, app, signals, heard, hold: (channel, until) => holds.set(channel, until) };
};

const typesOf = ({ signals }: Guest): readonly string[] => signals.values.map(({ type }) => type);

const topicRequests = ({ sandbox }: Guest): number =>
  sandbox.requests.filter((request) => named(request) === '/meta/subscribe').length;

/** Resolves with the application's first poll that goes well. */
const polled = ({ app }: Guest): Promise<void> =>
  new Promise((resolve) => {
    app.cometd.addListener('/meta/connect', ({ successful }) => {
      if (successful === true) resolve();
    });
  });

/** Subscribes as an application does; resolves with what comes, once the server has acknowledged. */
const subscribe = ({ cometd }: Application, channel: string): Promise<readonly unknown[]> =>
  new Promise((resolve) => {
    const heard: unknown[] = [];
    const hear = ({ data }: Message): void => {
      heard.push(data);
    };
    cometd.subscribe(channel, hear, () => {
      resolve(heard);
    });
  });

/** Two messages on the topic; resolves once all who listen have heard what they hear. */
const push = async ({ sandbox, app }: Guest): Promise<void> => {
  // A listener, which CometD drops with no subscription; behind that of the library.
  const passed = new Promise<void>((resolve) => {
    app.cometd.addListener('/**', ({ data }) => {
      if (data === 'two') resolve();
    });
  });
  sandbox.push('one');
  sandbox.push('two');
  await passed;
};

/** Two messages, the second of which shows that the first came once. */
const assertHeardOnce = async (t: ExecutionContext, { sandbox, heard }: Guest): Promise<void> => {
  sandbox.push('one');
  sandbox.push('two');
  await heard.until((data) => data === 'two');
  t.deepEqual(heard.values, ['one', 'two']);
};

test('attachBayeux: asks for the topic once where the first poll is answered before the topic is acknowledged', async (t) => {
  const guest = await listenIn(t);
  guest.hold('/meta/subscribe', polled(guest));
  await guest.app.handshake();
  await guest.signals.until(({ type }) => type === 'live');
  t.is(topicRequests(guest), 2, "CometD's own, and the one that tells whether it is acknowledged");
  t.deepEqual(typesOf(guest), ['handshaken', 'live']);
  await assertHeardOnce(t, guest);
});

test('attachBayeux: asks for the topic again after a poll that failed before it was acknowledged, and hears it once', async (t) => {
  const guest = await listenIn(t);
  guest.sandbox.fault({ channel: '/meta/connect', times: 1 }, { kind: 'reply', status: 503 });
  guest.hold('/meta/subscribe', polled(guest));
  await guest.app.handshake();
  await guest.signals.until(({ type }) => type === 'live');
  t.deepEqual(typesOf(guest), ['handshaken', 'lost', 'handshaken', 'live']);
  await assertHeardOnce(t, guest);
});

test('attachBayeux: asks for the topic again with the next poll where it failed in passing, and hears it once', async (t) => {
  const guest = await listenIn(t, { longPollTimeout: 50 });
  const lift = guest.sandbox.fault({ channel: '/meta/subscribe' }, { kind: 'bayeux', error: '500::Internal error' });
  await guest.app.handshake();
  await guest.signals.until(({ type }) => type === 'lost');
  lift();
  await guest.signals.until(({ type }) => type === 'live');
  t.deepEqual(typesOf(guest).slice(0, 4), ['handshaken', 'lost', 'handshaken', 'live']);
  await assertHeardOnce(t, guest);
});

for (const [name, fault] of [
  ['fails', { kind: 'bayeux', error: '500::Internal error' }],
  ['gets 503', { kind: 'reply', status: 503 }],
  ['is reset', { kind: 'reset' }],
] as const satisfies readonly (readonly [string, Fault])[]) {
  // With it CometD drops what it calls back for the channel; the request that tells may go well all the same.
  test(`attachBayeux: where CometD's own request for the topic ${name}, it asks again, and hears it once`, async (t) => {
    const guest = await listenIn(t, { longPollTimeout: 50 });
    guest.sandbox.fault({ channel: '/meta/subscribe', times: 1 }, fault);
    await guest.app.handshake();
    await guest.signals.until(({ type }) => type === 'lost');
    await guest.signals.until(({ type }) => type === 'live');
    t.deepEqual(typesOf(guest).slice(0, 4), ['handshaken', 'lost', 'handshaken', 'live']);
    await assertHeardOnce(t, guest);
  });
}

for (const [name, fault, outcome] of [
  ['fails', { kind: 'bayeux', error: '500::Internal error' }, 'live'],
  ['gets 503', { kind: 'reply', status: 503 }, 'live'],
  ['is reset', { kind: 'reset' }, 'live'],
  ['is refused', { kind: 'bayeux', error: '403::Forbidden' }, 'error'],
] as const satisfies readonly (readonly [string, Fault, string])[]) {
  test(`attachBayeux: where its own request for the topic ${name}, the application keeps its subscription`, async (t) => {
    let own: readonly unknown[] = [];
    const guest = await listenIn(t, { longPollTimeout: 50 }, async (sandbox, app) => {
      await app.handshake();
      own = await subscribe(app, TOPIC);
      sandbox.fault({ channel: '/meta/subscribe', times: 1 }, fault);
    });
    if (outcome === 'error') t.is((await guest.signals.ended).outcome, outcome);
    else await guest.signals.until(({ type }) => type === outcome);
    await push(guest);
    t.deepEqual(own, ['one', 'two']);
    t.deepEqual(guest.heard.values, outcome === 'error' ? [] : own);
  });
}

test('attachBayeux: hears nothing of the channels beside the topic', async (t) => {
  const guest = await listenIn(t);
  await guest.app.handshake();
  await guest.signals.until(({ type }) => type === 'live');
  const calls = await subscribe(guest.app, '/v2/me/calls');
  guest.sandbox.push('a call', { channel: '/v2/me/calls' });
  await push(guest);
  t.deepEqual(calls, ['a call']);
  t.deepEqual(guest.heard.values, ['one', 'two']);
});

// A front end has a CometD session already, for its calls: the library is a guest there.
import test, { type ExecutionContext } from 'ava';
import type { Message } from 'cometd';
import { type WatchEvent, createWorkbinClient } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { A, Clock, Seen, type Rig, TOPIC, assertHealthy, has, type Step, step } from '../recovery/rig.js';
import { type Application, createApplication } from './application.js';

interface Guest extends Pick<Rig, 'sandbox' | 'client' | 'clock' | 'trace' | 'states' | 'until'> {
  readonly app: Application;
}

/** A client in an application: not `createRig`, whose client has a session of its own. */
const createGuest = async (t: ExecutionContext): Promise<Guest> => {
  t.timeout(60_000);
  const sandbox = await createSandbox();
  t.teardown(() => sandbox.close());
  const trace: Step[] = [];
  void sandbox.request((request) => {
    trace.push({ phase: request.status === undefined ? 'arrived' : 'answered', request });
    return false;
  });
  const app = createApplication(t, sandbox);
  const clock = new Clock();
  const client = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    cometd: app.cometd,
    fetch: app.fetch,
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
  });
  t.teardown(() => client.close());
  const states: Rig['states'][number][] = [];
  client.connection$.subscribe((state) => states.push(state));
  const until: Rig['until'] = async (what, isSo) => {
    const end = Date.now() + 10_000;
    while (!isSo()) {
      if (Date.now() > end) {
        t.log(
          states,
          trace
            .slice(-20)
            .map(({ phase, request }) =>
              [phase, request.path, request.bayeux, request.operationName, request.status].join(' '),
            ),
        );
        throw new Error(`never came: ${what}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return { sandbox, app, client, clock, trace, states, until };
};

const handshakes = ({ trace }: Guest): number =>
  trace.filter(({ phase, request }) => phase === 'arrived' && has('/meta/handshake')(request)).length;

/** What the application hears on the topic. */
const listenTo = (message: Message, heard: unknown[]): void => {
  heard.push(message.data);
};

test('cometd option: the session is used; never configured, handshaken or disconnected', async (t) => {
  const guest = await createGuest(t);
  const { sandbox, app, client, until } = guest;
  await app.handshake();
  t.deepEqual([app.calls['handshake'], app.calls['configure']], [1, 0]);
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  t.deepEqual([sandbox.bayeuxSessions, sandbox.httpSessions, handshakes(guest)], [1, 1, 1]);
  await client.close();
  t.true(seen.isComplete);
  t.is(app.calls['handshake'], 1);
  for (const [name, count] of Object.entries(app.calls)) if (name !== 'handshake') t.is(count, 0, name);
  t.is(sandbox.bayeuxSessions, 1);
  t.false(app.cometd.isDisconnected());
});

test("cometd option: waits for the application's handshake", async (t) => {
  const guest = await createGuest(t);
  const { app, client, until, sandbox } = guest;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('GET me', () => sandbox.requests.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(handshakes(guest), 0);
  t.is(guest.states.at(-1), 'connecting');
  await app.handshake();
  await until('to watch', () => seen.confirmed(A) === 1);
  await assertHealthy(t, guest as unknown as Rig, [A]);
});

for (const how of ['unknown', 'other-text'] as const) {
  test(`cometd option: the application's re-handshake is noticed and recovered from (${how})`, async (t) => {
    const guest = await createGuest(t);
    const { sandbox, app, client, clock, until } = guest;
    await app.handshake();
    const seen = new Seen<WatchEvent>(client.watch(A));
    await until('to watch', () => seen.confirmed(A) === 1);
    for (let i = 1; i <= 5; i++) {
      clock.advance(1_000);
      const at = clock.now();
      await until('a poll', () => guest.trace.at(-1)?.phase === 'arrived');
      sandbox.killBayeuxSessions(how);
      await until('the gap', () => seen.gaps.length === i);
      const gap = seen.gaps[i - 1];
      t.true((gap?.from ?? Infinity) <= at && (gap?.to ?? 0) >= at);
      const item = sandbox.addItem(A);
      await until('an item', () => seen.items.includes(item));
    }
    t.is(seen.items.length, 5);
    t.is(seen.confirmed(A), 6);
    await assertHealthy(t, guest as unknown as Rig, [A]);
    t.is(app.calls['disconnect'], 0);
  });
}

test('cometd option: the server restarts', async (t) => {
  const guest = await createGuest(t);
  const { sandbox, app, client, until } = guest;
  await app.handshake();
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await sandbox.restart();
  await until('the gap', () => seen.gaps.length === 1);
  const item = sandbox.addItem(A);
  await until('an item', () => seen.items.includes(item));
  await assertHealthy(t, guest as unknown as Rig, [A]);
});

test('cometd option: a session that the application has to open anew by itself', async (t) => {
  const guest = await createGuest(t);
  const { sandbox, app, client, until, states } = guest;
  await app.handshake();
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await new Promise<void>((resolve) => {
    app.cometd.disconnect(() => resolve());
  });
  await until('to be lost', () => states.at(-1) === 'reconnecting');
  t.is(seen.gaps.length, 0);
  await app.handshake();
  await until('the gap', () => seen.gaps.length === 1);
  const item = sandbox.addItem(A);
  await until('an item', () => seen.items.includes(item));
  await assertHealthy(t, guest as unknown as Rig, [A]);
});

type Way = 'listens' | 'subscribes';
for (const way of ['listens', 'subscribes'] as const satisfies readonly Way[]) {
  for (const first of ['application', 'library'] as const) {
    test(`cometd option: the application ${way} on the topic as well, the ${first} first; each hears all, and the application goes on after close()`, async (t) => {
      const guest = await createGuest(t);
      const { sandbox, app, client, until } = guest;
      const heard: unknown[] = [];
      const others: unknown[] = [];
      const items = (): unknown[] =>
        heard.filter((data) => typeof data === 'object' && data !== null && 'action' in data);
      const join = (): void => {
        if (way === 'listens') app.cometd.addListener(TOPIC, (message) => listenTo(message, heard));
        // A re-handshake drops subscriptions: what an application does about it.
        const subscribe = (): void => {
          if (way === 'subscribes') app.cometd.subscribe(TOPIC, (message) => listenTo(message, heard));
          app.cometd.subscribe('/v2/me/calls', (message) => listenTo(message, others));
        };
        app.cometd.addListener('/meta/handshake', ({ successful }) => {
          if (successful === true) subscribe();
        });
        if (first === 'library' || way === 'listens') subscribe();
      };
      if (first === 'application' && way === 'subscribes') join();
      await app.handshake();
      if (first === 'application' && way === 'listens') join();
      const seen = new Seen<WatchEvent>(client.watch(A));
      await until('to watch', () => seen.confirmed(A) === 1);
      if (first === 'library') join();
      const one = sandbox.addItem(A);
      await until('the item', () => seen.items.includes(one) && items().length > 0);
      t.deepEqual([seen.items, items().length], [[one], 1]);
      sandbox.killBayeuxSessions();
      await until('the gap', () => seen.gaps.length === 1);
      const two = sandbox.addItem(A);
      await until('the second item', () => seen.items.includes(two) && items().length > 1);
      t.deepEqual([seen.items, items().length], [[one, two], 2]);
      await assertHealthy(t, guest as unknown as Rig, [A]);
      await client.close();
      t.is(sandbox.bayeuxSessions, 1);
      sandbox.push({ call: 1 }, { channel: '/v2/me/calls' });
      await until('a call', () => others.length === 1);
      if (way === 'subscribes') {
        const count = heard.length;
        sandbox.push({ after: 'close' });
        await until('news on the topic', () => heard.length === count + 1);
        sandbox.killBayeuxSessions();
        await until('a re-handshake', () => handshakes(guest) === 3 && sandbox.bayeuxSessions === 1);
        await until(
          'a poll',
          () =>
            guest.trace.at(-1)?.phase === 'arrived' &&
            has('/meta/connect')(guest.trace.at(-1)?.request ?? ({} as never)),
        );
        sandbox.push({ call: 2 }, { channel: '/v2/me/calls' });
        await until('calls of a new session', () => {
          if (others.length === 1) sandbox.push({ call: 2 }, { channel: '/v2/me/calls' });
          return others.length > 1;
        });
      }
      t.is(seen.items.length, 2);
      t.is(app.calls['disconnect'], 0);
    });
  }
}

test('cometd option: a listener of the application that throws hurts nobody', async (t) => {
  const { sandbox, app, client, until } = await createGuest(t);
  await app.handshake();
  app.cometd.subscribe(TOPIC, () => {
    throw new Error('oops');
  });
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  t.pass();
});

test('cometd option: two clients in one application', async (t) => {
  const guest = await createGuest(t);
  const { sandbox, app, client, clock, until } = guest;
  await app.handshake();
  const second = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    cometd: app.cometd,
    fetch: app.fetch,
    scheduler: clock,
  });
  const seen = [client, second].map((each) => new Seen<WatchEvent>(each.watch(A)));
  await until('both', () => seen.every((each) => each.confirmed(A) === 1));
  const item = sandbox.addItem(A);
  await until('the item', () => seen.every(({ items }) => items.length === 1));
  sandbox.killBayeuxSessions();
  await until('both again', () => seen.every(({ gaps }) => gaps.length === 1));
  const next = sandbox.addItem(A);
  await until('the next', () => seen.every(({ items }) => items.includes(next)));
  t.deepEqual(
    seen.map(({ items }) => items),
    [
      [item, next],
      [item, next],
    ],
  );
  await second.close();
});

import test from 'ava';
import {
  type ConnectionState,
  type UndecodedMessage,
  type WatchEvent,
  type WorkbinNotification,
} from '../../src/index.js';
import { A, Seen, createRig, has, held } from '../recovery/rig.js';

test('connection$: the current state first, then the truth, never the same twice, complete after closed', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const states: (ConnectionState | 'complete')[] = [];
  client.connection$.subscribe({ next: (state) => states.push(state), complete: () => states.push('complete') });
  t.deepEqual(states, ['idle']);
  const seen = new Seen<WatchEvent>(client.watch(A));
  t.deepEqual(states, ['idle', 'connecting']);
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  const late: ConnectionState[] = [];
  client.connection$.subscribe((state) => late.push(state));
  t.deepEqual(late, ['connected']);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  await client.close();
  t.deepEqual(states, ['idle', 'connecting', 'connected', 'reconnecting', 'connected', 'closed', 'complete']);
  const after: string[] = [];
  client.connection$.subscribe({ next: (state) => after.push(state), complete: () => after.push('complete') });
  t.deepEqual(after, ['closed', 'complete']);
});

test('connection$ and undecoded$: ask for no session', async (t) => {
  const { sandbox, client, until } = await createRig(t);
  client.connection$.subscribe();
  client.undecoded$.subscribe();
  const other = new Promise((resolve) => setImmediate(resolve));
  await other;
  await client.close();
  t.deepEqual(sandbox.requests, []);
  await until('nothing', () => sandbox.connections === 0);
});

test('connection$: says reconnecting while the server is away, whatever CometD thinks', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, clock, states, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await sandbox.refuseConnections();
  const at = clock.now();
  await until('time', () => clock.now() - at > 10_000);
  t.deepEqual(states, ['idle', 'connecting', 'connected', 'reconnecting']);
  await sandbox.restart();
  await until('the gap', () => seen.gaps.length === 1);
  t.deepEqual(states.slice(4), ['connected']);
});

test('notifications$: connects when subscribed to, shared by all, without a second session', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, states, trace, until } = rig;
  const first: WorkbinNotification[] = [];
  const second: WorkbinNotification[] = [];
  t.deepEqual(states, ['idle']);
  client.notifications$.subscribe((message) => first.push(message));
  client.notifications$.subscribe((message) => second.push(message));
  await until('to be connected', () => states.at(-1) === 'connected');
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  sandbox.addItem(A);
  await until('the item', () => seen.items.length === 1);
  t.deepEqual(
    first.map(({ messageType }) => messageType),
    ['WorkbinSubscriptionStateChangeMessage', 'WorkbinStateChangeMessage'],
  );
  t.deepEqual(first, second);
  await held(rig);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  const count = first.length;
  sandbox.addItem(A);
  await until('an item after the recovery', () => first.length === count + 1);
  t.is(trace.filter(({ phase, request }) => phase === 'arrived' && has('/meta/handshake')(request)).length, 2);
  t.deepEqual([sandbox.bayeuxSessions, sandbox.httpSessions], [1, 1]);
});

test('notifications$: unsubscribing leaves the session of the others alone', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const subscription = client.notifications$.subscribe();
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  subscription.unsubscribe();
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  t.deepEqual(rig.states, ['idle', 'connecting', 'connected']);
});

test('streams: complete with close(), also for those who come later', async (t) => {
  const { client, states, until } = await createRig(t);
  const ended: string[] = [];
  client.notifications$.subscribe({ complete: () => ended.push('notifications$') });
  client.undecoded$.subscribe({ complete: () => ended.push('undecoded$') });
  await until('to be connected', () => states.at(-1) === 'connected');
  await client.close();
  t.deepEqual(ended, ['notifications$', 'undecoded$']);
  client.notifications$.subscribe({ complete: () => ended.push('late notifications$') });
  client.undecoded$.subscribe({ complete: () => ended.push('late undecoded$') });
  t.deepEqual(ended.slice(2), ['late notifications$', 'late undecoded$']);
  t.is(states.at(-1), 'closed');
});

const junk: readonly unknown[] = [
  'text',
  7,
  null,
  [],
  {},
  { messageType: 'Unheard' },
  { messageType: 'WorkbinStateChangeMessage', id: 7, action: 'ItemAdded' },
  { messageType: 'WorkbinStateChangeMessage', id: A },
  { messageType: 'WorkbinSubscriptionStateChangeMessage', id: A, stateResource: 'Perhaps' },
  { messageType: 'WorkbinSubscriptionStateChangeMessage', id: A, stateResource: 'Subscribed', referenceId: '12' },
  { messageType: 'WorkbinStateChangeMessage', id: A, action: 'ItemAdded', workbinUserId: { $ne: '' } },
];
test('undecoded$: tells what did not decode, raw and with reasons; everything else goes on', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const undecoded: UndecodedMessage[] = [];
  client.undecoded$.subscribe((message) => undecoded.push(message));
  const seen = new Seen<WatchEvent>(client.watch(A));
  const errors: unknown[] = [];
  client.notifications$.subscribe({ error: (error: unknown) => errors.push(error) });
  await until('to watch', () => seen.confirmed(A) === 1);
  for (const message of junk) sandbox.push(message);
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  // A message without data is none of the topic's.
  t.deepEqual(
    undecoded.map(({ value }) => value),
    junk,
  );
  t.true(
    undecoded.every(
      ({ reasons }) => reasons.length > 0 && reasons.every((reason) => typeof reason === 'string' && reason !== ''),
    ),
  );
  t.deepEqual(errors, []);
  t.is(seen.events.length, 3);
  await held(rig);
  t.deepEqual(rig.states, ['idle', 'connecting', 'connected']);
});

test('undecoded$: names and values that JavaScript takes for its own break nothing', async (t) => {
  const { sandbox, client, until } = await createRig(t, { sandbox: { acceptAnyWorkbin: true } });
  const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const seen = new Seen<WatchEvent>(client.watch(ids));
  await until('to watch', () => ids.every((id) => seen.confirmed(id) === 1));
  const added = ids.map((id) => sandbox.addItem(id));
  await until('the items', () => seen.items.length === 4);
  t.deepEqual([...seen.items].sort(), [...added].sort());
});

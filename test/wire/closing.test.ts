import test from 'ava';
import { isClosedError } from '../../src/index.js';
import { run } from './child.js';
import {
  A,
  accountOf,
  all,
  B,
  brief,
  connect,
  errorOf,
  fetchWithCookies,
  named,
  nonPolls,
  open,
  passWhile,
  posts,
  record,
  start,
  warm,
} from './wire.js';

test('close: what is pending ends with ClosedErrors, nobody left out', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ workbinId: A }, { kind: 'hang' });
  sandbox.fault({ workbinId: B }, { kind: 'push', copies: 0 });
  sandbox.fault({ path: /fields/ }, { kind: 'hang' });
  const pending = [client.subscribe([A]), client.any.unsubscribe(A), client.forUser('x').watch(A)].map((each$) =>
    record<unknown>(each$),
  );
  const accepted = record(client.subscribe(B));
  const listing = record(client.list());
  await sandbox.request(({ path }) => path.includes('fields'));
  await client.close();
  for (const each of pending) {
    const { failed, subscribed } = await accountOf(each);
    t.deepEqual(subscribed, []);
    t.deepEqual([...failed.keys()], [A]);
    t.true([...failed.values()].every(isClosedError));
  }
  t.true(isClosedError((await accountOf(accepted)).failed.get(B)));
  t.true(isClosedError((await listing.ended).error));
});

test('close: what is asked afterwards ends with a ClosedError, without a request', async (t) => {
  const { sandbox, client } = await open(t);
  await client.close();
  for (const each$ of [client.subscribe([A, B]), client.any.unsubscribe([A, B]), client.forUser('x').watch([A, B])]) {
    const { failed } = await accountOf(each$);
    t.deepEqual([...failed.keys()], [A, B]);
    t.true([...failed.values()].every(isClosedError));
  }
  t.true(isClosedError(await errorOf(client.list())));
  t.true(isClosedError(await errorOf(client.content(A))));
  t.is(sandbox.requests.length, 0);
});

test('close: the streams and what is watched complete', async (t) => {
  const { client } = await open(t);
  const streams = [client.notifications$, client.undecoded$, client.connection$].map((each$) => record<unknown>(each$));
  const watching = record(client.watch(A));
  await watching.count(2);
  await client.close();
  for (const each of [...streams, watching]) t.is((await each.ended).outcome, 'complete');
  const late = [client.notifications$, client.undecoded$].map((each$) => record<unknown>(each$));
  for (const each of late) t.deepEqual((await each.ended).values, []);
});

test('close: ends the CometD session, the long poll, and every timer', async (t) => {
  const { sandbox, client, clock } = await open(t);
  await all(client.subscribe(A));
  const watching = record(client.watch(B));
  await watching.count(2);
  await client.close();
  t.is(sandbox.bayeuxSessions, 0);
  t.is(clock.timers, 0);
  t.is(named(nonPolls(sandbox).at(-1) ?? t.fail()), '/meta/disconnect');
});

test('close: a second call does nothing more', async (t) => {
  const { sandbox, client } = await open(t);
  await all(client.subscribe(A));
  await Promise.all([client.close(), client.close()]);
  await client.close();
  await client[Symbol.asyncDispose]();
  t.is(sandbox.requests.filter((request) => named(request) === '/meta/disconnect').length, 1);
});

test('close: a client that was never used sends nothing, and says closed', async (t) => {
  const { sandbox, client } = await open(t);
  await client.close();
  t.is(sandbox.requests.length, 0);
  t.deepEqual(await all(client.connection$), ['closed']);
});

test('await using: closes', async (t) => {
  const { sandbox, client } = await open(t);
  {
    await using used = client;
    await all(used.subscribe(A));
  }
  t.is(sandbox.bayeuxSessions, 0);
});

test('close: an Unsubscribe that was asked for in the same turn still goes out, before the disconnect', async (t) => {
  const { sandbox, client } = await open(t);
  await all(client.subscribe(A));
  const watching = record(client.watch(B));
  await watching.count(2);
  const leaving = record(client.unsubscribe(A));
  watching.subscription.unsubscribe();
  await client.close();
  t.true(isClosedError((await accountOf(leaving)).failed.get(A)));
  t.deepEqual(new Set(posts(sandbox, 'Unsubscribe').flatMap(({ workbinIds = [] }) => workbinIds)), new Set([A, B]));
  t.deepEqual(sandbox.subscriptions(), []);
  t.is(named(nonPolls(sandbox).at(-1) ?? t.fail()), '/meta/disconnect');
});

test('close: every Unsubscribe is sent in its turn, however many there are', async (t) => {
  const sandbox = await start(t, { acceptAnyWorkbin: true });
  const fetch = fetchWithCookies(sandbox);
  let sent = 0;
  const { client } = connect(t, sandbox, {
    fetch: (input, init) => {
      if (typeof init?.body === 'string' && init.body.includes('"Unsubscribe"')) sent++;
      return fetch(input, init);
    },
  });
  // A group's workbins have a request each.
  const watching = record(client.forAgentGroup('Sales').watch(Array.from({ length: 20 }, (_, i) => `w${i}`)));
  await watching.count(40);
  const closed = client.close();
  t.is(sent, 20);
  await closed;
  t.deepEqual(sandbox.subscriptions(), []);
});

test('close: an Unsubscribe that hangs has 2 s', async (t) => {
  const { sandbox, client, clock } = await open(t);
  await all(client.subscribe(A));
  sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'hang' });
  const leaving = record(client.unsubscribe(A));
  await sandbox.request(({ operationName }) => operationName === 'Unsubscribe');
  const closing = record(client.connection$);
  const closed = client.close();
  // The session is given back at once; the Unsubscribe is what is waited for.
  await sandbox.request(({ bayeux, status }) => bayeux?.includes('/meta/disconnect') === true && status === 200);
  await clock.timer(2_000);
  clock.advance(1_999);
  t.is(closing.outcome, 'open');
  clock.advance(1);
  await closed;
  t.is(leaving.outcome, 'error');
  t.is(sandbox.bayeuxSessions, 0);
  t.is(clock.timers, 0);
});

test('close: a server that does not answer any more holds nobody up', async (t) => {
  const { sandbox, client, clock } = await open(t);
  await all(client.subscribe(A));
  sandbox.fault({}, { kind: 'hang' });
  await passWhile(clock, client.close());
  t.is(clock.timers, 0);
  t.deepEqual(await all(client.connection$), ['closed']);
});

test('close: a session that is only connecting is given up', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({}, { kind: 'hang' });
  const subscribing = record(client.subscribe(A));
  await sandbox.request(() => true);
  await client.close();
  t.true(isClosedError((await accountOf(subscribing)).failed.get(A)));
  t.is(clock.timers, 0);
});

test('connection$: says idle, connecting, connected, closed, and completes', async (t) => {
  const { client } = await open(t);
  const connection = record(client.connection$);
  t.deepEqual(connection.values, ['idle']);
  const subscribing = all(client.subscribe(A));
  t.deepEqual(connection.values, ['idle', 'connecting']);
  await subscribing;
  t.deepEqual(record(client.connection$).values, ['connected']);
  await client.close();
  t.deepEqual((await connection.ended).values, ['idle', 'connecting', 'connected', 'closed']);
  t.is(connection.outcome, 'complete');
  t.deepEqual(await all(client.connection$), ['closed']);
});

test('connection$: says idle again where the session cannot be had, and connecting at the next need', async (t) => {
  const { sandbox, client } = await open(t);
  const connection = record(client.connection$);
  sandbox.fault({ path: '/api/v2/me', times: 1 }, { kind: 'status', statusCode: 20 });
  await accountOf(client.subscribe(A));
  t.deepEqual(connection.values, ['idle', 'connecting', 'idle']);
  t.deepEqual((await all(client.subscribe(A))).map(brief), [`accepted ${A}`, `Subscribed ${A}`]);
  t.deepEqual(connection.values, ['idle', 'connecting', 'idle', 'connecting', 'connected']);
});

test('connection$: says reconnecting after a loss, and connected again', async (t) => {
  const wire = await open(t);
  const connection = record(wire.client.connection$);
  await warm(wire);
  wire.sandbox.killBayeuxSessions();
  await connection.until((value) => value === 'reconnecting');
  await wire.clock.pass(500);
  await connection.count(5);
  t.deepEqual(connection.values, ['idle', 'connecting', 'connected', 'reconnecting', 'connected']);
});

test('a process: ends by itself after close(), and nothing of the client is left in it', async (t) => {
  const sandbox = await start(t);
  const child = run(t, 'closes', sandbox);
  t.deepEqual(await child.ended, { status: 0, stderr: '' });
  t.deepEqual(child.lines, [{ resources: [], listeners: 0, window: 'undefined' }]);
  t.is(sandbox.bayeuxSessions, 0);
  t.is(sandbox.connections, 0);
});

test('a process: ends by itself after closing clients that were connecting or waiting', async (t) => {
  const sandbox = await start(t);
  sandbox.fault({ workbinId: 'hangs' }, { kind: 'hang' });
  const child = run(t, 'closes-in-trouble', sandbox);
  t.deepEqual(await child.ended, { status: 0, stderr: '' });
  t.is(child.lines.at(-1), 'closed');
  t.is(child.lines.filter((line) => /closed/.test(String(line))).length, 3);
});

// Callers that ask, leave or close while they are being told, and requests that begin side by side.
import test from 'ava';
import { filter, retry, skip, take } from 'rxjs';
import { isClosedError } from '../../src/index.js';
import { A, B, accountOf, all, nonPolls, open, posts, record } from './wire.js';

test('retry() of two callers on one workbin: what they ask again is asked', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ path: '/api/v2/me', times: 1 }, { kind: 'reply', status: 404 });
  const both = [A, A].map((id) => record(client.subscribe(id).pipe(retry(1))));
  for (const each of both) {
    await each.ended;
    t.is(each.outcome, 'complete');
    t.deepEqual(
      each.values.map(({ type }) => type),
      ['accepted', 'state'],
    );
  }
  t.is(posts(sandbox).length, 1);
});

test('close() inside connection$: closes, and nothing goes out', async (t) => {
  const { sandbox, client } = await open(t);
  client.connection$.pipe(filter((state) => state === 'connecting')).subscribe(() => void client.close());
  await record(client.watch(A)).ended;
  await client.close();
  t.deepEqual(await all(client.connection$), ['closed']);
  // What the client had sent would be there before this.
  await fetch(`${sandbox.url}/api/v2/me`);
  t.is(sandbox.requests.length, 1, 'the one of this test');
});

test('close() inside the connected of connection$: nothing that waited for the session goes out, and no timer stays', async (t) => {
  const { sandbox, client, clock } = await open(t);
  const leaving = record(client.unsubscribe(A));
  client.connection$.pipe(filter((state) => state === 'connected')).subscribe(() => void client.close());
  t.true(isClosedError((await accountOf(leaving)).failed.get(A)));
  await client.close();
  t.is(clock.timers, 0);
  // What the client had sent would be there before this.
  await fetch(`${sandbox.url}/api/v2/me`);
  t.deepEqual(posts(sandbox, 'Unsubscribe'), []);
});

test('a subscription inside connection$: shares the session that is on its way', async (t) => {
  const { sandbox, client } = await open(t);
  let inner: ReturnType<typeof record> | undefined;
  client.connection$.pipe(filter((state) => state === 'connecting')).subscribe(() => {
    inner = record(client.subscribe(B));
  });
  await all(client.subscribe(A));
  await inner?.ended;
  t.is(inner?.outcome, 'complete');
  t.is(sandbox.bayeuxSessions, 1);
  t.is(posts(sandbox).length, 1);
});

test('a subscription inside the idle of a failure: has a session of its own', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ path: '/api/v2/me', times: 1 }, { kind: 'reply', status: 404 });
  let second: ReturnType<typeof record> | undefined;
  client.connection$
    .pipe(
      skip(1),
      filter((state) => state === 'idle'),
      take(1),
    )
    .subscribe(() => {
      second = record(client.subscribe(B));
    });
  const first = record(client.subscribe(A));
  await first.ended;
  t.is(first.outcome, 'error');
  await second?.ended;
  t.is(second?.outcome, 'complete');
});

test('close() from what close() ends: is the same close', async (t) => {
  const { sandbox, client } = await open(t, { contactCenterSession: { channels: ['email'] } });
  const watching = record(client.watch(A));
  await watching.count(2);
  let inner: Promise<void> | undefined;
  client.watch(A).subscribe({
    complete: () => {
      inner = client.close();
    },
  });
  await client.close();
  await inner;
  const ends = sandbox.requests.filter(({ operationName }) => operationName === 'EndContactCenterSession');
  t.is(ends.length, 1);
});

test('list() beside the first subscribe(): does not take the session away', async (t) => {
  const { sandbox, client } = await open(t);
  // Answered after the session of the subscription stands: its own, of a request without a cookie, is no news then.
  sandbox.fault({ path: /fields=\*/, times: 1 }, { kind: 'delay', ms: 100 });
  const listing = record(client.list());
  await all(client.subscribe(A));
  await listing.ended;
  await all(client.subscribe(B));
  t.is(nonPolls(sandbox).filter(({ bayeux }) => bayeux?.includes('/meta/handshake')).length, 1);
});

test('notifications$: a failure that comes at once is heard', async (t) => {
  const { client } = await open(t, {
    auth: () => {
      throw new Error('no token');
    },
  });
  const notifications = record(client.notifications$);
  await notifications.ended;
  t.is(notifications.outcome, 'error');
});

test('names with line feeds: do not meet in one key', async (t) => {
  const { sandbox, client } = await open(t, { sandbox: { acceptAnyWorkbin: true } });
  await Promise.all([
    all(client.forAgentGroup('g\nx').subscribe('y')),
    all(client.forAgentGroup('g').subscribe('x\ny')),
  ]);
  t.is(posts(sandbox).length, 2);
});

import test from 'ava';
import { type WatchEvent, isConnectionError, isSubscriptionError } from '../../src/index.js';
import { CookieFetch } from '../recovery/cookieFetch.js';
import { A, B, Seen, type Rig, assertHealthy, createRig, has, held, posted } from '../recovery/rig.js';

/** The order of what matters here: `me` for the session's GET, `topic`, and each operation. */
const order = ({ trace }: Rig, phase: 'arrived' | 'answered', from = 0): readonly string[] =>
  trace
    .slice(from)
    .filter((step) => step.phase === phase)
    .flatMap(({ request }) =>
      request.operationName !== undefined
        ? [request.operationName]
        : request.path === '/api/v2/me'
          ? ['me']
          : has('/meta/disconnect')(request)
            ? ['disconnect']
            : [],
    );

const contactCenterSession = { channels: ['chat', 'email'], place: 'desk 7' };

test('contactCenterSession: started after the HTTP session stands, before the first POST; ended on close()', async (t) => {
  const rig = await createRig(t, { sandbox: { requireContactCenterSession: true }, client: { contactCenterSession } });
  const { sandbox, client, trace, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  t.deepEqual(order(rig, 'arrived'), ['me', 'StartContactCenterSession', 'Subscribe']);
  t.deepEqual(
    trace.map(({ phase, request }) => `${phase} ${request.operationName ?? ''}`).filter((step) => step.includes('S')),
    [
      'arrived StartContactCenterSession',
      'answered StartContactCenterSession',
      'arrived Subscribe',
      'answered Subscribe',
    ],
  );
  const start = sandbox.requests.find(({ operationName }) => operationName === 'StartContactCenterSession');
  t.deepEqual(start?.body, { operationName: 'StartContactCenterSession', ...contactCenterSession });
  t.like(start, { method: 'POST', path: '/api/v2/me', status: 200 });
  await client.close();
  t.deepEqual(order(rig, 'answered').slice(-2), ['disconnect', 'EndContactCenterSession']);
  t.is(sandbox.httpSessions, 0);
});

test('contactCenterSession: started again after a loss of the HTTP session, and only then', async (t) => {
  const rig = await createRig(t, { sandbox: { requireContactCenterSession: true }, client: { contactCenterSession } });
  const { sandbox, client, trace, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch([A, B]));
  await until('to watch', () => seen.confirmed(A) + seen.confirmed(B) === 2);
  await held(rig);
  let from = trace.length;
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  t.deepEqual(
    order(rig, 'arrived', from).filter((name) => name !== 'disconnect'),
    ['me', 'Subscribe'],
  );
  await held(rig);
  from = trace.length;
  await sandbox.restart();
  await until('the second gap', () => seen.gaps.length === 2);
  t.deepEqual(
    order(rig, 'arrived', from).filter((name) => name !== 'disconnect'),
    ['me', 'StartContactCenterSession', 'Subscribe'],
  );
  await held(rig);
  from = trace.length;
  sandbox.killHttpSessions();
  sandbox.killBayeuxSessions();
  await until('the third gap', () => seen.gaps.length === 3);
  t.is(order(rig, 'arrived', from).filter((name) => name === 'StartContactCenterSession').length, 1);
  await held(rig);
  await assertHealthy(t, rig, [A, B]);
});

test('contactCenterSession: a partial success is told and not fatal', async (t) => {
  const rig = await createRig(t, {
    sandbox: { requireContactCenterSession: true },
    client: { contactCenterSession: { channels: ['chat', 'pigeon'] } },
  });
  const { client, until, log } = rig;
  const seen = new Seen(client.subscribe(A));
  await until('the end', () => seen.hasEnded);
  t.is(seen.error, undefined);
  t.true(
    log.some((line) => line.startsWith('warn') && line.includes('pigeon')),
    log.join('\n'),
  );
});

test('contactCenterSession: one that cannot be started is a ConnectionError', async (t) => {
  const { client, until, trace } = await createRig(t, { client: { contactCenterSession: { channels: ['pigeon'] } } });
  const seen = new Seen(client.subscribe(A));
  await until('the end', () => seen.hasEnded);
  t.true(isSubscriptionError(seen.error) && isConnectionError(seen.error.failed.get(A)));
  t.deepEqual(posted(trace, 'Subscribe'), []);
});

test('contactCenterSession: started also where nothing tells one HTTP session from another', async (t) => {
  const { fetch } = new CookieFetch();
  const rig = await createRig(t, {
    sandbox: { requireContactCenterSession: true, csrf: false },
    client: { contactCenterSession, fetch },
  });
  const seen = new Seen(rig.client.subscribe(A));
  await rig.until('the end', () => seen.hasEnded);
  t.is(seen.error, undefined);
});

test('contactCenterSession: a proxy in the way is overcome', async (t) => {
  const rig = await createRig(t, { sandbox: { requireContactCenterSession: true }, client: { contactCenterSession } });
  const { sandbox, client, until } = rig;
  sandbox.fault({ operation: 'StartContactCenterSession', times: 2 }, { kind: 'reply', status: 503 });
  const seen = new Seen(client.subscribe(A));
  await until('the end', () => seen.hasEnded);
  t.is(seen.error, undefined);
});

test('contactCenterSession: never sent unless asked for, neither start nor end', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await sandbox.restart();
  await until('the gap', () => seen.gaps.length === 1);
  seen.subscription.unsubscribe();
  await client.close();
  t.deepEqual(
    order(rig, 'arrived').filter((name) => name.includes('ContactCenter')),
    [],
  );
});

test('contactCenterSession: nothing is started by a client that asks for nothing, nor ended', async (t) => {
  const { sandbox, client } = await createRig(t, { client: { contactCenterSession } });
  await client.close();
  t.deepEqual(sandbox.requests, []);
});

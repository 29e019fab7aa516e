import test from 'ava';
import type { Fault, FaultMatch } from '../../src/sandbox/index.js';
import { Caller, start, state, TOPIC, WORKBIN_A, WORKBIN_B } from './caller.js';

const A = `/api/v2/me/workbins/${WORKBIN_A}`;
const B = `/api/v2/me/workbins/${WORKBIN_B}`;
const BOTH = `/api/v2/me/workbins?workbinIds=${WORKBIN_A},${WORKBIN_B}`;

test("fault 'reply': answers instead, in front of authentication", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  const body = { statusCode: 4 };
  sandbox.fault({ times: 1 }, { kind: 'reply', status: 429, headers: { 'Retry-After': '2' }, body });
  sandbox.fault({ times: 1 }, { kind: 'reply', body: '<html>Log in</html>' });
  const tooMany = await caller.get('/api/v2/me');
  t.like(tooMany, { status: 429, body });
  t.is(tooMany.headers.get('retry-after'), '2');
  t.is(tooMany.headers.get('set-cookie'), null);
  const login = await caller.get('/api/v2/me');
  t.like(login, { status: 200, text: '<html>Log in</html>' });
  t.regex(login.headers.get('content-type') ?? '', /^text\/html/);
  t.is((await caller.get('/api/v2/me')).body['statusCode'], 0);
});

test("fault 'reply': nothing is done", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'reply', status: 502, body: 'Bad Gateway' });
  t.like(await caller.operate(A), { status: 502, text: 'Bad Gateway' });
  t.deepEqual(sandbox.subscriptions(), []);
});

test("fault 'status': gives the documented body, with the status that goes with it or another", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'status', statusCode: 19 });
  sandbox.fault({}, { kind: 'status', statusCode: 4, statusMessage: 'Out of service', status: 200 });
  t.like(await caller.operate(A), { status: 409, body: { statusCode: 19 } });
  const answer = await caller.operate(A);
  t.is(answer.status, 200);
  t.deepEqual(answer.body, { statusCode: 4, statusMessage: 'Out of service' });
});

test("fault 'status': a request that fails authentication or CSRF does not use it up", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'status', statusCode: 4 });
  t.is((await caller.operate(A)).status, 403);
  await caller.get('/api/v2/me');
  t.is((await caller.operate(A)).body['statusCode'], 4);
  t.is((await caller.operate(A)).body['statusCode'], 0);
});

test("fault 'partial': leaves ids out of reply, messages and subscription", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({}, { kind: 'partial', without: [WORKBIN_A] });
  t.like((await caller.operate(BOTH)).body, { statusCode: 7, referenceIds: { [WORKBIN_B]: 1 } });
  t.deepEqual(await caller.pushes(), [state('Subscribed', WORKBIN_B)]);
  t.deepEqual(
    sandbox.subscriptions().map(({ workbinId }) => workbinId),
    [WORKBIN_B],
  );
  t.like((await caller.operate(A)).body, { statusCode: 7, referenceId: undefined });
});

test("fault 'request-failed': the reply is fine, the message is not", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ times: 1 }, { kind: 'request-failed', workbinIds: [WORKBIN_B] });
  t.is((await caller.operate(BOTH)).body['statusCode'], 0);
  t.deepEqual(await caller.pushes(2), [state('Subscribed', WORKBIN_A), state('RequestFailed', WORKBIN_B)]);
  t.is(sandbox.subscriptions().length, 1);
  sandbox.fault({ times: 1 }, { kind: 'request-failed' });
  t.is((await caller.operate(A, 'Unsubscribe')).body['statusCode'], 0);
  t.deepEqual(await caller.pushes(), [state('RequestFailed', WORKBIN_A)]);
  t.is(sandbox.subscriptions().length, 1);
});

test("fault 'push': reverses, repeats, changes and drops messages", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  const [a, b] = [state('Subscribed', WORKBIN_A), state('Subscribed', WORKBIN_B)];
  const befall = async (fault: Omit<Extract<Fault, { kind: 'push' }>, 'kind'>, count: number) => {
    sandbox.fault({ times: 1 }, { kind: 'push', order: 'before', ...fault });
    await caller.operate(BOTH);
    return count === 0 ? caller.pushesSoFar() : caller.pushes(count);
  };
  t.deepEqual(await befall({ reverse: true }, 2), [b, a]);
  t.deepEqual(await befall({ copies: 2 }, 4), [a, a, b, b]);
  t.deepEqual(await befall({ copies: 0 }, 0), []);
  t.deepEqual(await befall({ change: ({ id }) => (id === WORKBIN_A ? undefined : { id, odd: true }) }, 1), [
    { id: WORKBIN_B, odd: true },
  ]);
  t.deepEqual(await befall({}, 2), [a, b]);
});

test("fault 'push': with a delay the message comes after the reply, and nothing waits for it", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ workbinId: WORKBIN_A }, { kind: 'push', delay: 500 });
  await caller.operate(A);
  await caller.operate(B);
  t.deepEqual(await caller.pushes(2), [state('Subscribed', WORKBIN_B), state('Subscribed', WORKBIN_A)]);
});

test("fault 'delay': the request takes effect before its reply leaves", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ workbinId: WORKBIN_A }, { kind: 'delay', ms: 30 });
  const order: string[] = [];
  const slow = caller.operate(A).then((answer) => {
    order.push('slow');
    return answer;
  });
  const arrived = await sandbox.request(({ workbinIds }) => workbinIds?.includes(WORKBIN_A) === true);
  t.is(sandbox.subscriptions().length, 1);
  t.is(arrived.status, undefined);
  await caller.operate(B);
  order.push('fast');
  t.is((await slow).body['statusCode'], 0);
  t.deepEqual(order, ['fast', 'slow']);
});

test("fault 'hang': no answer comes, nothing is done, the server goes on", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
  const hanging = t.throwsAsync(caller.operate(A));
  const request = await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  t.is((await caller.get('/api/v2/me')).status, 200);
  t.is(request.status, undefined);
  t.deepEqual(sandbox.subscriptions(), []);
  sandbox.resetConnections();
  await hanging;
});

test("fault 'reset': the connection goes, nothing is done", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'reset' });
  await t.throwsAsync(caller.operate(A));
  t.deepEqual(sandbox.subscriptions(), []);
  t.is((await caller.operate(A)).status, 200);
});

test("fault 'reset-midway': the request takes effect, headers and half of the body arrive", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'reset-midway' });
  const error = await t.throwsAsync(caller.operate(A));
  t.is(error.message, 'terminated');
  t.is(sandbox.subscriptions().length, 1);
  t.deepEqual(await caller.pushes(), [state('Subscribed', WORKBIN_A)]);
});

test("fault 'bayeux': an unsuccessful reply on one channel, the others are served", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  await caller.get('/api/v2/me');
  await caller.handshake();
  const error = '403::subscribe_denied';
  sandbox.fault({ channel: '/meta/subscribe', times: 1 }, { kind: 'bayeux', error, advice: { reconnect: 'none' } });
  const { text } = await caller.send('POST', '/api/v2/notifications', [
    { id: '1', channel: '/meta/subscribe', clientId: caller.clientId, subscription: TOPIC },
    { id: '2', channel: '/meta/unsubscribe', clientId: caller.clientId, subscription: TOPIC },
  ]);
  t.deepEqual(JSON.parse(text), [
    {
      id: '1',
      channel: '/meta/subscribe',
      subscription: TOPIC,
      successful: false,
      error,
      advice: { reconnect: 'none' },
    },
    { id: '2', channel: '/meta/unsubscribe', subscription: TOPIC, successful: true },
  ]);
  t.like(await caller.subscribe(), [{ successful: true }]);
});

test("fault 'bayeux': a refused handshake makes no session", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  sandbox.fault({ channel: '/meta/handshake' }, { kind: 'bayeux', error: '403::handshake_denied' });
  await caller.handshake();
  t.is(sandbox.bayeuxSessions, 0);
});

const matches: Readonly<Record<string, { readonly match: FaultMatch; readonly hit: readonly string[] }>> = {
  'everything without a field': { match: {}, hit: ['A', 'B', 'both', 'me', 'handshake'] },
  'by operation': { match: { operation: 'Subscribe' }, hit: ['A', 'B', 'both'] },
  'by workbin, alone and among others': { match: { workbinId: WORKBIN_A }, hit: ['A', 'both'] },
  'by path': { match: { path: A }, hit: ['A'] },
  'by path without its query': { match: { path: '/api/v2/me/workbins' }, hit: ['both'] },
  'by path and query': { match: { path: BOTH }, hit: ['both'] },
  'by pattern, with flags that keep state': { match: { path: /me\/workbins/g }, hit: ['A', 'B', 'both'] },
  'by method, in any case': { match: { method: 'get' }, hit: ['me'] },
  'by channel': { match: { channel: '/meta/handshake' }, hit: ['handshake'] },
  'by all fields together': { match: { operation: 'Subscribe', path: B, method: 'POST' }, hit: ['B'] },
};

for (const [title, { match, hit }] of Object.entries(matches)) {
  test(`fault: matches ${title}`, async (t) => {
    const sandbox = await start(t, { csrf: false });
    const caller = new Caller(sandbox);
    const lift = sandbox.fault(match, { kind: 'reply', status: 503 });
    const send = async (): Promise<readonly string[]> => {
      const statuses = {
        A: await caller.operate(A),
        B: await caller.operate(B),
        both: await caller.operate(BOTH),
        me: await caller.get('/api/v2/me'),
        handshake: await caller.send('POST', '/api/v2/notifications', [{ channel: '/meta/handshake' }]),
      };
      return Object.entries(statuses).flatMap(([name, { status }]) => (status === 503 ? [name] : []));
    };
    t.deepEqual(await send(), hit);
    lift();
    t.deepEqual(await send(), []);
  });
}

test('fault: preflights are spared unless the method asks for them', async (t) => {
  const sandbox = await start(t, { cors: ['http://app.test'] });
  const caller = new Caller(sandbox);
  const preflight = { origin: 'http://app.test', 'access-control-request-method': 'POST' };
  sandbox.fault({}, { kind: 'reply', status: 503 });
  t.is((await caller.send('OPTIONS', A, undefined, preflight)).status, 204);
  sandbox.fault({ method: 'OPTIONS' }, { kind: 'reply', status: 503 });
  t.is((await caller.send('OPTIONS', A, undefined, preflight)).status, 503);
});

test('fault: the oldest of several befalls a request, each as often as it says', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  sandbox.fault({ times: 2 }, { kind: 'reply', status: 502 });
  sandbox.fault({ times: 1 }, { kind: 'reply', status: 503 });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await caller.get('/api/v2/me')).status);
  t.deepEqual(statuses, [502, 502, 503, 200]);
});

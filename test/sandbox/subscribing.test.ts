import test from 'ava';
import { BASE64, Caller, COLLEAGUE, start, state, WORKBIN_A, WORKBIN_B, type Message } from './caller.js';

interface Single {
  readonly path: string;
  readonly scope: string;
  readonly subscribed?: Message;
  readonly unsubscribed?: Message;
}

const single: Readonly<Record<string, Single>> = {
  'me/workbins/{id}': { path: `/api/v2/me/workbins/${WORKBIN_A}`, scope: 'me' },
  'workbins/{id}': { path: `/api/v2/workbins/${WORKBIN_A}`, scope: 'any' },
  'users/{userId}/workbins/{id}': {
    path: `/api/v2/users/${COLLEAGUE}/workbins/${WORKBIN_A}`,
    scope: `users/${COLLEAGUE}`,
    subscribed: { workbinUserId: COLLEAGUE },
    unsubscribed: { workbinUserId: COLLEAGUE },
  },
  'me/workbins/{id}?agentGroup=': {
    path: `/api/v2/me/workbins/${WORKBIN_A}?agentGroup=Claims%20%26%20Co%2F1`,
    scope: 'agentGroup/Claims & Co/1',
    subscribed: { agentGroup: 'Claims & Co/1', referenceId: 1 },
    unsubscribed: { agentGroup: 'Claims & Co/1', referenceId: 2 },
  },
  'me/workbins/{id}?placeGroup=': {
    path: `/api/v2/me/workbins/${WORKBIN_A}?placeGroup=Ground+floor`,
    scope: 'placeGroup/Ground floor',
    subscribed: { placeGroup: 'Ground floor', referenceId: 1 },
    unsubscribed: { referenceId: 2 },
  },
};

for (const [form, { path, scope, subscribed = {}, unsubscribed = {} }] of Object.entries(single)) {
  test(`POST ${form}: a referenceId, then one message, subscribing and unsubscribing`, async (t) => {
    const sandbox = await start(t);
    const caller = await new Caller(sandbox).open();
    t.deepEqual((await caller.operate(path)).body, { statusCode: 0, referenceId: 1 });
    t.deepEqual(await caller.pushes(), [state('Subscribed', WORKBIN_A, subscribed)]);
    const userId = sandbox.users[0]?.id ?? '';
    t.deepEqual(sandbox.subscriptions(), [{ userId, scope, workbinId: WORKBIN_A }]);
    t.deepEqual((await caller.operate(path, 'Unsubscribe')).body, { statusCode: 0, referenceId: 2 });
    t.deepEqual(await caller.pushes(), [state('Unsubscribed', WORKBIN_A, unsubscribed)]);
    t.deepEqual(sandbox.subscriptions(), []);
  });
}

for (const base of ['/api/v2/me', '/api/v2', `/api/v2/users/${COLLEAGUE}`]) {
  test(`POST ${base}/workbins?workbinIds=: referenceIds, then one message each, without workbinUserId`, async (t) => {
    const caller = await new Caller(await start(t)).open();
    const path = `${base}/workbins?workbinIds=${WORKBIN_A},${WORKBIN_B},${WORKBIN_A}`;
    const { body } = await caller.operate(path);
    t.deepEqual(body, { statusCode: 0, referenceIds: { [WORKBIN_A]: 1, [WORKBIN_B]: 2 } });
    t.deepEqual(await caller.pushes(2), [state('Subscribed', WORKBIN_A), state('Subscribed', WORKBIN_B)]);
    await caller.operate(path, 'Unsubscribe');
    t.deepEqual(await caller.pushes(2), [state('Unsubscribed', WORKBIN_A), state('Unsubscribed', WORKBIN_B)]);
  });
}

test('POST: ids are decoded in path and query, where a plus is a space', async (t) => {
  const workbins = ['a/b+c=', 'x y', '__proto__'].map((id) => ({
    id,
    name: id,
    displayName: id,
    type: 'Agent' as const,
  }));
  const caller = await new Caller(await start(t, { workbins })).open();
  t.is((await caller.operate('/api/v2/me/workbins/a%2Fb+c=')).body['statusCode'], 0);
  t.is((await caller.operate('/api/v2/me/workbins/a%2Fb%2Bc%3D')).body['statusCode'], 0);
  const { text } = await caller.operate('/api/v2/me/workbins?workbinIds=a%2Fb%2Bc%3D,x+y%2C__proto__');
  t.is(text, '{"statusCode":0,"referenceIds":{"a/b+c=":3,"x y":4,"__proto__":5}}');
});

test('POST: the Base64 id of older versions is known', async (t) => {
  const caller = await new Caller(await start(t)).open();
  t.is((await caller.operate(`/api/v2/me/workbins/${encodeURIComponent(BASE64)}`)).body['statusCode'], 0);
});

test('POST: an unknown id among several is left out, with statusCode 7', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  const { status, body } = await caller.operate(`/api/v2/me/workbins?workbinIds=nope,${WORKBIN_B}`);
  t.is(status, 200);
  t.like(body, { statusCode: 7, referenceIds: { [WORKBIN_B]: 1 } });
  t.is(typeof body['statusMessage'], 'string');
  t.deepEqual(await caller.pushes(), [state('Subscribed', WORKBIN_B)]);
  t.is(sandbox.subscriptions().length, 1);
});

test('acceptAnyWorkbin: every id exists', async (t) => {
  const caller = await new Caller(await start(t, { acceptAnyWorkbin: true })).open();
  t.is((await caller.operate('/api/v2/me/workbins/whatever')).body['statusCode'], 0);
});

test('referenceIdInMessages: plain messages carry the referenceId of their request', async (t) => {
  const caller = await new Caller(await start(t, { referenceIdInMessages: true })).open();
  await caller.operate(`/api/v2/me/workbins?workbinIds=${WORKBIN_A},${WORKBIN_B}`);
  t.deepEqual(await caller.pushes(2), [
    state('Subscribed', WORKBIN_A, { referenceId: 1 }),
    state('Subscribed', WORKBIN_B, { referenceId: 2 }),
  ]);
});

test('reference ids: one counter for the server, whoever asks', async (t) => {
  const sandbox = await start(t);
  const [one, two] = [await new Caller(sandbox).open(), await new Caller(sandbox, 'colleague', 'secret').open()];
  t.is((await one.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).body['referenceId'], 1);
  t.is((await two.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).body['referenceId'], 2);
  t.is((await one.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).body['referenceId'], 3);
});

test('pushes: go to the HTTP session of the request alone', async (t) => {
  const sandbox = await start(t);
  const [one, two] = [await new Caller(sandbox).open(), await new Caller(sandbox).open()];
  await one.operate(`/api/v2/me/workbins/${WORKBIN_A}`);
  t.is((await one.pushes()).length, 1);
  t.deepEqual(await two.pushesSoFar(), []);
});

test('pushes: a CometD session that is not subscribed to the topic gets none', async (t) => {
  const caller = new Caller(await start(t, { push: 'before' }));
  await caller.get('/api/v2/me');
  await caller.handshake();
  await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`);
  t.deepEqual(await caller.pushesSoFar(), []);
});

test("push 'before': the client has received the message before the reply leaves", async (t) => {
  const sandbox = await start(t, { push: 'before' });
  const caller = await new Caller(sandbox).open();
  const order: string[] = [];
  const posted = caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`).then(() => order.push('reply'));
  const pushed = caller.pushes().then(() => {
    order.push('push');
    return caller.connect({ timeout: 0 });
  });
  await Promise.all([posted, pushed]);
  t.deepEqual(order, ['push', 'reply']);
});

test("push 'before': a client that never connects does not hang the reply", async (t) => {
  const caller = await new Caller(await start(t, { push: 'before' })).open();
  t.is((await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).status, 200);
});

for (const push of ['with', 'after'] as const) {
  test(`push '${push}': reply and message arrive`, async (t) => {
    const caller = await new Caller(await start(t, { push })).open();
    const pushes = caller.pushes();
    t.is((await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).status, 200);
    t.is((await pushes).length, 1);
  });
}

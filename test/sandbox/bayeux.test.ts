import test from 'ava';
import type { BayeuxKill } from '../../src/sandbox/index.js';
import { Caller, held, start, TOPIC, WORKBIN_A, type Message } from './caller.js';

const handshake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] };
const PATH = `/api/v2/me/workbins/${WORKBIN_A}`;

for (const path of ['', '/handshake', '/connect', '/disconnect']) {
  test(`bayeux: handshakes on /api/v2/notifications${path}`, async (t) => {
    const [reply] = await new Caller(await start(t)).bayeux(handshake, path);
    t.like(reply, { channel: '/meta/handshake', successful: true, version: '1.0' });
    t.deepEqual(reply?.['supportedConnectionTypes'], ['long-polling']);
  });
}

test('bayeux: a single message that is no array is answered as well', async (t) => {
  const caller = new Caller(await start(t));
  const { status, text } = await caller.send('POST', '/api/v2/notifications', handshake);
  t.is(status, 200);
  t.like(JSON.parse(text), [{ successful: true }]);
});

for (const [title, body] of [
  ['no JSON', '{oops'],
  ['no message', '[]'],
  ['no object', '[1]'],
  ['nothing', undefined],
] as const) {
  test(`bayeux: a body that is ${title} gets 400`, async (t) => {
    t.is((await new Caller(await start(t)).send('POST', '/api/v2/notifications', body)).status, 400);
  });
}

test('bayeux: names that are no channels are refused one by one', async (t) => {
  const caller = await new Caller(await start(t)).open();
  for (const subscription of ['__proto__', 'no/slash', '/', ['/fine', ''], 7]) {
    const [reply] = await caller.subscribe(subscription);
    t.like(reply, { channel: '/meta/subscribe', successful: false, error: '400::channel_invalid' });
  }
  t.like(await caller.connect({ timeout: 0 }), [{ channel: '/meta/connect', successful: true }]);
});

test('bayeux: clients may not publish on the topic', async (t) => {
  const caller = await new Caller(await start(t)).open();
  const [reply] = await caller.bayeux({ channel: TOPIC, clientId: caller.clientId, data: { id: 'forged' } });
  t.like(reply, { successful: false, error: '403::publish_denied' });
  t.deepEqual(await caller.pushesSoFar(), []);
});

test("bayeux: an unknown client gets CometD 3's 402, with advice on connect", async (t) => {
  const caller = new Caller(await start(t));
  caller.clientId = 'unknown';
  const error = '402::Unknown client';
  t.like(await caller.connect(), [{ successful: false, error, advice: { reconnect: 'handshake' } }]);
  t.like(await caller.subscribe(), [{ successful: false, error, advice: undefined }]);
});

test('bayeux: a client without its BAYEUX_BROWSER cookie is unknown', async (t) => {
  const caller = await new Caller(await start(t)).open();
  caller.cookies.delete('BAYEUX_BROWSER');
  t.like(await caller.connect(), [{ successful: false, error: '402::Unknown client' }]);
});

test('bayeux: a connect is held for longPollTimeout', async (t) => {
  const caller = await new Caller(await start(t, { longPollTimeout: 20 })).open();
  t.like(await caller.connect({}), [{ successful: true, advice: { timeout: 20, reconnect: 'retry' } }]);
});

test('bayeux: a disconnect ends the session', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  t.is(sandbox.bayeuxSessions, 1);
  await caller.bayeux({ channel: '/meta/disconnect', clientId: caller.clientId }, '/disconnect');
  t.is(sandbox.bayeuxSessions, 0);
});

test('bayeux: a wildcard subscription brings the messages, too', async (t) => {
  const caller = new Caller(await start(t));
  await caller.get('/api/v2/me');
  await caller.handshake();
  await caller.subscribe('/v2/**');
  await caller.operate(PATH);
  t.is((await caller.pushes()).length, 1);
});

test('push: sends any data to every session on the topic, or to those of one user', async (t) => {
  const sandbox = await start(t);
  const [agent, colleague] = [
    await new Caller(sandbox).open(),
    await new Caller(sandbox, 'colleague', 'secret').open(),
  ];
  for (const data of ['text', 7, null, { nested: [1] }]) {
    sandbox.push(data);
    t.deepEqual(await agent.pushes(), [data]);
    t.deepEqual(await colleague.pushes(), [data]);
  }
  sandbox.push('private', { userId: sandbox.users[1]?.id ?? '' });
  t.deepEqual(await colleague.pushes(), ['private']);
  t.deepEqual(await agent.pushesSoFar(), []);
  await agent.subscribe('/v2/me/calls');
  sandbox.push('call', { channel: '/v2/me/calls' });
  t.like(await agent.connect(), [{ channel: '/v2/me/calls', data: 'call' }, { channel: '/meta/connect' }]);
});

test('killHttpSessions: the CometD session goes on, and never gets a push', async (t) => {
  const sandbox = await start(t, { push: 'before' });
  const caller = await new Caller(sandbox).open();
  await caller.operate(PATH);
  t.is((await caller.pushes()).length, 1);
  sandbox.killHttpSessions();
  t.deepEqual([sandbox.httpSessions, sandbox.bayeuxSessions], [0, 1]);
  t.deepEqual(sandbox.subscriptions(), []);
  await caller.get('/api/v2/me');
  t.is((await caller.operate(PATH)).status, 200);
  sandbox.addItem(WORKBIN_A);
  sandbox.push('anything');
  t.like(await caller.connect({ timeout: 0 }), [{ channel: '/meta/connect', successful: true }]);
  await caller.handshake();
  await caller.subscribe();
  await caller.operate(PATH);
  t.is((await caller.pushes()).length, 1);
});

const handshakeAdvice = { reconnect: 'handshake', interval: 0 };
const kills: Readonly<Record<BayeuxKill, { readonly connect: Message; readonly subscribe: Message }>> = {
  unknown: {
    connect: { successful: false, error: '402::Unknown client', advice: handshakeAdvice },
    subscribe: { successful: false, error: '402::Unknown client', advice: undefined },
  },
  'unknown-without-advice': {
    connect: { successful: false, error: '402::Unknown client', advice: undefined },
    subscribe: { successful: false, error: '402::Unknown client', advice: undefined },
  },
  'other-text': {
    connect: { successful: false, error: '402::session_unknown', advice: handshakeAdvice },
    subscribe: { successful: false, error: '402::session_unknown', advice: undefined },
  },
  forbidden: {
    connect: { successful: false, error: '403::Forbidden', advice: undefined },
    subscribe: { successful: false, error: '403::Forbidden', advice: undefined },
  },
  'advice-none': {
    connect: { successful: false, error: '402::Unknown client', advice: { reconnect: 'none' } },
    subscribe: { successful: false, error: '402::Unknown client', advice: { reconnect: 'none' } },
  },
  'advice-handshake-on-success': {
    connect: { successful: true, error: undefined, advice: handshakeAdvice },
    subscribe: { successful: false, error: '402::Unknown client', advice: undefined },
  },
};

// the keys are those of the Record's type
for (const how of Object.keys(kills) as BayeuxKill[]) {
  test(`killBayeuxSessions: '${how}' releases the held connect and tells the next messages`, async (t) => {
    const sandbox = await start(t);
    const caller = await new Caller(sandbox).open();
    const from = sandbox.requests.length;
    const connecting = caller.connect();
    await held(sandbox, from);
    sandbox.killBayeuxSessions(how);
    t.is(sandbox.bayeuxSessions, 0);
    const released = await connecting;
    t.is(released.length, 1);
    const advice = how === 'advice-handshake-on-success' ? handshakeAdvice : undefined;
    t.like(released[0], { id: '1', channel: '/meta/connect', successful: true, advice });
    t.like((await caller.connect())[0], { id: '1', channel: '/meta/connect', ...kills[how].connect });
    t.like((await caller.subscribe())[0], { channel: '/meta/subscribe', ...kills[how].subscribe });
    await caller.handshake();
    await caller.subscribe();
    await caller.operate(PATH);
    t.is((await caller.pushes()).length, 1);
  });
}

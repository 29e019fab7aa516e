import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { createSandbox, defaultUsers, defaultWorkbins } from '../../src/sandbox/index.js';
import { Caller, held, start, state, WORKBIN_A, WORKBIN_B } from './caller.js';

const PATH = `/api/v2/me/workbins/${WORKBIN_A}`;

test('createSandbox: listens on loopback with the documented defaults', async (t) => {
  const sandbox = await start(t);
  t.regex(sandbox.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.deepEqual([sandbox.username, sandbox.password], ['agent', 'secret']);
  t.is(sandbox.users, defaultUsers);
  t.is(sandbox.workbins, defaultWorkbins);
  t.deepEqual([sandbox.connections, sandbox.httpSessions, sandbox.bayeuxSessions], [0, 0, 0]);
});

test('createSandbox: needs a user, and a port that is free', async (t) => {
  await t.throwsAsync(createSandbox({ users: [] }), { instanceOf: TypeError });
  const sandbox = await start(t);
  await t.throwsAsync(createSandbox({ port: Number(new URL(sandbox.url).port) }), { code: 'EADDRINUSE' });
});

test('requests: records what came, credentials and cookie values left out', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  await caller.operate(`/api/v2/me/workbins?workbinIds=${WORKBIN_A},${WORKBIN_B}`);
  await caller.send('POST', PATH, 'no json');
  const [me, handshake, , several, broken] = sandbox.requests;
  t.like(me, { method: 'GET', path: '/api/v2/me', status: 200, operationName: undefined, bayeux: undefined });
  t.false('body' in (me ?? {}));
  t.like(handshake, { path: '/api/v2/notifications/handshake', bayeux: ['/meta/handshake'], status: 200 });
  t.like(several, { method: 'POST', operationName: 'Subscribe', workbinIds: [WORKBIN_A, WORKBIN_B], status: 200 });
  t.deepEqual(several?.body, { operationName: 'Subscribe' });
  t.like(broken, { workbinIds: [WORKBIN_A], body: 'no json', status: 400 });
  t.like(several?.headers, { authorization: 'Basic ***', cookie: 'JSESSIONID=***; BAYEUX_BROWSER=***' });
  const written = JSON.stringify(sandbox.requests);
  for (const secret of [btoa('agent:secret'), ...caller.cookies.values()]) t.false(written.includes(secret));
});

test('request: resolves with a past request, a coming one, and one whose reply leaves', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  const coming = sandbox.request(({ operationName }) => operationName === 'Subscribe');
  const refused = sandbox.request(({ status }) => status === 403);
  await caller.get('/api/v2/me');
  t.is((await sandbox.request(({ method }) => method === 'GET')).path, '/api/v2/me');
  await caller.operate(PATH);
  t.is((await coming).path, PATH);
  sandbox.rotateCsrf();
  await caller.operate(PATH);
  t.true(Object.is(await refused, sandbox.requests.at(-1)));
});

test('request: rejects with what the predicate throws, and when the sandbox closes', async (t) => {
  const sandbox = await start(t);
  const throwing = sandbox.request(() => {
    throw new Error('odd');
  });
  const never = sandbox.request(() => false);
  await new Caller(sandbox).get('/api/v2/me');
  await t.throwsAsync(throwing, { message: 'odd' });
  await sandbox.close();
  await t.throwsAsync(never, { message: /closed/ });
  await t.throwsAsync(
    sandbox.request(() => false),
    { message: /closed/ },
  );
});

test('refuseConnections, acceptConnections: the port is the same, sessions survive', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  await caller.operate(PATH);
  const { url } = sandbox;
  const from = sandbox.requests.length;
  await caller.pushes();
  const connecting = t.throwsAsync(caller.connect());
  await held(sandbox, from + 1);
  await sandbox.refuseConnections();
  await connecting;
  t.is(sandbox.connections, 0);
  await t.throwsAsync(caller.get('/api/v2/me'));
  t.is(sandbox.url, url);
  await sandbox.acceptConnections();
  await sandbox.acceptConnections();
  sandbox.addItem(WORKBIN_A);
  // the first push went into the poll that died, as it does with the real one
  sandbox.addItem(WORKBIN_A);
  t.is((await caller.pushes()).length, 1);
  t.deepEqual([sandbox.httpSessions, sandbox.bayeuxSessions], [1, 1]);
});

test('restart: every session is forgotten, items stay', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  await caller.operate(PATH);
  sandbox.addItem(WORKBIN_A, { interaction: { id: 'kept' } });
  const session = caller.cookies.get('JSESSIONID');
  await sandbox.restart();
  t.deepEqual([sandbox.httpSessions, sandbox.bayeuxSessions, sandbox.connections], [0, 0, 0]);
  t.deepEqual(sandbox.subscriptions(), []);
  // fetch may not have noticed yet that its kept connections are gone
  const connecting = caller.connect().catch(() => caller.connect());
  t.like(await connecting, [{ error: '402::Unknown client', advice: { reconnect: 'handshake' } }]);
  t.is((await caller.operate(PATH)).status, 403);
  t.not(caller.cookies.get('JSESSIONID'), session);
  t.like((await caller.get(`${PATH}?subresources=*`)).body, { workbin: { chats: [{ id: 'kept' }] } });
  await caller.handshake();
  await caller.subscribe();
  await caller.operate(PATH);
  t.deepEqual(await caller.pushes(), [state('Subscribed', WORKBIN_A)]);
});

test('resetConnections: live sockets go, new ones are welcome', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  const from = sandbox.requests.length;
  const connecting = t.throwsAsync(caller.connect());
  await held(sandbox, from);
  t.true(sandbox.connections > 0);
  sandbox.resetConnections();
  await connecting;
  t.is((await caller.get('/api/v2/me')).status, 200);
});

test('close: idempotent, whatever is in flight, and final', async (t) => {
  const sandbox = await start(t, { push: 'before', items: { every: 100_000 } });
  const caller = await new Caller(sandbox).open();
  sandbox.fault({ workbinId: WORKBIN_A }, { kind: 'delay', ms: 100_000 });
  sandbox.fault({ workbinId: WORKBIN_B }, { kind: 'push', delay: 100_000 });
  const from = sandbox.requests.length;
  const inFlight = [
    t.throwsAsync(caller.connect()),
    t.throwsAsync(caller.operate(PATH)),
    t.throwsAsync(caller.operate(`/api/v2/me/workbins/${WORKBIN_B}`)),
  ];
  await held(sandbox, from);
  await sandbox.request(({ workbinIds }) => workbinIds?.[0] === WORKBIN_A);
  await sandbox.request(({ workbinIds }) => workbinIds?.[0] === WORKBIN_B);
  await Promise.all([sandbox.close(), sandbox.close(), sandbox[Symbol.asyncDispose]()]);
  await Promise.all(inFlight);
  t.deepEqual([sandbox.connections, sandbox.httpSessions, sandbox.bayeuxSessions], [0, 0, 0]);
  await t.throwsAsync(sandbox.acceptConnections());
  await t.throwsAsync(sandbox.restart());
});

test('close: leaves nothing that keeps a process alive', async (t) => {
  const index = new URL('../../src/sandbox/index.ts', import.meta.url).href;
  const script = `
    import http from 'node:http';
    const { createSandbox } = await import(${JSON.stringify(index)});
    const sandbox = await createSandbox({ csrf: false, push: 'before', items: { every: 100_000 } });
    const authorization = 'Basic ' + btoa('agent:secret');
    const cookies = [];
    const post = (path, body) => new Promise((resolve) => {
      const headers = { authorization, cookie: cookies.join('; ') };
      const request = http.request(sandbox.url + path, { method: 'POST', headers, agent: false }, (response) => {
        cookies.push(...(response.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]));
        response.setEncoding('utf8').on('data', (text) => resolve(JSON.parse(text)));
      });
      request.on('error', () => undefined).end(JSON.stringify(body));
    });
    const bayeux = (message) => post('/api/v2/notifications', [message]);
    const [{ clientId }] = await bayeux({ channel: '/meta/handshake' });
    await bayeux({ channel: '/meta/subscribe', clientId, subscription: '/v2/me/workbins' });
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'delay', ms: 100_000 });
    void bayeux({ channel: '/meta/connect', clientId });
    void post('/api/v2/me/workbins/${WORKBIN_A}', { operationName: 'Subscribe' });
    await sandbox.request((request) => request.operationName === 'Subscribe');
    await sandbox.close();
    console.log('closed');
  `;
  const args = ['--import=tsx', '--conditions=rx-workbins:source', '--input-type=module', '--eval', script];
  // it rejects when the process has to be killed
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  t.is(stdout.trim(), 'closed');
});

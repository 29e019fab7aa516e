import test from 'ava';
import { Caller, start, WORKBIN_A } from './caller.js';

const PATH = `/api/v2/me/workbins/${WORKBIN_A}`;

for (const [title, authorization] of [
  ['no credentials', undefined],
  ['a wrong password', `Basic ${btoa('agent:wrong')}`],
  ['an unknown user', `Basic ${btoa('nobody:secret')}`],
  ['another scheme', 'Bearer secret'],
  ['garbage for credentials', 'Basic %%%'],
] as const) {
  test(`authentication: ${title} gets 401, a challenge and statusCode 20`, async (t) => {
    const caller = new Caller(await start(t));
    caller.authorization = authorization;
    for (const answer of [await caller.get('/api/v2/me'), await caller.send('POST', '/api/v2/notifications', [])]) {
      t.is(answer.status, 401);
      t.regex(answer.headers.get('www-authenticate') ?? '', /^Basic/);
      t.is(answer.body['statusCode'], 20);
      t.is(typeof answer.body['statusMessage'], 'string');
    }
    t.is(caller.cookies.size, 0);
  });
}

test('session: the first authenticated request makes one, later ones keep it', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  const first = await caller.get('/api/v2/me');
  t.regex(first.headers.get('set-cookie') ?? '', /^JSESSIONID=\w+; Path=\/; HttpOnly$/);
  t.is((await caller.get('/api/v2/me')).headers.get('set-cookie'), null);
  t.is(sandbox.httpSessions, 1);
});

test('session: the Bayeux endpoint makes one, too', async (t) => {
  const caller = new Caller(await start(t));
  await caller.handshake();
  t.deepEqual([...caller.cookies.keys()].sort(), ['BAYEUX_BROWSER', 'JSESSIONID']);
});

test('session: an unknown JSESSIONID gets a new one', async (t) => {
  const caller = new Caller(await start(t));
  caller.cookies.set('JSESSIONID', 'stale');
  t.is((await caller.get('/api/v2/me')).status, 200);
  t.not(caller.cookies.get('JSESSIONID'), 'stale');
});

test('session: a valid JSESSIONID stands for its user, without one nobody does', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  await caller.get('/api/v2/me');
  caller.authorization = undefined;
  t.is((await caller.get('/api/v2/me')).status, 200);
  sandbox.killHttpSessions();
  t.is((await caller.get('/api/v2/me')).status, 401);
});

test("session: another user's credentials get a session of their own", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  await caller.get('/api/v2/me');
  const colleague = new Caller(sandbox, 'colleague', 'secret');
  colleague.cookies.set('JSESSIONID', caller.cookies.get('JSESSIONID') ?? '');
  const { body } = await colleague.get('/api/v2/me');
  t.like(body, { user: { userName: 'colleague' } });
  t.not(colleague.cookies.get('JSESSIONID'), caller.cookies.get('JSESSIONID'));
});

test('session: two JSESSIONIDs in one request get 400', async (t) => {
  const caller = new Caller(await start(t));
  await caller.get('/api/v2/me');
  const cookie = `JSESSIONID=${caller.cookies.get('JSESSIONID') ?? ''}; JSESSIONID=other`;
  t.is((await caller.get('/api/v2/me', { cookie })).status, 400);
});

test('csrf: every answer to a GET carries header and token, a 404 included, a POST does not', async (t) => {
  const caller = new Caller(await start(t));
  for (const path of ['/api/v2/me', '/api/v2/me/workbins?fields=*', '/api/v2/nothing']) {
    const { headers } = await caller.get(path);
    t.is(headers.get('x-csrf-header'), 'X-CSRF-TOKEN');
    t.regex(headers.get('x-csrf-token') ?? '', /^\w{32}$/);
  }
  t.is((await caller.operate(PATH)).headers.get('x-csrf-token'), null);
});

for (const method of ['POST', 'PUT', 'DELETE']) {
  test(`csrf: ${method} without the right token gets 403 and the documented text`, async (t) => {
    const caller = new Caller(await start(t));
    const without = await caller.send(method, PATH, { operationName: 'Subscribe' });
    t.deepEqual([without.status, without.text], [403, 'Missing or invalid Csrf token']);
    await caller.get('/api/v2/me');
    const wrong = await caller.send(method, PATH, { operationName: 'Subscribe' }, { 'X-CSRF-TOKEN': 'wrong' });
    t.deepEqual([wrong.status, wrong.text], [403, 'Missing or invalid Csrf token']);
  });
}

test('csrf: the header has the name that the option gives it', async (t) => {
  const caller = new Caller(await start(t, { csrf: 'X-Guard' }));
  t.is((await caller.get('/api/v2/me')).headers.get('x-csrf-header'), 'X-Guard');
  t.is((await caller.operate(PATH)).status, 200);
});

test('csrf: nothing is asked or told where it is off', async (t) => {
  const caller = new Caller(await start(t, { csrf: false }));
  t.is((await caller.operate(PATH)).status, 200);
  t.is((await caller.get('/api/v2/me')).headers.get('x-csrf-header'), null);
});

test('csrf: the CometD POSTs need the token only where the option says so', async (t) => {
  const lenient = new Caller(await start(t));
  t.is((await lenient.send('POST', '/api/v2/notifications', [{ channel: '/meta/handshake' }])).status, 200);
  const strict = new Caller(await start(t, { csrfOnBayeux: true }));
  t.is((await strict.send('POST', '/api/v2/notifications', [{ channel: '/meta/handshake' }])).status, 403);
  await strict.get('/api/v2/me');
  t.is((await strict.send('POST', '/api/v2/notifications', [{ channel: '/meta/handshake' }])).status, 200);
});

test('rotateCsrf: the old token gets 403, the session stays and has another', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  await caller.get('/api/v2/me');
  const session = caller.cookies.get('JSESSIONID');
  sandbox.rotateCsrf();
  t.is((await caller.operate(PATH)).status, 403);
  await caller.get('/api/v2/me');
  t.is((await caller.operate(PATH)).status, 200);
  t.is(caller.cookies.get('JSESSIONID'), session);
});

test('cors: a preflight of an allowed origin is answered without credentials', async (t) => {
  const caller = new Caller(await start(t, { cors: ['http://app.test'] }));
  caller.authorization = undefined;
  const { status, headers } = await caller.send('OPTIONS', '/api/v2/me', undefined, {
    origin: 'http://app.test',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,x-csrf-token',
  });
  t.is(status, 204);
  t.is(headers.get('access-control-allow-origin'), 'http://app.test');
  t.is(headers.get('access-control-allow-credentials'), 'true');
  t.is(headers.get('access-control-allow-headers'), 'authorization,x-csrf-token');
  t.regex(headers.get('access-control-allow-methods') ?? '', /POST/);
});

test('cors: replies to an allowed origin expose the CSRF headers, those to others do not', async (t) => {
  const caller = new Caller(await start(t, { cors: ['http://app.test'] }));
  const allowed = await caller.get('/api/v2/me', { origin: 'http://app.test' });
  t.is(allowed.headers.get('access-control-allow-origin'), 'http://app.test');
  t.is(allowed.headers.get('access-control-expose-headers'), 'X-CSRF-HEADER, X-CSRF-TOKEN, Retry-After');
  const other = await caller.get('/api/v2/me', { origin: 'http://evil.test' });
  t.is(other.headers.get('access-control-allow-origin'), null);
  const preflight = { origin: 'http://evil.test', 'access-control-request-method': 'POST' };
  t.is((await caller.send('OPTIONS', '/api/v2/me', undefined, preflight)).status, 403);
});

test('cors: without the option no reply names an origin and a preflight gets 401', async (t) => {
  const caller = new Caller(await start(t));
  caller.authorization = undefined;
  const preflight = { origin: 'http://app.test', 'access-control-request-method': 'POST' };
  const { status, headers } = await caller.send('OPTIONS', '/api/v2/me', undefined, preflight);
  t.is(status, 401);
  t.is(headers.get('access-control-allow-origin'), null);
});

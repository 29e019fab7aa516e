import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import test from 'ava';
import { Caller, COLLEAGUE, start, WORKBIN_A, WORKBIN_B, type Message } from './caller.js';

const subscribe = { operationName: 'Subscribe' };
const several = `workbinIds=${WORKBIN_A},${WORKBIN_B}`;

interface Refused {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly statusCode: number;
}

const refusals: Readonly<Record<string, Refused>> = {
  'an unknown path': { method: 'GET', path: '/api/v2/nothing', status: 404, statusCode: 6 },
  'another version of the API': { method: 'GET', path: '/api/v1/me', status: 404, statusCode: 6 },
  'a path below a workbin': { path: `/api/v2/me/workbins/${WORKBIN_A}/x`, body: subscribe, status: 404, statusCode: 6 },
  'a path below the notifications': { path: '/api/v2/notifications/else', body: [], status: 404, statusCode: 6 },
  'a path that cannot be decoded': { path: '/api/v2/me/workbins/%zz', body: subscribe, status: 400, statusCode: 10 },
  'an id that looks like a path': { method: 'GET', path: '/api/v2/me/workbins/..%2f..', status: 404, statusCode: 6 },
  'an unknown workbin': { path: '/api/v2/me/workbins/nope', body: subscribe, status: 404, statusCode: 6 },
  'the content of an unknown workbin': {
    method: 'GET',
    path: '/api/v2/me/workbins/nope?subresources=*',
    status: 404,
    statusCode: 6,
  },
  'several unknown workbins': {
    path: '/api/v2/me/workbins?workbinIds=x,y',
    body: subscribe,
    status: 404,
    statusCode: 6,
  },
  'an unknown user': {
    path: `/api/v2/users/nobody/workbins/${WORKBIN_A}`,
    body: subscribe,
    status: 404,
    statusCode: 6,
  },
  'no workbin at all': { path: '/api/v2/me/workbins', body: subscribe, status: 400, statusCode: 1 },
  'an empty workbinIds': { path: '/api/v2/me/workbins?workbinIds=', body: subscribe, status: 400, statusCode: 1 },
  'an empty id among others': {
    path: `/api/v2/me/workbins?workbinIds=${WORKBIN_A},,${WORKBIN_B}`,
    body: subscribe,
    status: 400,
    statusCode: 10,
  },
  'no body': { path: `/api/v2/me/workbins/${WORKBIN_A}`, status: 400, statusCode: 1 },
  'a body without operationName': { path: `/api/v2/me/workbins/${WORKBIN_A}`, body: {}, status: 400, statusCode: 1 },
  'an unknown operationName': {
    path: `/api/v2/me/workbins/${WORKBIN_A}`,
    body: { operationName: 'Dance' },
    status: 400,
    statusCode: 10,
  },
  'an operationName of another resource': { path: '/api/v2/me', body: subscribe, status: 400, statusCode: 10 },
  'a body that is no JSON': { path: `/api/v2/me/workbins/${WORKBIN_A}`, body: '{oops', status: 400, statusCode: 10 },
  'a body that is no object': { path: `/api/v2/me/workbins/${WORKBIN_A}`, body: '[1]', status: 400, statusCode: 10 },
  'two kinds of groups at once': {
    path: `/api/v2/me/workbins/${WORKBIN_A}?agentGroup=a&placeGroup=b`,
    body: subscribe,
    status: 400,
    statusCode: 10,
  },
  'a group without a name': {
    path: `/api/v2/me/workbins/${WORKBIN_A}?agentGroup=`,
    body: subscribe,
    status: 400,
    statusCode: 10,
  },
  'several workbins of a group': {
    path: `/api/v2/me/workbins?${several}&agentGroup=a`,
    body: subscribe,
    status: 400,
    statusCode: 10,
  },
  "a group under a user's workbins": {
    path: `/api/v2/users/${COLLEAGUE}/workbins/${WORKBIN_A}?agentGroup=a`,
    body: subscribe,
    status: 400,
    statusCode: 10,
  },
  'DELETE of a workbin': {
    method: 'DELETE',
    path: `/api/v2/me/workbins/${WORKBIN_A}`,
    status: 405,
    statusCode: 3,
  },
  'PUT to me': { method: 'PUT', path: '/api/v2/me', body: {}, status: 405, statusCode: 3 },
  'GET of the notifications': { method: 'GET', path: '/api/v2/notifications', status: 405, statusCode: 3 },
};

for (const [title, { method = 'POST', path, body, status, statusCode }] of Object.entries(refusals)) {
  test(`refusals: ${title} gets ${status} and statusCode ${statusCode}`, async (t) => {
    const caller = new Caller(await start(t));
    await caller.get('/api/v2/me');
    const answer = await caller.send(method, path, body);
    t.is(answer.status, status);
    t.is(answer.body['statusCode'], statusCode);
    t.is(typeof answer.body['statusMessage'], 'string');
    t.is(answer.headers.has('allow'), status === 405);
  });
}

test('refusals: a path that climbs gets 400, however it is spelled', async (t) => {
  const sandbox = await start(t);
  const { authorization } = new Caller(sandbox);
  for (const path of ['/api/v2/me/workbins/..', '/api/v2/me/workbins/%2e%2e']) {
    // fetch would resolve the dots itself
    const sent = request(`${sandbox.url}/`, { path, headers: { authorization } }).end();
    // what `response` is emitted with
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    t.is(response.statusCode, 400);
  }
});

test("refusals: a user who is no supervisor gets statusCode 5 for others' workbins, not for his own", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox, 'colleague', 'secret');
  await caller.get('/api/v2/me');
  const [agent] = sandbox.users;
  const others = `/api/v2/users/${agent?.id ?? ''}/workbins`;
  t.like(await caller.operate(`${others}/${WORKBIN_A}`), { status: 403, body: { statusCode: 5 } });
  t.like(await caller.operate(`${others}?${several}`), { status: 403, body: { statusCode: 5 } });
  t.like(await caller.get(`${others}?fields=*`), { status: 403, body: { statusCode: 5 } });
  t.is((await caller.operate(`/api/v2/users/${COLLEAGUE}/workbins/${WORKBIN_A}`)).status, 200);
});

test("refusals: a workbin of one owner does not exist among others' own", async (t) => {
  const owned = { id: 'owned', name: 'owned', displayName: 'Owned', type: 'Agent', ownerId: COLLEAGUE } as const;
  const caller = new Caller(await start(t, { workbins: [owned] }));
  await caller.get('/api/v2/me');
  t.is((await caller.operate('/api/v2/me/workbins/owned')).body['statusCode'], 6);
  t.is((await caller.operate('/api/v2/workbins/owned')).body['statusCode'], 0);
  t.is((await caller.operate(`/api/v2/users/${COLLEAGUE}/workbins/owned`)).body['statusCode'], 0);
});

test('limits: line and headers over 8 KiB get 414 for the line, 431 for the headers', async (t) => {
  const caller = new Caller(await start(t));
  t.is((await caller.get(`/api/v2/me?x=${'x'.repeat(9000)}`)).status, 414);
  t.is((await caller.get('/api/v2/me', { 'x-large': 'x'.repeat(9000) })).status, 431);
  t.is((await caller.get(`/api/v2/me?x=${'x'.repeat(7000)}`)).status, 200);
});

test('me: GET describes the user, with or without a slash at the end', async (t) => {
  const caller = new Caller(await start(t), 'colleague', 'secret');
  for (const path of ['/api/v2/me', '/api/v2/me/']) {
    t.like((await caller.get(path)).body, {
      statusCode: 0,
      user: { id: COLLEAGUE, userName: 'colleague', path: `/users/${COLLEAGUE}` },
    });
  }
});

const channels: Readonly<Record<string, { readonly body: Message; readonly statusCode: number }>> = {
  'known channels start': { body: { channels: ['voice', 'chat'], place: 'Desk 1' }, statusCode: 0 },
  'an unknown channel among others fails alone': { body: { channels: ['chat', 'smoke'] }, statusCode: 7 },
  'unknown channels alone fail': { body: { channels: ['smoke'] }, statusCode: 6 },
  'missing channels are asked for': { body: {}, statusCode: 1 },
  'no channel at all is not enough': { body: { channels: [] }, statusCode: 1 },
  'channels that are no array are refused': { body: { channels: 'chat' }, statusCode: 10 },
  'a place that is no name is refused': { body: { channels: ['chat'], place: 1 }, statusCode: 10 },
};

for (const [title, { body, statusCode }] of Object.entries(channels)) {
  test(`StartContactCenterSession: ${title}`, async (t) => {
    const caller = new Caller(await start(t));
    await caller.get('/api/v2/me');
    const answer = await caller.operate('/api/v2/me', 'StartContactCenterSession', body);
    t.is(answer.body['statusCode'], statusCode);
  });
}

test('StartContactCenterSession: subscribing needs it where the option says so', async (t) => {
  const caller = new Caller(await start(t, { requireContactCenterSession: true }));
  await caller.get('/api/v2/me');
  t.is((await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).body['statusCode'], 2);
  await caller.operate('/api/v2/me', 'StartContactCenterSession', { channels: ['chat'] });
  t.is((await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`)).body['statusCode'], 0);
});

test('EndContactCenterSession: invalidates the HTTP session and what it was subscribed to', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  await caller.get('/api/v2/me');
  await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`);
  const session = caller.cookies.get('JSESSIONID');
  t.is((await caller.operate('/api/v2/me', 'EndContactCenterSession')).body['statusCode'], 0);
  t.is(sandbox.httpSessions, 0);
  t.deepEqual(sandbox.subscriptions(), []);
  await caller.get('/api/v2/me');
  t.not(caller.cookies.get('JSESSIONID'), session);
});

import test from 'ava';
import { of, throwError } from 'rxjs';
import { type AuthProvider, ConnectionError, isConnectionError } from '../../src/index.js';
import {
  A,
  accountOf,
  all,
  B,
  brief,
  COLLEAGUE,
  connect,
  errorOf,
  fetchWithCookies,
  named,
  nonPolls,
  open,
  posts,
  record,
  start,
  turn,
  warm,
} from './wire.js';

const basic = (password = 'secret'): Record<string, string> => ({
  authorization: `Basic ${btoa(`agent:${password}`)}`,
});
const subscribes = { operation: 'Subscribe' };
const backoffs = [500, 1_000, 2_000, 4_000];

test('wrong credentials: exactly one request, then silence', async (t) => {
  const { sandbox, client, clock } = await open(t, { auth: { username: 'agent', password: 'wrong' } });
  const asked = [client.subscribe([A, B]), client.watch(A), client.any.unsubscribe(B)].map((each$) => accountOf(each$));
  for (const { failed } of await Promise.all(asked)) {
    for (const error of failed.values()) {
      t.true(isConnectionError(error));
      t.like(error.cause, { code: 'api', statusCode: 20, status: 401 });
    }
  }
  t.is(clock.timers, 0);
  clock.advance(3_600_000);
  for (let turns = 0; turns < 20; turns++) await turn();
  t.deepEqual(sandbox.requests.map(named), ['GET /api/v2/me']);
});

test('wrong credentials: list ends with a ConnectionError, after one request', async (t) => {
  const { sandbox, client } = await open(t, { auth: { username: 'agent', password: 'wrong' } });
  t.true((await errorOf(client.list())) instanceof ConnectionError);
  t.is(sandbox.requests.length, 1);
});

test('wrong credentials: notifications$ ends with a ConnectionError', async (t) => {
  const { client } = await open(t, { auth: { username: 'agent', password: 'wrong' } });
  t.true((await errorOf(client.notifications$)) instanceof ConnectionError);
});

const forms: Readonly<Record<string, (password: string) => ReturnType<AuthProvider>>> = {
  'that answers at once': (password) => basic(password),
  'that promises': (password) => Promise.resolve(basic(password)),
  'that is an Observable': (password) => of(basic(password)),
};

for (const [title, give] of Object.entries(forms)) {
  test(`an auth function ${title}: is asked once, and again after a 401`, async (t) => {
    let asked = 0;
    const { sandbox, client, clock } = await open(t, { auth: () => give(++asked > 0 ? 'secret' : '') });
    await all(client.subscribe(A));
    t.is(asked, 1);
    sandbox.fault({ ...subscribes, times: 1 }, { kind: 'reply', status: 401, body: 'Expired' });
    const subscribing = record(client.subscribe(B));
    // Another HTTP session is another CometD session.
    await Promise.race([subscribing.ended, clock.pass(500)]);
    t.is((await subscribing.ended).outcome, 'complete');
    t.is(subscribing.values.map(brief).at(-1), `Subscribed ${B}`);
    t.is(asked, 2);
  });

  test(`an auth function ${title}: a first answer that is stale is asked for again`, async (t) => {
    let asked = 0;
    const { client } = await open(t, { auth: () => give(++asked === 1 ? 'stale' : 'secret') });
    await all(client.subscribe(A));
    t.is(asked, 2);
  });

  test(`an auth function ${title}: is not asked for ever`, async (t) => {
    let asked = 0;
    const { sandbox, client, clock } = await open(t, { auth: () => give(++asked > 0 ? 'wrong' : '') });
    const { failed } = await accountOf(client.subscribe(A));
    t.true(failed.get(A) instanceof ConnectionError);
    t.is(asked, 2);
    t.is(sandbox.requests.length, 2);
    t.is(clock.timers, 0);
  });
}

/** A fetch whose answers of one status arrive together, once there are so many of them. */
const together = (fetch: typeof globalThis.fetch, status: number, count: number): typeof globalThis.fetch => {
  const held: (() => void)[] = [];
  return async (input, init) => {
    const response = await fetch(input, init);
    const text = await response.text();
    if (response.status === status) {
      await new Promise<void>((resolve) => {
        held.push(resolve);
        if (held.length === count) for (const release of held.splice(0)) release();
      });
    }
    return new Response(text, response);
  };
};

test('an auth function: is asked once for all that ask at a time, from cold and after a 401 of each', async (t) => {
  const sandbox = await start(t);
  let asked = 0;
  const { client } = connect(t, sandbox, {
    fetch: together(fetchWithCookies(sandbox), 401, 4),
    auth: async () => {
      asked++;
      for (let turns = 0; turns < 5; turns++) await turn();
      return basic();
    },
  });
  const ask = (): Promise<unknown> =>
    Promise.all(
      [client.list(), client.any.list(), client.content(A), client.content(B)].map((each$) => all<unknown>(each$)),
    );
  await ask();
  t.is(asked, 1);
  sandbox.fault({ times: 4 }, { kind: 'reply', status: 401, body: 'Expired' });
  await ask();
  t.is(asked, 2);
});

const failing: Readonly<Record<string, AuthProvider>> = {
  throws: () => {
    throw new Error('no keychain');
  },
  rejects: () => Promise.reject(new Error('no keychain')),
  errors: () => throwError(() => new Error('no keychain')),
};

for (const [title, auth] of Object.entries(failing)) {
  test(`an auth function that ${title}: is a ConnectionError with that cause, before any request`, async (t) => {
    const { sandbox, client } = await open(t, { auth });
    const { failed } = await accountOf(client.subscribe(A));
    t.true(isConnectionError(failed.get(A)));
    t.like(failed.get(A)?.cause, { message: 'no keychain' });
    t.is(sandbox.requests.length, 0);
  });
}

for (const status of [429, 502, 503, 504]) {
  test(`HTTP status ${status}: is retried with backoff until it goes`, async (t) => {
    const { sandbox, client, clock } = await open(t);
    sandbox.fault({ ...subscribes, times: 2 }, { kind: 'reply', status });
    const subscribing = record(client.subscribe(A));
    await clock.timer(500);
    clock.advance(499);
    t.is(posts(sandbox).length, 1);
    clock.advance(1);
    await clock.pass(1_000);
    t.is((await subscribing.ended).outcome, 'complete');
    t.deepEqual(
      posts(sandbox).map((post) => post.status),
      [status, status, 200],
    );
  });

  test(`HTTP status ${status}: is given up after its attempts`, async (t) => {
    const { sandbox, client, clock } = await open(t);
    sandbox.fault(subscribes, { kind: 'reply', status });
    const subscribing = record(client.subscribe(A));
    for (const delay of backoffs) await clock.pass(delay);
    t.like((await accountOf(subscribing)).failed.get(A), { code: 'http', status });
    t.is(posts(sandbox).length, 5);
  });
}

test('Retry-After: is waited for, in seconds', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ ...subscribes, times: 1 }, { kind: 'reply', status: 429, headers: { 'Retry-After': '7' } });
  const subscribing = record(client.subscribe(A));
  await clock.timer(7_000);
  clock.advance(6_999);
  await turn();
  t.is(posts(sandbox).length, 1);
  clock.advance(1);
  t.is((await subscribing.ended).outcome, 'complete');
});

test('Retry-After: of the CometD handshake is waited for as well', async (t) => {
  const { sandbox, client, clock } = await open(t);
  const handshakes = (): number => sandbox.requests.filter((request) => named(request) === '/meta/handshake').length;
  const headers = { 'Retry-After': '7' };
  sandbox.fault({ channel: '/meta/handshake', times: 1 }, { kind: 'reply', status: 429, headers });
  const subscribing = record(client.subscribe(A));
  const delay = await Promise.race(
    [500, 7_000].map(async (ms) => {
      await clock.timer(ms);
      return ms;
    }),
  );
  t.is(delay, 7_000);
  clock.advance(6_999);
  await turn();
  t.is(handshakes(), 1);
  clock.advance(1);
  t.is((await subscribing.ended).outcome, 'complete');
  t.is(handshakes(), 2);
});

test('retry: the attempts, the delays and the jitter are the options', async (t) => {
  const retry = { maxAttempts: 3, initialDelay: 80, maxDelay: 100, random: () => 0.5 };
  const { sandbox, client, clock } = await open(t, { retry });
  sandbox.fault(subscribes, { kind: 'reset' });
  const subscribing = record(client.subscribe(A));
  await clock.pass(40);
  await clock.pass(50);
  t.like((await accountOf(subscribing)).failed.get(A), { code: 'network' });
  t.is(posts(sandbox).length, 3);
});

test('the first GET: a failure in passing is retried, and a connection that is refused is given up', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ path: '/api/v2/me', times: 1 }, { kind: 'reply', status: 503 });
  const subscribing = record(client.subscribe(A));
  await clock.pass(500);
  t.is((await subscribing.ended).outcome, 'complete');

  const refused = await open(t);
  await refused.sandbox.refuseConnections();
  const hopeless = record(refused.client.subscribe(A));
  for (const delay of backoffs) await refused.clock.pass(delay);
  t.like((await accountOf(hopeless)).failed.get(A), { code: 'network' });
  t.is(refused.clock.timers, 0);
});

for (const statusCode of [3, 5, 6]) {
  test(`statusCode ${statusCode}: is not retried`, async (t) => {
    const { sandbox, client } = await open(t);
    sandbox.fault(subscribes, { kind: 'status', statusCode });
    t.like((await accountOf(client.subscribe(A))).failed.get(A), { code: 'api', statusCode });
    t.is(posts(sandbox).length, 1);
  });
}

test('a CSRF token that expired: is renewed once, and the request goes again', async (t) => {
  const wire = await open(t);
  await warm(wire);
  wire.sandbox.rotateCsrf();
  const before = nonPolls(wire.sandbox).length;
  t.is((await record(wire.client.subscribe(A)).ended).outcome, 'complete');
  t.deepEqual(nonPolls(wire.sandbox).slice(before).map(named), ['Subscribe', 'GET /api/v2/me', 'Subscribe']);
});

test('a CSRF token that expired: is renewed once for all that are refused at a time', async (t) => {
  const sandbox = await start(t);
  const { client, clock } = connect(t, sandbox, { fetch: together(fetchWithCookies(sandbox), 403, 3) });
  await warm({ client });
  sandbox.rotateCsrf();
  const before = nonPolls(sandbox).length;
  const subscribing = [client, client.any, client.forUser(COLLEAGUE)].map((scope) => all(scope.subscribe(A)));
  // With a fetch of the application's own, another token is another session.
  await clock.pass(500);
  await Promise.all(subscribing);
  const sent = nonPolls(sandbox).slice(before).map(named);
  t.deepEqual(sent.slice(0, 4), ['Subscribe', 'Subscribe', 'Subscribe', 'GET /api/v2/me']);
  t.is(sent.filter((name) => name === 'GET /api/v2/me').length, 2, 'the renewal, and the new session');
});

test('a CSRF token that is refused again: is an HttpError, after one renewal', async (t) => {
  const wire = await open(t);
  await warm(wire);
  const body = 'Missing or invalid Csrf token';
  wire.sandbox.fault(subscribes, { kind: 'reply', status: 403, body });
  const before = nonPolls(wire.sandbox).length;
  t.like((await accountOf(wire.client.subscribe(A))).failed.get(A), { code: 'http', status: 403 });
  t.deepEqual(nonPolls(wire.sandbox).slice(before).map(named), ['Subscribe', 'GET /api/v2/me', 'Subscribe']);
});

for (const csrf of [false, 'X-My-Csrf']) {
  test(`CSRF protection ${String(csrf)}: is served, on the CometD POSTs as well`, async (t) => {
    const { client } = await open(t, { sandbox: { csrf, csrfOnBayeux: true } });
    t.is((await record(client.subscribe([A, B])).ended).outcome, 'complete');
  });
}

const notToBeNamed = [
  'Authorization',
  'authorization',
  'Cookie',
  'Host',
  'Connection',
  'Transfer-Encoding',
  'Content-Type',
  'content-length',
  'Content-Encoding',
  'Expect',
  'Keep-Alive',
  'Origin',
  'Proxy-Authorization',
  'Referer',
  'Sec-Fetch-Mode',
  'TE',
  'Trailer',
  'Upgrade',
  'Via',
  'no header',
  'X-Token: x',
];

for (const name of notToBeNamed) {
  test(`a CSRF header that is named "${name}": is ignored, and the requests keep their own`, async (t) => {
    const sandbox = await start(t, { csrf: false });
    const fetch = fetchWithCookies(sandbox);
    const sent: object[] = [];
    const { client } = connect(t, sandbox, {
      retry: { maxAttempts: 1 },
      fetch: async (input, init) => {
        sent.push({ method: init?.method ?? 'GET', ...Object.fromEntries(new Headers(init?.headers)) });
        const response = await fetch(input, init);
        const headers = new Headers(response.headers);
        headers.set('x-csrf-header', name);
        headers.set('x-csrf-token', 'forged');
        return new Response(await response.text(), { status: response.status, headers });
      },
    });
    const subscribing = record(client.subscribe(A));
    t.is((await subscribing.ended).outcome, 'complete', String(subscribing.error));
    await all(client.list());
    const get = { method: 'GET', accept: 'application/json', ...basic() };
    const post = { method: 'POST', 'content-type': 'application/json', ...basic() };
    t.deepEqual(
      sent.filter((headers) => 'accept' in headers),
      [get, get],
    );
    const posted = sent.filter((headers) => !('accept' in headers));
    t.deepEqual(posted, new Array(posted.length).fill(post));
  });
}

test('a CSRF header that is named like one of the application: is ignored', async (t) => {
  const sandbox = await start(t, { csrf: 'X-Api-Key' });
  const fetch = fetchWithCookies(sandbox);
  const keys: (string | null)[] = [];
  const { client } = connect(t, sandbox, {
    auth: () => ({ ...basic(), 'x-api-key': 'mine' }),
    fetch: async (input, init) => {
      keys.push(new Headers(init?.headers).get('x-api-key'));
      return fetch(input, init);
    },
  });
  t.is((await errorOf(client.subscribe(A))) instanceof Error, true);
  t.true(keys.length > 1);
  t.deepEqual(new Set(keys), new Set(['mine']));
});

test('a redirect to another origin: is not followed with credentials', async (t) => {
  const elsewhere = await start(t);
  const { sandbox, client } = await open(t);
  await all(client.subscribe(A));
  for (const status of [301, 302, 303, 307, 308]) {
    const Location = `${elsewhere.url}/api/v2/me/workbins`;
    sandbox.fault({ method: 'GET', times: 1 }, { kind: 'reply', status, headers: { Location } });
    sandbox.fault({ ...subscribes, times: 1 }, { kind: 'reply', status, headers: { Location } });
    t.like(await errorOf(client.list()), { code: 'http', status });
    t.like((await accountOf(client.subscribe(B))).failed.get(B), { code: 'http', status });
  }
  for (const { headers } of elsewhere.requests) {
    t.deepEqual(
      Object.keys(headers).filter((name) => /authorization|cookie|csrf/i.test(name)),
      [],
    );
  }
});

test('a redirect within the origin: is followed, credentials and all', async (t) => {
  const { sandbox, client } = await open(t);
  const path = `/api/v2/me/workbins/${A}`;
  const Location = `/api/v2/workbins/${A}`;
  sandbox.fault({ path, times: 1 }, { kind: 'reply', status: 307, headers: { Location } });
  t.is((await record(client.subscribe(A)).ended).outcome, 'complete');
  t.deepEqual(
    posts(sandbox).map((post) => post.path),
    [path, Location],
  );
});

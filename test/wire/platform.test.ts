import test from 'ava';
import { run } from './child.js';
import { A, all, connect, fetchWithCookies, open, start } from './wire.js';

test('a platform without fetch: is served by cross-fetch, and the process ends by itself', async (t) => {
  const sandbox = await start(t);
  const child = run(t, 'without-fetch', sandbox);
  await child.until((line) => line === 'watching');
  sandbox.addItem(A);
  t.deepEqual(await child.ended, { status: 0, stderr: '' });
  t.deepEqual(child.lines, ['undefined', ['accepted', 'state'], 'watching', 'item', 'closed']);
});

test('the import: creates and changes no global', async (t) => {
  const child = run(t, 'only-imports', await start(t));
  t.deepEqual(await child.ended, { status: 0, stderr: '' });
  t.deepEqual(child.lines, [{ changed: [], window: 'undefined', made: 'object' }]);
});

test('a given fetch: serves every request, and owns its cookies', async (t) => {
  const sandbox = await start(t);
  const through = fetchWithCookies(sandbox);
  const paths: string[] = [];
  const { client } = connect(t, sandbox, {
    fetch: (input, init) => {
      paths.push(new URL(input instanceof Request ? input.url : input.toString()).pathname);
      return through(input, init);
    },
  });
  await all(client.subscribe(A));
  await all(client.list());
  await client.close();
  t.deepEqual(paths.sort(), sandbox.requests.map(({ path }) => path.replace(/\?.*/, '')).sort());
  t.is(sandbox.httpSessions, 1);
});

test('a given fetch that throws: is a NetworkError after its retries', async (t) => {
  const sandbox = await start(t);
  const { client, clock } = connect(t, sandbox, {
    fetch: () => {
      throw new TypeError('no network');
    },
  });
  const listing = all(client.list());
  for (const delay of [500, 1_000, 2_000, 4_000]) await clock.pass(delay);
  await t.throwsAsync(listing, { code: 'network' });
});

test('baseUrl: takes a path in front of /api/v2, and slashes at its end', async (t) => {
  const sandbox = await start(t);
  const through = fetchWithCookies(sandbox);
  const urls: string[] = [];
  const { client } = connect(t, sandbox, {
    baseUrl: `${sandbox.url}/gws//`,
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      urls.push(url);
      return through(url.replace('/gws/', '/'), init);
    },
  });
  await all(client.subscribe(A));
  t.true(urls.every((url) => url.startsWith(`${sandbox.url}/gws/api/v2/`)));
});

test('baseUrl: may be a URL', async (t) => {
  const sandbox = await start(t);
  const { client } = connect(t, sandbox, { baseUrl: new URL(sandbox.url) });
  t.is((await all(client.subscribe(A))).length, 2);
});

test('window: stays undefined in use', async (t) => {
  const { client } = await open(t);
  await all(client.subscribe(A));
  t.is(typeof globalThis.window, 'undefined');
});

test('a Cookie that auth gives: is sent with each request, beside those of the server', async (t) => {
  const auth = { authorization: `Basic ${btoa('agent:secret')}`, cookie: 'SSO=abc; route=1' };
  const { sandbox, client } = await open(t, { auth: () => auth });
  await all(client.subscribe(A));
  const [first, ...others] = sandbox.requests.map(({ headers }) => headers['cookie']);
  t.is(first, 'SSO=***; route=***');
  t.true(others.length > 0 && others.every((cookie) => /^SSO=\*+; route=\*+; .*JSESSIONID=/.test(cookie ?? '')));
  t.is(sandbox.httpSessions, 1);
});

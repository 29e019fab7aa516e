// Every form of subscribing, from a page of another origin: CORS, cookies and CSRF are the browser's own.
import test from 'ava';
import type { Browser } from 'playwright-core';
import type { WorkbinScope } from 'rx-workbins';
import { type Site, launch, login, serveSite, setStage } from './browser.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const progress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const base64 = 'VHdpdHRlciBXb3JrYmluIEluUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=';
const colleague = 'e6f2ad1b26ea4e9b8dd907eabe167522';

let browser: Browser;
let site: Site;
test.before(async () => {
  [browser, site] = await Promise.all([launch(), serveSite()]);
});
test.after.always(async () => {
  await browser.close();
  await site.close();
});

interface Form {
  readonly scope: WorkbinScope;
  readonly ids: string | readonly string[];
  /** Path and query of its requests, as they are sent. */
  readonly paths: readonly string[];
}

const subscribes = test.macro<[Form]>({
  title: (name = '') => `subscribe: ${name}`,
  async exec(t, { scope, ids, paths }) {
    const { sandbox, page, reports, complaints } = await setStage(t, browser, site);
    await page.evaluate(
      ({ options, scope, ids }) => {
        const client = window.tools.make(options);
        const workbins =
          scope.kind === 'me'
            ? client
            : scope.kind === 'any'
              ? client.any
              : scope.kind === 'user'
                ? client.forUser(scope.userId)
                : scope.kind === 'agentGroup'
                  ? client.forAgentGroup(scope.name)
                  : client.forPlaceGroup(scope.name);
        window.tools.tell('s', workbins.subscribe(ids));
      },
      { options: login(sandbox), scope, ids },
    );
    const { kind, value } = await reports.end('s');
    t.is(kind, 'complete', JSON.stringify(value));
    const wanted = [ids].flat();
    t.is(reports.values('s')[0]?.['type'], 'accepted');
    t.deepEqual(
      reports.values('s', 'state').map(({ workbinId, state }) => [workbinId, state]),
      wanted.map((id) => [id, 'Subscribed']),
    );
    t.deepEqual(
      sandbox.requests.filter(({ operationName }) => operationName === 'Subscribe').map(({ path }) => path),
      [...paths],
    );
    t.is(sandbox.httpSessions, 1, 'REST and CometD share one HTTP session: the cookie came back');
    t.true(
      sandbox.requests.some(({ method }) => method === 'OPTIONS'),
      'the browser asked with a preflight',
    );
    t.deepEqual(complaints, []);
  },
});

test('one of mine', subscribes, { scope: { kind: 'me' }, ids: drafts, paths: [`/api/v2/me/workbins/${drafts}`] });
test('several of mine, in one POST', subscribes, {
  scope: { kind: 'me' },
  ids: [drafts, progress],
  paths: [`/api/v2/me/workbins?workbinIds=${drafts},${progress}`],
});
test('an id in Base64', subscribes, {
  scope: { kind: 'me' },
  ids: base64,
  paths: [`/api/v2/me/workbins/${encodeURIComponent(base64)}`],
});
test('one of any', subscribes, { scope: { kind: 'any' }, ids: drafts, paths: [`/api/v2/workbins/${drafts}`] });
test('several of any', subscribes, {
  scope: { kind: 'any' },
  ids: [drafts, progress],
  paths: [`/api/v2/workbins?workbinIds=${drafts},${progress}`],
});
test('one of another user', subscribes, {
  scope: { kind: 'user', userId: colleague },
  ids: drafts,
  paths: [`/api/v2/users/${colleague}/workbins/${drafts}`],
});
test('several of another user', subscribes, {
  scope: { kind: 'user', userId: colleague },
  ids: [drafts, progress],
  paths: [`/api/v2/users/${colleague}/workbins?workbinIds=${drafts},${progress}`],
});
test('one of an agent group with an awkward name', subscribes, {
  scope: { kind: 'agentGroup', name: 'Claims & Ärger' },
  ids: drafts,
  paths: [`/api/v2/me/workbins/${drafts}?agentGroup=${encodeURIComponent('Claims & Ärger')}`],
});
test('one of a place group', subscribes, {
  scope: { kind: 'placeGroup', name: 'First floor' },
  ids: drafts,
  paths: [`/api/v2/me/workbins/${drafts}?placeGroup=First%20floor`],
});

test('subscribe: one that fails is named, the other succeeds first', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'request-failed', workbinIds: [progress] });
  await page.evaluate(({ options, ids }) => window.tools.tell('s', window.tools.make(options).subscribe(ids)), {
    options: login(sandbox),
    ids: [drafts, progress],
  });
  const { kind, value } = await reports.end('s');
  t.is(kind, 'error');
  t.like(value, {
    name: 'SubscriptionError',
    subscribed: [drafts],
    failed: { [progress]: { name: 'RequestFailedError' } },
  });
});

test('subscribe: a message that overtakes the reply is not lost, and comes after accepted', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site, { sandbox: { push: 'before' } });
  await page.evaluate(({ options, ids }) => window.tools.tell('s', window.tools.make(options).subscribe(ids)), {
    options: login(sandbox),
    ids: [drafts, progress],
  });
  t.is((await reports.end('s')).kind, 'complete');
  t.deepEqual(
    reports.values('s').map(({ type }) => type),
    ['accepted', 'state', 'state'],
  );
});

test('subscribe: an expired CSRF token is renewed once', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site, {
    sandbox: { csrf: 'X-Genesys-Token', csrfOnBayeux: true },
  });
  const subscribe = (name: string, id: string): Promise<void> =>
    page.evaluate(
      ({ options, name, id }) => {
        const client = window.tools.client ?? window.tools.make(options);
        window.tools.tell(name, client.subscribe(id));
      },
      { options: login(sandbox), name, id },
    );
  await subscribe('first', drafts);
  t.is((await reports.end('first')).kind, 'complete');
  sandbox.rotateCsrf();
  await subscribe('second', progress);
  t.is((await reports.end('second')).kind, 'complete');
});

test('subscribe: wrong credentials end in ConnectionError, where the server does not challenge the browser', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  sandbox.fault(
    { path: '/api/v2/me', method: 'GET' },
    { kind: 'reply', status: 401, body: { statusCode: 20, statusMessage: 'no' } },
  );
  await page.evaluate(({ options, id }) => window.tools.tell('s', window.tools.make(options).subscribe(id)), {
    options: login(sandbox),
    id: drafts,
  });
  const { kind, value } = await reports.end('s');
  t.is(kind, 'error');
  t.like(value, { name: 'SubscriptionError', failed: { [drafts]: { name: 'ConnectionError' } } });
});

test('subscribe: a challenge (WWW-Authenticate: Basic) is the browser’s own, which asks its user; the timeout stands', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  await page.evaluate(
    ({ baseUrl, id }) => {
      const client = window.tools.make({ baseUrl, auth: { username: 'agent', password: 'wrong' }, timeout: 3_000 });
      window.tools.tell('s', client.subscribe(id));
    },
    { baseUrl: sandbox.url, id: drafts },
  );
  const { kind, value } = await reports.end('s');
  t.is(kind, 'error');
  t.regex(JSON.stringify(value), /TimeoutError|ConnectionError/);
});

test('subscribe: an origin that the server does not allow ends in NetworkError', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site, {
    sandbox: { cors: ['https://elsewhere.example'] },
  });
  await page.evaluate(
    ({ options, id }) =>
      window.tools.tell(
        's',
        window.tools.make({ ...options, retry: { maxAttempts: 2, initialDelay: 1 } }).subscribe(id),
      ),
    { options: login(sandbox), id: drafts },
  );
  const { kind, value } = await reports.end('s');
  t.is(kind, 'error');
  t.regex(JSON.stringify(value), /NetworkError/);
});

test('subscribe: on another site, whose cookies the browser keeps back, it ends in an error and does not hang', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  // 127.0.0.1 and localhost are two sites: without SameSite=None; Secure no cookie is sent.
  const baseUrl = sandbox.url.replace('127.0.0.1', 'localhost');
  await page.evaluate(
    ({ options, baseUrl, id }) =>
      window.tools.tell(
        's',
        window.tools.make({ ...options, baseUrl, retry: { maxAttempts: 2, initialDelay: 1 } }).subscribe(id),
      ),
    { options: login(sandbox), baseUrl, id: drafts },
  );
  const { kind, value } = await reports.end('s');
  t.is(kind, 'error');
  t.like(value, { name: 'SubscriptionError', failed: { [drafts]: { name: 'ConnectionError' } } });
});

test('list and content: what is in a workbin, over CORS', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  sandbox.addItem(drafts, { medium: 'email', interaction: { id: 'i1', subject: 'Hello' } });
  await page.evaluate(
    ({ options, id }) => {
      const client = window.tools.make(options);
      window.tools.tell('list', client.list());
      window.tools.tell('content', client.content(id));
    },
    { options: login(sandbox), id: drafts },
  );
  t.is((await reports.end('list')).kind, 'complete');
  t.is((await reports.end('content')).kind, 'complete');
  t.regex(JSON.stringify(reports.of('list')), /email-drafts/);
  t.like(reports.values('content')[0], { items: { i1: { workbinId: drafts, medium: 'email' } } });
});

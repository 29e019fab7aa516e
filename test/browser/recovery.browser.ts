// Watching in a browser: sessions that die, networks that go away, tabs that nobody looks at.
import test, { type ExecutionContext } from 'ava';
import type { Browser } from 'playwright-core';
import type { BayeuxKill } from '../../src/sandbox/index.js';
import { type Site, type Stage, type StageOptions, launch, login, serveSite, setStage } from './browser.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const progress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const ids = [drafts, progress];

let browser: Browser;
let site: Site;
test.before(async () => {
  [browser, site] = await Promise.all([launch(), serveSite()]);
});
test.after.always(async () => {
  await browser.close();
  await site.close();
});

/** A page that watches, both workbins confirmed. */
const watching = async (t: ExecutionContext, options?: StageOptions): Promise<Stage> => {
  const stage = await setStage(t, browser, site, options);
  await stage.page.evaluate(
    ({ options, ids }) => {
      const client = window.tools.make({ ...options, retry: { initialDelay: 20, maxDelay: 200 } });
      window.tools.tell('w', client.watch(ids));
    },
    { options: login(stage.sandbox), ids },
  );
  await stage.reports.event('w', 'state', 2);
  return stage;
};

/** An item arrives at the server, and reaches the page. */
const arrives = async ({ sandbox, reports }: Stage, id = drafts): Promise<string> => {
  const before = reports.values('w', 'item').length;
  const interactionId = sandbox.addItem(id);
  await reports.event('w', 'item', before + 1);
  return interactionId;
};

const recovers = test.macro<[BayeuxKill]>({
  title: (_, how) => `watch: recovers from a killed CometD session (${how}), with a gap`,
  async exec(t, how) {
    const stage = await watching(t);
    const { sandbox, reports, complaints } = stage;
    await arrives(stage);
    sandbox.killBayeuxSessions(how);
    t.deepEqual((await reports.event('w', 'gap'))['workbinIds'], ids);
    await arrives(stage);
    t.is(sandbox.bayeuxSessions, 1);
    t.is(sandbox.httpSessions, 1);
    t.deepEqual(complaints, []);
  },
});
test(recovers, 'unknown');
test(recovers, 'unknown-without-advice');
test(recovers, 'other-text');
test(recovers, 'advice-none');

test('watch: recovers from a restart of the server', async (t) => {
  const stage = await watching(t);
  await stage.sandbox.restart();
  await stage.reports.event('w', 'gap');
  await arrives(stage);
  t.is(stage.sandbox.bayeuxSessions, 1);
});

test('watch: a dropped HTTP session shows with the next answer to a GET, and is replaced', async (t) => {
  const stage = await watching(t);
  const { sandbox, page, reports } = stage;
  sandbox.killHttpSessions();
  await page.evaluate(() => window.tools.tell('list', window.tools.made.list()));
  await reports.event('w', 'gap');
  await arrives(stage);
  t.is(sandbox.subscriptions().length, 2);
});

test('watch: a dropped HTTP session is noticed within a minute where nobody asks for anything', async (t) => {
  const stage = await setStage(t, browser, site);
  const { sandbox, page, reports } = stage;
  // The page's clock, not ours: a minute passes when we say so.
  await page.clock.install();
  await page.evaluate(({ options, ids }) => window.tools.tell('w', window.tools.make(options).watch(ids)), {
    options: login(sandbox),
    ids,
  });
  await reports.event('w', 'state', 2);
  sandbox.killHttpSessions();
  const looked = sandbox.request(
    ({ method, path, at }) => method === 'GET' && path === '/api/v2/me' && at >= Date.now() - 1,
  );
  await page.clock.fastForward(61_000);
  await looked;
  // Backoff runs on the page's clock as well.
  await page.clock.resume();
  await reports.event('w', 'gap');
  await arrives(stage);
  t.is(sandbox.subscriptions().length, 2);
});

test('watch: offline and online again', async (t) => {
  const stage = await watching(t);
  const { context, page, reports, sandbox } = stage;
  await page.evaluate(() => window.tools.tell('c', window.tools.made.connection$));
  await context.setOffline(true);
  // The held long poll goes on in Chromium's emulation: what follows it fails.
  sandbox.addItem(drafts);
  await reports.until(({ name, value }) => name === 'c' && value === 'reconnecting');
  await context.setOffline(false);
  await reports.event('w', 'gap');
  await arrives(stage);
  t.is(reports.of('w').filter(({ kind }) => kind !== 'next').length, 0);
});

test('watch: items reach a tab behind another one, and recovery happens there too', async (t) => {
  const stage = await watching(t);
  const { context, page, reports, sandbox } = stage;
  const cdp = await context.newCDPSession(page);
  await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const front = await context.newPage();
  await front.goto(`${site.origin}/`);
  await front.bringToFront();
  await arrives(stage);
  sandbox.killBayeuxSessions();
  await reports.event('w', 'gap');
  await arrives(stage);
  t.is(sandbox.bayeuxSessions, 1);
});

test('watch: a frozen tab that the server has forgotten comes back', async (t) => {
  const stage = await watching(t);
  const { context, page, reports, sandbox } = stage;
  const cdp = await context.newCDPSession(page);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  await sandbox.restart();
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await reports.event('w', 'gap');
  await arrives(stage);
  t.is(sandbox.bayeuxSessions, 1);
});

test('cometd: an application’s own session is used, recovers with it, and is left alone by close()', async (t) => {
  const stage = await setStage(t, browser, site);
  const { sandbox, page, reports } = stage;
  await page.evaluate(
    async ({ options, ids }) => {
      const { baseUrl, auth } = options;
      const headers: Record<string, string> = { authorization: `Basic ${btoa(`${auth.username}:${auth.password}`)}` };
      // As an application does: it has logged in before, and sends its own headers.
      await fetch(`${baseUrl}/api/v2/me`, { headers, credentials: 'include' });
      const cometd = new window.tools.CometD();
      cometd.unregisterTransport('websocket');
      cometd.unregisterTransport('callback-polling');
      cometd.configure({
        url: `${baseUrl}/api/v2/notifications`,
        requestHeaders: headers,
        useWorkerScheduler: false,
        logLevel: 'warn',
      });
      Object.assign(window, { cometd });
      await new Promise<void>((resolve) => cometd.handshake(() => resolve()));
      window.tools.tell(
        'w',
        window.tools.make({ ...options, cometd, retry: { initialDelay: 20, maxDelay: 200 } }).watch(ids),
      );
    },
    { options: login(sandbox), ids },
  );
  await reports.event('w', 'state', 2);
  await arrives(stage);
  t.is(sandbox.bayeuxSessions, 1, 'no second session');
  sandbox.killBayeuxSessions();
  await reports.event('w', 'gap');
  await arrives(stage);
  await page.evaluate(() => window.tools.made.close());
  t.is((await reports.end('w')).kind, 'complete');
  t.is(sandbox.bayeuxSessions, 1, 'the application’s session stands');
  t.is(
    await page.evaluate(() => (window as unknown as { cometd: { getStatus(): string } }).cometd.getStatus()),
    'connected',
  );
});

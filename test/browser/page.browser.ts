// What only a browser has: policies, pages that are left, a heap.
import test from 'ava';
import type { Browser } from 'playwright-core';
import { type Site, launch, login, serveSite, setStage } from './browser.js';

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

test('a strict Content-Security-Policy: subscribing and watching violate nothing, and no Worker is started', async (t) => {
  const { sandbox, page, reports, complaints } = await setStage(t, browser, site, { isStrict: true });
  await page.evaluate(
    ({ options, ids }) => {
      const client = window.tools.make(options);
      window.tools.tell('s', client.forUser('e6f2ad1b26ea4e9b8dd907eabe167522').subscribe(ids));
      window.tools.tell('w', client.watch(ids));
    },
    { options: login(sandbox), ids },
  );
  t.is((await reports.end('s')).kind, 'complete');
  await reports.event('w', 'state', 2);
  sandbox.killBayeuxSessions();
  await reports.event('w', 'gap');
  t.deepEqual(reports.of('csp'), []);
  t.deepEqual(complaints, []);
  t.is(page.workers().length, 0);
});

test('a strict Content-Security-Policy: the test would see a violation', async (t) => {
  const { page, reports } = await setStage(t, browser, site, { isStrict: true });
  await page.evaluate(() => {
    try {
      new Worker(URL.createObjectURL(new Blob([''], { type: 'text/javascript' })));
    } catch {
      // Reported all the same.
    }
  });
  t.regex(String((await reports.end('csp')).value), /worker-src|trusted-types/);
});

test('no global is created or changed by import and use', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  const globals = (): Promise<readonly string[]> => page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  const before = await globals();
  await page.evaluate(({ options, ids }) => window.tools.tell('s', window.tools.make(options).subscribe(ids)), {
    options: login(sandbox),
    ids,
  });
  await reports.end('s');
  t.deepEqual(
    (await globals()).filter((name) => !before.includes(name)),
    [],
  );
});

test('close(): the CometD session is given back, nothing is polled any more', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  await page.evaluate(({ options, ids }) => window.tools.tell('w', window.tools.make(options).watch(ids)), {
    options: login(sandbox),
    ids,
  });
  await reports.event('w', 'state', 2);
  await page.evaluate(() => window.tools.made.close());
  t.is((await reports.end('w')).kind, 'complete');
  t.is(sandbox.bayeuxSessions, 0);
  const count = sandbox.requests.length;
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  t.is(sandbox.requests.length, count);
});

const leaves = test.macro<[boolean]>(async (t, isWatching) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  await page.evaluate(
    ({ options, ids, isWatching }) => {
      // The recipe of the documentation.
      let isLeaving = false;
      const client = window.tools.make({
        ...options,
        fetch: (input, init) => fetch(input, { ...init, keepalive: isLeaving }),
      });
      addEventListener('pagehide', () => {
        isLeaving = true;
        void client.close();
      });
      window.tools.tell('s', isWatching ? client.watch(ids) : client.subscribe(ids));
    },
    { options: login(sandbox), ids, isWatching },
  );
  await reports.event('s', 'state', 2);
  const last = sandbox.request(({ operationName, bayeux, status }) =>
    isWatching ? operationName === 'Unsubscribe' && status === 200 : bayeux?.includes('/meta/disconnect') === true,
  );
  await page.goto('about:blank');
  await last;
  t.is(sandbox.subscriptions().length, isWatching ? 0 : 2);
});
test(
  'the page is left after subscribe: close() on pagehide with a keepalive fetch gives the CometD session back',
  leaves,
  false,
);
// The disconnect would follow the answer to the Unsubscribe, which a page that is gone never gets: the server's own
// timeout ends that session.
test('the page is left while watching: close() on pagehide with a keepalive fetch unsubscribes', leaves, true);

test('the page is left without any of that: the server is not told', async (t) => {
  const { sandbox, page, reports } = await setStage(t, browser, site);
  await page.evaluate(({ options, ids }) => window.tools.tell('s', window.tools.make(options).subscribe(ids)), {
    options: login(sandbox),
    ids,
  });
  await reports.end('s');
  await page.goto('about:blank');
  t.false(sandbox.requests.some(({ bayeux }) => bayeux?.includes('/meta/disconnect')));
});

test('memory: 500 rounds of subscribing and unsubscribing leave nothing behind', async (t) => {
  t.timeout(180_000);
  const { sandbox, context, page, reports } = await setStage(t, browser, site);
  const cdp = await context.newCDPSession(page);
  const rounds = (count: number): Promise<void> =>
    page.evaluate(
      async ({ options, ids, count }) => {
        const client = window.tools.client ?? window.tools.make(options);
        const done = (source: {
          subscribe(observer: { complete(): void; error(error: unknown): void }): unknown;
        }): Promise<void> => new Promise((complete, error) => source.subscribe({ complete, error }));
        for (let round = 0; round < count; round++) {
          await done(client.subscribe(ids));
          await done(client.unsubscribe(ids));
        }
      },
      { options: login(sandbox), ids, count },
    );
  const measure = async (): Promise<{ readonly heap: number; readonly listeners: number }> => {
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    const { jsEventListeners } = await cdp.send('Memory.getDOMCounters');
    return { heap: usedSize, listeners: jsEventListeners };
  };
  // Compiled code and inline caches grow at first.
  await rounds(250);
  const before = await measure();
  const heaps = [before.heap];
  for (let span = 0; span < 4; span++) {
    await rounds(125);
    heaps.push((await measure()).heap);
  }
  const after = await measure();
  t.log(`heap ${heaps.join(' → ')} bytes, listeners ${before.listeners} → ${after.listeners}`);
  // What is kept is kept in every span; what the browser does for itself now and then is not. 200 bytes a round: less than
  // any event, message or subscription that would be kept.
  const least = Math.min(...heaps.slice(1).map((heap, span) => heap - (heaps[span] ?? heap)));
  t.true(least < 125 * 200, `${least} bytes more in each span`);
  t.true(after.listeners - before.listeners < 10);
  t.deepEqual(reports.all, []);
});

test('memory: 100 clients, made, used and closed, leave nothing behind', async (t) => {
  const { sandbox, context, page } = await setStage(t, browser, site);
  const cdp = await context.newCDPSession(page);
  const rounds = (count: number): Promise<void> =>
    page.evaluate(
      async ({ options, id, count }) => {
        for (let round = 0; round < count; round++) {
          const client = window.tools.createWorkbinClient(options);
          await new Promise<void>((complete, error) => client.subscribe(id).subscribe({ complete, error }));
          await client.close();
        }
      },
      { options: login(sandbox), id: drafts, count },
    );
  const heap = async (): Promise<number> => {
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize;
  };
  await rounds(20);
  const before = await heap();
  await rounds(100);
  const after = await heap();
  t.log(`heap ${before} → ${after} bytes`);
  t.true(after - before < 100 * 1_000, `${after - before} bytes more`);
  t.is(sandbox.bayeuxSessions, 0);
});

// The playground as `npm run docs:serve` serves it: by clicks, by keys, and how it looks.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launch } from './browser.js';

const root = join(import.meta.dirname, '..', '..');
/** Pictures for people to look at. */
const pictures = join(root, 'build', 'screenshots');

let browser: Browser;
let server: ChildProcess;
let url: string;

test.before(async () => {
  await mkdir(pictures, { recursive: true });
  const site = process.env['PLAYGROUND_SITE'];
  server = spawn(
    process.execPath,
    [
      ...['--import=tsx', '--conditions=rx-workbins:source', join(root, 'scripts/docs-serve.mts')],
      ...['--port', '0', '--no-build', ...(site === undefined ? [] : ['--site', site])],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  url = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /^playground +(\S+)[\s\S]*^sandbox/m.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    server.once('exit', (code) => reject(new Error(`docs:serve ended with ${code}`)));
  });
  browser = await launch();
});
test.after.always(async () => {
  await browser.close();
  if (server.exitCode === null) server.kill('SIGKILL');
});

const open = async (t: ExecutionContext, options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  t.teardown(async () => {
    await context.close();
    const own = complaints.filter((text) => !text.startsWith('Failed to load resource'));
    if (own.length > 0) throw new Error(own.join('; '));
  });
  await page.goto(url);
  await page.waitForSelector('body[data-ready]');
  return page;
};

const isWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test.serial('by clicks: Subscribe ends complete, and the diagram and the list tell the same', async (t) => {
  const page = await open(t);
  await page.click('#subscribe');
  await page.waitForSelector('#status.good');
  t.regex(await page.innerText('#status'), /^Complete: all 2 workbins subscribed/);
  t.is(await page.locator('.mark.complete').count(), 1);
  t.is(await page.locator('.marks .mark.marble').count(), 4, 'each workbin as a message and as an event');
  t.deepEqual(
    (await page.locator('#log li:has(.result) .text').allInnerTexts()).map((text) => text.replace(/\d+/g, 'N')),
    ['accepted: a has reference N, b has reference N', 'a is Subscribed', 'b is Subscribed', 'complete'],
  );
  t.deepEqual(await page.locator('td.state').allInnerTexts(), ['Subscribed', 'Subscribed']);
});

test.serial(
  'by clicks: the message that overtakes the reply is left of it in the sources, right of it in the result',
  async (t) => {
    const page = await open(t);
    await page.selectOption('#fault', 'push-first');
    await page.click('#subscribe');
    await page.waitForSelector('#status.good');
    const sources = await page.locator('#log li .source').allInnerTexts();
    const texts = await page.locator('#log li .text').allInnerTexts();
    const at = (source: string, pattern: RegExp): number =>
      texts.findIndex((text, index) => sources[index] === source && pattern.test(text));
    t.true(at('CometD', /a Subscribed/) < at('HTTP', /reference/));
    t.true(at('Result', /accepted/) < at('Result', /a is Subscribed/));
    await page.screenshot({ path: join(pictures, 'playground-push-first.png'), fullPage: true });
  },
);

for (const [fault, state] of [
  ['one-fails', 'RequestFailedError'],
  ['partial', 'ApiError'],
  ['forbidden', 'ApiError'],
  ['silent', 'TimeoutError'],
] as const) {
  test.serial(`by clicks: ${fault} fails the last workbin alone`, async (t) => {
    const page = await open(t);
    await page.selectOption('#pace', '0');
    await page.selectOption('#fault', fault);
    await page.click('#subscribe');
    await page.waitForSelector('#status.bad');
    t.deepEqual(await page.locator('td.state').allInnerTexts(), ['Subscribed', state]);
    t.is(await page.locator('.mark.error').count(), 1);
  });
}

for (const fault of ['reversed', 'busy', 'csrf']) {
  test.serial(`by clicks: ${fault} hinders nobody`, async (t) => {
    const page = await open(t);
    await page.selectOption('#pace', '0');
    await page.selectOption('#fault', fault);
    await page.click('#subscribe');
    await page.waitForSelector('#status.good');
    t.is(await page.locator('.mark.complete').count(), 1);
  });
}

test.serial('by clicks: watching, an item arrives and leaves, and each loss of the session leaves a gap', async (t) => {
  const page = await open(t, { colorScheme: 'dark', viewport: { width: 1360, height: 1000 } });
  await page.click('#watch');
  await page.waitForFunction(
    () => document.querySelector('#status')?.textContent.includes('Let something happen') === true,
  );
  await page.click('[data-do=add-item]');
  await page.waitForFunction(() => document.querySelector('td.items')?.textContent === '1');
  await page.click('[data-do=remove-item]');
  await page.waitForFunction(() => document.querySelector('td.items')?.textContent === '0');
  let gaps = 0;
  for (const loss of ['kill-cometd', 'drop-http', 'restart']) {
    await page.click(`[data-do=${loss}]`);
    gaps++;
    await page.waitForFunction((count) => document.querySelectorAll('.mark.gap').length === count, gaps);
    if (loss === 'kill-cometd') await page.screenshot({ path: join(pictures, 'playground-dark.png'), fullPage: true });
  }
  await page.click('#stop');
  await page.waitForFunction(() => document.querySelector('#connection')?.textContent === 'closed');
  t.is(gaps, 3);
});

test.serial(
  'by keys: from the first stop to the log, everything can be reached, and a run started and stopped',
  async (t) => {
    const page = await open(t, { reducedMotion: 'reduce' });
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { activeElement } = document;
        return activeElement?.id !== '' ? (activeElement?.id ?? '') : activeElement.tagName;
      });
    const seen: string[] = [];
    for (let stops = 0; stops < 30; stops++) {
      await page.keyboard.press('Tab');
      const id = await focused();
      if (id === 'BODY') break;
      if (seen.at(-1) !== id) seen.push(id);
    }
    t.deepEqual(
      seen.filter((id) => !['A', 'BUTTON'].includes(id)),
      ['ids', 'scope', 'fault', 'pace', 'subscribe', 'watch', 'strip', 'PRE', 'details', 'log'],
    );
    await page.focus('#ids');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('#status.good');
    await page.focus('#watch');
    await page.keyboard.press('Space');
    await page.waitForFunction(
      () => document.querySelector('#status')?.textContent.includes('Let something happen') === true,
    );
    await page.keyboard.press('Tab');
    t.is(await focused(), 'stop');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#connection')?.textContent === 'closed');
    t.is(await focused(), 'subscribe', 'the focus is not lost with the button');
  },
);

test.serial('by keys: without an id the field is named and focused', async (t) => {
  const page = await open(t);
  await page.fill('#ids', '');
  await page.focus('#subscribe');
  await page.keyboard.press('Enter');
  t.is(await page.evaluate(() => document.activeElement?.id), 'ids');
  t.is(await page.getAttribute('#ids', 'aria-invalid'), 'true');
  t.regex(await page.innerText('#form-error'), /Type a workbin id/);
});

test.serial(
  'for screen readers: every control has a name, the list is a live log, the pictures are hidden',
  async (t) => {
    const page = await open(t);
    await page.selectOption('#scope', 'user');
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('input, select, textarea, button, a')]
        .filter((control) => {
          const labels =
            control instanceof HTMLInputElement ||
            control instanceof HTMLSelectElement ||
            control instanceof HTMLTextAreaElement
              ? control.labels
              : null;
          return (labels?.[0]?.textContent ?? control.getAttribute('aria-label') ?? control.textContent).trim() === '';
        })
        .map(({ outerHTML }) => outerHTML),
    );
    t.deepEqual(nameless, []);
    t.is(await page.getAttribute('#log', 'role'), 'log');
    t.is(await page.getAttribute('#status', 'role'), 'status');
    t.is(await page.getAttribute('svg.marbles', 'aria-hidden'), 'true');
    t.is(await page.getByRole('textbox', { name: 'User id' }).inputValue(), 'e6f2ad1b26ea4e9b8dd907eabe167522');
  },
);

test.serial('another user’s workbins: the scope goes into the request', async (t) => {
  const page = await open(t);
  await page.selectOption('#pace', '0');
  await page.selectOption('#scope', 'user');
  await page.click('#subscribe');
  await page.waitForSelector('#status.good');
  t.regex(
    (await page.locator('#log li .text').allInnerTexts()).join('\n'),
    /POST \/api\/v2\/users\/e6f2ad1b26ea4e9b8dd907eabe167522\/workbins\?workbinIds=/,
  );
  t.regex(await page.innerText('#program'), /client\.forUser\('e6f2ad1b26ea4e9b8dd907eabe167522'\)/);
});

for (const [name, options] of [
  ['light', { colorScheme: 'light', viewport: { width: 1360, height: 1000 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }],
  ['phone-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 }],
] as const) {
  test.serial(`a picture: ${name}, nothing wider than the page`, async (t) => {
    const page = await open(t, options);
    await page.selectOption('#fault', 'one-fails');
    await page.click('#subscribe');
    await page.waitForSelector('#status.bad');
    t.false(await isWide(page));
    await page.screenshot({ path: join(pictures, `playground-${name}.png`), fullPage: true });
  });
}

test.serial('docs:serve: refuses wishes of other origins, sends other names to its own, ends on SIGINT', async (t) => {
  const control = new URL('control', url);
  const wish = { method: 'POST', body: JSON.stringify({ do: 'restart' }) };
  t.is((await fetch(control, { ...wish, headers: { origin: 'https://evil.example' } })).status, 403);
  t.is((await fetch(control, wish)).status, 403);
  t.is((await fetch(control, { ...wish, body: '{}', headers: { origin: control.origin } })).status, 400);
  t.is((await fetch(new URL('/..%2f..%2fpackage.json', url))).status, 404);
  const other = await fetch(url.replace('127.0.0.1', 'localhost'), { redirect: 'manual' });
  t.is(other.headers.get('location'), url);
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  t.is(await ended, 0);
});

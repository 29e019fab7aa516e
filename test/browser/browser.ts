import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { build } from 'vite';
import { type Sandbox, type SandboxOptions, createSandbox } from '../../src/sandbox/index.js';
import type { Report } from './page/page.js';

/** Debian's Chromium, or the one that `CHROMIUM` names. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** No `unsafe-eval`, no `blob:`, no inline code; `connect-src` is the one thing that an application has to add. */
export const strictPolicy = (api: string): string =>
  `default-src 'none'; script-src 'self'; worker-src 'none'; connect-src ${api}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;

/** The bundle of the tests' page, on an origin of its own. */
export interface Site {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Builds the page with Vite and serves it; `/strict?api=…` is the same page under a strict policy. */
export const serveSite = async (): Promise<Site> => {
  const outDir = await mkdtemp(join(tmpdir(), 'rx-workbins-page-'));
  const source = process.env['RX_WORKBINS_SOURCE'];
  await build({
    root: join(import.meta.dirname, 'page'),
    configFile: false,
    logLevel: 'warn',
    resolve: {
      alias:
        source === undefined
          ? {}
          : {
              'rx-workbins': resolve(source, 'index.ts'),
              '#platform': resolve(source, 'transport/platform.browser.ts'),
            },
    },
    build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://page');
    const isPage = !url.pathname.startsWith('/assets/');
    const file = join(outDir, isPage ? 'index.html' : url.pathname);
    readFile(file).then(
      (content) => {
        const policy = strictPolicy(url.searchParams.get('api') ?? `'none'`);
        response.writeHead(200, {
          'Content-Type': types[extname(file)] ?? 'application/octet-stream',
          ...(url.pathname === '/strict' ? { 'Content-Security-Policy': policy } : {}),
        });
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(outDir, { recursive: true, force: true });
    },
  };
};

/** What the page has told, in order, and a way to wait for what it is going to tell. */
export class Reports {
  readonly all: Report[] = [];
  readonly #waiting = new Set<() => void>();

  push(report: Report): void {
    this.all.push(report);
    for (const look of [...this.#waiting]) look();
  }

  of(name: string): readonly Report[] {
    return this.all.filter((report) => report.name === name);
  }

  /** What was emitted under a name, of one type where one is given. */
  values(name: string, type?: string): readonly Readonly<Record<string, unknown>>[] {
    return this.of(name)
      .filter(({ kind }) => kind === 'next')
      .map(({ value }) => value as Readonly<Record<string, unknown>>)
      .filter((value) => type === undefined || value['type'] === type);
  }

  /** Resolves with the first report, past or future, that fits. */
  until(fits: (report: Report) => boolean): Promise<Report> {
    return new Promise((done) => {
      const look = (): void => {
        const found = this.all.find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        done(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves with the end of what is told under a name. */
  end(name: string): Promise<Report> {
    return this.until((report) => report.name === name && report.kind !== 'next');
  }

  /** Resolves with the n-th event of a type. */
  async event(name: string, type: string, count = 1): Promise<Readonly<Record<string, unknown>>> {
    await this.until(() => this.values(name, type).length >= count);
    return this.values(name, type)[count - 1] ?? {};
  }
}

/** A page of its own context (cookies of its own), a sandbox that lets its origin in, and what the page tells. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly reports: Reports;
  /** What the console showed beyond failed requests, and errors that nobody caught. */
  readonly complaints: readonly string[];
}

export interface StageOptions {
  readonly sandbox?: SandboxOptions;
  readonly isStrict?: boolean;
}

/** What tsx adds to functions that have names, and pages do not know. */
const shim = 'globalThis.__name = (target) => target;';

export const setStage = async (
  t: ExecutionContext,
  browser: Browser,
  site: Site,
  { sandbox: options = {}, isStrict = false }: StageOptions = {},
): Promise<Stage> => {
  const sandbox = await createSandbox({ cors: [site.origin], ...options });
  t.teardown(() => sandbox.close());
  const context = await browser.newContext();
  t.teardown(() => context.close());
  const reports = new Reports();
  const complaints: string[] = [];
  await context.addInitScript(shim);
  await context.exposeFunction('report', (report: Report) => {
    reports.push(report);
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    // What the network says is no mistake of the page.
    if (!message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(isStrict ? `${site.origin}/strict?api=${sandbox.url}` : `${site.origin}/`);
  await page.waitForFunction(() => 'tools' in window);
  return { sandbox, context, page, reports, complaints };
};

/** The options of a client that logs in to a sandbox, as plain values. */
export const login = ({
  url,
  username,
  password,
}: Sandbox): { baseUrl: string; auth: { username: string; password: string } } => ({
  baseUrl: url,
  auth: { username, password },
});

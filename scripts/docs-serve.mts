// Serves docs/site, with the playground in it, and starts the sandbox that the playground talks to: `npm run docs:serve`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { createSandbox } from '../src/sandbox/index.js';
import { createControl, wishOf } from './docs-serve-control.mjs';

const host = '127.0.0.1';
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4173' },
    'sandbox-port': { type: 'string', default: '0' },
    site: { type: 'string', default: join(import.meta.dirname, '..', 'docs', 'site') },
    'no-build': { type: 'boolean', default: false },
  },
});
const site = values.site;
const controlPath = '/playground/control';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Runs an npm script where its result is not there yet. */
const makeSure = (file: string, script: string): void => {
  if (values['no-build'] || existsSync(join(site, file))) return;
  console.log(`${file} is not there: npm run ${script}`);
  const { status } = spawnSync('npm', ['run', script], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) console.error(`npm run ${script} failed: that part of the site is missing`);
};
makeSure('index.html', 'docs');
makeSure(join('playground', 'index.html'), 'build:playground');

const answer = (
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string>,
): void => {
  response.writeHead(status, { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store', ...headers });
  response.end(body);
};
const text = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void => {
  answer(response, status, body, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
};
const json = (response: ServerResponse, status: number, body: unknown): void => {
  answer(response, status, JSON.stringify(body), { 'Content-Type': 'application/json; charset=utf-8' });
};

const serveFile = async (response: ServerResponse, pathname: string): Promise<void> => {
  const path = normalize(join(site, pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  if (!path.startsWith(normalize(site) + sep)) {
    text(response, 404, 'Not found');
    return;
  }
  try {
    answer(response, 200, await readFile(path), { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') {
      text(response, 308, 'Moved', { Location: `${pathname}/` });
    } else {
      text(response, 404, 'Not found');
    }
  }
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > 100_000) throw new Error('too long');
  }
  return JSON.parse(body);
};

const server = createServer((request, response) => {
  respond(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else text(response, 500, String(error));
  });
});
await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(Number(values.port), host, resolve);
});
const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
const sandbox = await createSandbox({ port: Number(values['sandbox-port']), host, cors: [origin] });
const control = createControl(sandbox);

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The page must be of the sandbox's own site, or the browser keeps its cookies back; and no other name may reach the control.
  if (`http://${request.headers.host ?? ''}` !== origin) {
    text(response, 307, `Use ${origin}`, { Location: origin + (request.url ?? '/') });
    return;
  }
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(request.url ?? '/', origin).pathname);
  } catch {
    text(response, 400, 'Bad path');
    return;
  }
  if (pathname !== controlPath) {
    await serveFile(response, pathname);
    return;
  }
  if (request.method === 'GET') {
    const { url, username, password, workbins } = sandbox;
    const users = sandbox.users.map(({ id, userName }) => ({ id, userName }));
    json(response, 200, { url, username, password, users, workbins });
    return;
  }
  if (request.method !== 'POST' || request.headers.origin !== origin) {
    text(response, 403, 'Only the playground may ask for that');
    return;
  }
  const wish = wishOf(await readBody(request).catch(() => undefined));
  if (wish === undefined) text(response, 400, 'No such wish');
  else json(response, 200, await control(wish));
}

const stop = (): void => {
  server.close();
  server.closeAllConnections();
  void sandbox.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

console.log(`documentation  ${origin}/`);
console.log(`playground     ${origin}/playground/`);
console.log(`sandbox        ${sandbox.url}   (${sandbox.username} / ${sandbox.password})`);
console.log('Ctrl+C ends all three.');

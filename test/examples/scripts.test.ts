import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Sandbox, createSandbox } from '../../src/sandbox/index.js';
import { examples, start, type Running } from './running.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';

const run = async (
  t: ExecutionContext,
  name: string,
  { password, prepare }: { readonly password?: string; readonly prepare?: (sandbox: Sandbox) => void } = {},
): Promise<{ sandbox: Sandbox; script: Running }> => {
  const sandbox = await createSandbox({ requireContactCenterSession: name === 'node/monitor.ts' });
  t.teardown(() => sandbox.close());
  prepare?.(sandbox);
  const script = start(['--import=tsx', join(examples, name)], {
    env: { GWS_URL: sandbox.url, GWS_USERNAME: sandbox.username, GWS_PASSWORD: password ?? sandbox.password },
  });
  t.teardown(() => script.kill('SIGKILL'));
  return { sandbox, script };
};
/** The lines of NDJSON so far. */
const rows = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    // tests compare it with what they expect, whatever it is
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('node/monitor.ts: tells each count as it changes, and logs out when it is stopped', async (t) => {
  const { sandbox, script } = await run(t, 'node/monitor.ts');
  await script.written((stdout) => rows(stdout).filter(({ items }) => items === 0).length === 4);
  sandbox.addItem(drafts);
  await script.written((stdout) =>
    rows(stdout).some(({ workbin, items }) => workbin === 'email-drafts' && items === 1),
  );
  script.kill('SIGTERM');
  const { status, stdout, stderr } = await script.ended;
  t.is(status, 0, stderr);
  t.deepEqual(
    rows(stdout).flatMap(({ connection }) => (connection === undefined ? [] : [connection])),
    ['idle', 'connecting', 'connected'],
  );
  t.true(sandbox.requests.some(({ operationName }) => operationName === 'EndContactCenterSession'));
  t.deepEqual(sandbox.subscriptions(), []);
});

test('node/monitor.ts: a workbin that fails is told, and takes no other along', async (t) => {
  const { script } = await run(t, 'node/monitor.ts', {
    prepare: (sandbox) => {
      sandbox.fault({ operation: 'Subscribe' }, { kind: 'request-failed', workbinIds: [drafts] });
    },
  });
  await script.written(
    (stdout) =>
      rows(stdout).filter(({ items }) => items === 0).length === 3 &&
      rows(stdout).some(({ workbin, failed }) => workbin === 'email-drafts' && failed !== undefined),
  );
  script.kill('SIGTERM');
  t.is((await script.ended).status, 0);
});

test('node/monitor.ts: ends when its credentials are refused, after one try', async (t) => {
  const { sandbox, script } = await run(t, 'node/monitor.ts', { password: 'wrong' });
  const { status, stderr } = await script.ended;
  t.is(status, 1);
  t.regex(stderr, /ConnectionError/);
  t.is(sandbox.requests.filter((request) => request.status === 401).length, 1);
});

test('node/ndjson.ts: takes ids, gives events, one a line', async (t) => {
  const { sandbox, script } = await run(t, 'node/ndjson.ts');
  script.end(`${drafts}\n\n  ${inProgress}  \nno-such-workbin\n`);
  await script.written((stdout) => rows(stdout).filter(({ state }) => state === 'Subscribed').length === 2);
  sandbox.addItem(drafts, { medium: 'email', interaction: { id: 'mail-1' } });
  await script.written((stdout) => rows(stdout).some(({ type }) => type === 'item'));
  script.kill('SIGINT');
  const { status, stdout, stderr } = await script.ended;
  t.is(stderr, '');
  t.is(status, 0);
  const told = rows(stdout).map(({ type, workbinId, code, interactionId }) => ({
    type,
    workbinId,
    code,
    interactionId,
  }));
  t.true(
    told.some(({ type, workbinId, code }) => type === 'failed' && workbinId === 'no-such-workbin' && code === 'api'),
  );
  t.true(told.some(({ type, interactionId }) => type === 'item' && interactionId === 'mail-1'));
});

test('node/ndjson.ts: ends with status 1 and the account when no workbin can be had', async (t) => {
  const { script } = await run(t, 'node/ndjson.ts');
  script.end('no-such-workbin\n');
  const { status, stdout } = await script.ended;
  t.is(status, 1);
  t.deepEqual(rows(stdout), [{ type: 'failed', workbinId: 'no-such-workbin', code: 'api' }]);
});

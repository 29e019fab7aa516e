// The recipes of docs/monitoring.md, as they stand there, with the command on the PATH and the sandbox for a server.
import test, { type ExecutionContext } from 'ava';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/index.js';
import { type Ended, Running, WORKBIN_A, command, environment, root, startSandbox } from './command.js';

interface Recipe {
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

const page = readFileSync(join(root, 'docs', 'monitoring.md'), 'utf8');

const recipes: readonly Recipe[] = page.split(/^## /m).flatMap((section) =>
  [...section.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    heading: section.split('\n')[0] ?? '',
    language,
    // Nobody waits an hour for a test.
    text: text.replace(/--for 1h/g, '--for 3s').replace('--until-idle', '--idle 1s --for 5s'),
  })),
);

/** A home with the command on its PATH, and the file that the first recipe writes. */
const home = (
  t: ExecutionContext,
  sandbox: Sandbox,
): { readonly folder: string; readonly env: Record<string, string> } => {
  const folder = mkdtempSync(join(tmpdir(), 'rx-workbins-home-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'rx-workbins');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  chmodSync(program, 0o755);
  const plain = environment();
  const env = { ...plain, PATH: `${folder}${delimiter}${plain['PATH'] ?? ''}`, HOME: folder };
  const [credentials] = recipes;
  spawnSync('sh', ['-c', credentials?.text ?? ''], { cwd: folder, env });
  const file = join(folder, '.gws');
  const written = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    written.replace('https://gws.example.com', sandbox.url).replace('=monitor', `=${sandbox.username}`),
  );
  return { folder, env };
};

const shell = (t: ExecutionContext, text: string, cwd: string, env: Record<string, string>): Promise<Ended> => {
  const child = spawn('sh', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  return new Running(child).ended;
};

const hasJq = spawnSync('jq', ['--version']).status === 0;

/** The recipes of a heading, one after another in one home; what they wrote is looked at by `look`. */
const recipe = test.macro({
  exec: async (t, heading: string, look: (ended: readonly Ended[], sandbox: Sandbox) => void) => {
    const sandbox = await startSandbox(t, { items: { every: 200 } });
    for (let count = 0; count < 21; count++) sandbox.addItem(WORKBIN_A, { userId: sandbox.users[0]?.id ?? '' });
    const { folder, env } = home(t, sandbox);
    const found = recipes.filter((each) => each.heading === heading && /^(sh|crontab)/.test(each.language));
    t.true(found.length > 0, 'the page has the recipe');
    const ended: Ended[] = [];
    for (const { language, text } of found) {
      if (language.endsWith('jq') && !hasJq) {
        t.log(`not tested here, for want of jq: ${text}`);
        continue;
      }
      const script = language === 'crontab' ? text.replace(/^(\S+ ){5}/, '') : text;
      const result = await shell(t, script, folder, env);
      t.is(result.stderr, '', script);
      t.is(result.status, 0, script);
      ended.push(result);
    }
    look(ended, sandbox);
    t.deepEqual(sandbox.subscriptions(), []);
  },
  title: (_, heading: string) => `docs/monitoring.md: ${heading}`,
});

test.serial('docs/monitoring.md: Where credentials live', async (t) => {
  const { folder } = home(t, await startSandbox(t));
  const listing = spawnSync('ls', ['-l', join(folder, '.gws')], { encoding: 'utf8' }).stdout;
  t.regex(listing, /^-rw-------/);
});

test.serial(recipe, 'The first hour with a server', () => undefined);
test.serial(recipe, 'cron: tell me when it stops working', ([cron, status]) => {
  if (cron?.stdout !== '' || status?.stdout !== 'OK workbins answer\n')
    throw new Error(`${cron?.stdout}${status?.stdout}`);
});
test.serial(recipe, 'A workbin that fills up', ([full, ...others]) => {
  const moment = others.at(-1);
  for (const { stdout } of [full, ...others.slice(0, -1)].filter((each) => each !== undefined)) {
    if (!/^Email drafts: \d\d items\n$/.test(stdout)) throw new Error(stdout);
  }
  if (!moment?.stdout.startsWith(`something new in ${WORKBIN_A}\n`)) throw new Error(moment?.stdout);
});
test.serial(recipe, 'Everything that happens, by the hour', (ended) => {
  const count = Number(ended.at(-2)?.stdout);
  if (!(count > 0)) throw new Error(ended.at(-2)?.stdout);
  const counted =
    ended.length === 4 ? (JSON.parse(ended[1]?.stdout ?? '') as readonly { readonly count: number }[]) : [];
  if (ended.length === 4 && !counted.some((each) => each.count === count)) throw new Error(ended[1]?.stdout);
});
test.serial(recipe, 'All workbins of a user', (_, sandbox) => {
  const asked = sandbox.requests.filter(({ operationName }) => operationName === 'Subscribe');
  if (asked[0]?.workbinIds?.length !== 4) throw new Error(JSON.stringify(asked));
});

test.serial('docs/monitoring.md: cron hears of a failure', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'status', statusCode: 5 });
  const { folder, env } = home(t, sandbox);
  const [cron, status] = recipes.filter(({ heading }) => heading.startsWith('cron'));
  const mailed = await shell(t, (cron?.text ?? '').replace(/^(\S+ ){5}/, ''), folder, env);
  t.is(mailed.status, 1);
  t.regex(mailed.stderr, new RegExp(`${WORKBIN_A}: .*no permission`));
  t.is((await shell(t, status?.text ?? '', folder, env)).stdout, 'CRITICAL rx-workbins: 1 of 1 workbins failed\n');
});

test.serial('docs/monitoring.md: systemd: a service that stays', async (t) => {
  const sandbox = await startSandbox(t);
  const { folder, env } = home(t, sandbox);
  const unit = recipes.find(({ language }) => language === 'ini')?.text ?? '';
  const start = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
  const expected = Number(/^SuccessExitStatus=(\d+)$/m.exec(unit)?.[1]);
  writeFileSync(join(folder, 'gws-password'), `${sandbox.password}\n`, { mode: 0o600 });
  // What systemd does: no shell, the variables replaced, the credentials in a folder of their own.
  const [program = '', ...args] = start.replace('${CREDENTIALS_DIRECTORY}', folder).split(' ');
  const child = spawn(program, args, {
    env: { ...env, GWS_URL: sandbox.url, GWS_USERNAME: sandbox.username },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const service = new Running(child);
  await service.line(({ state }) => state === 'Subscribed');
  child.kill('SIGTERM');
  const { status, stderr } = await service.ended;
  t.is(stderr, '');
  t.is(status, expected);
  t.deepEqual(sandbox.subscriptions(), []);
});

test('docs/monitoring.md: every block of the page is one that these tests know', (t) => {
  t.deepEqual([...new Set(recipes.map(({ language }) => language))].sort(), ['crontab', 'ini', 'sh', 'sh jq']);
});

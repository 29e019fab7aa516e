import test from 'ava';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKBIN_A, environment, root, run, start, startSandbox } from './command.js';

const server = { GWS_URL: 'http://127.0.0.1:9', GWS_USERNAME: 'agent', GWS_PASSWORD: 'secret' };

const misuse = test.macro({
  exec: async (t, args: readonly string[], env: Readonly<Record<string, string>>, said: RegExp) => {
    const { status, stdout, stderr } = await run(t, args, environment(undefined, { ...server, ...env }));
    t.is(stdout, '');
    t.regex(stderr, said);
    t.is(status, 2);
  },
  title: (name) => `misuse, status 2: ${name ?? ''}`,
});

test.serial('no command', misuse, [], {}, /Usage: rx-workbins/);
test.serial('an unknown command', misuse, ['wacht'], {}, /unknown command 'wacht'[^]*watch/);
test.serial('an unknown option', misuse, ['list', '--al'], {}, /unknown option '--al'/);
test.serial('no id', misuse, ['watch'], {}, /missing required argument 'id'/);
test.serial('no id on stdin', misuse, ['watch', '-'], {}, /no workbin ids on stdin/);
test.serial('no server', misuse, ['list'], { GWS_URL: '' }, /GWS_URL is not set/);
test.serial('a server that is none', misuse, ['list'], { GWS_URL: 'gws.example.com' }, /GWS_URL must be an absolute/);
test.serial(
  'credentials in the URL',
  misuse,
  ['list'],
  { GWS_URL: 'http://a:b@gws/' },
  /GWS_URL must be .*free of credentials|GWS_URL must be .*without credentials/,
);
test.serial('no password, and nobody to ask', misuse, ['list'], { GWS_PASSWORD: '' }, /GWS_PASSWORD.*--password-file/);
test.serial(
  'no password file',
  misuse,
  ['list', '--password-file', '/nowhere/at/all'],
  {},
  /--password-file: .*nowhere/,
);
test.serial('two scopes', misuse, ['list', '--any', '--user', 'x'], {}, /cannot be used with/);
test.serial('an empty user', misuse, ['list', '--user', ''], {}, /--user must not be empty/);
test.serial('a duration without a unit', misuse, ['watch', 'x', '--for', '30'], {}, /"30" is no duration/);
test.serial('a duration that no timer has', misuse, ['watch', 'x', '--for', '30d'], {}, /24d at most/);
test.serial('a place without channels', misuse, ['subscribe', 'x', '--place', 'p'], {}, /--place goes with --channels/);
test.serial('a port that is none', misuse, ['sandbox', '--port', '70000'], {}, /--port must be/);

test.serial('a password as an argument is refused, and not repeated', async (t) => {
  const { status, stdout, stderr } = await run(t, ['list', '--password=swordfish'], environment(undefined, server));
  t.is(status, 2);
  t.false(`${stdout}${stderr}`.includes('swordfish'));
});

for (const args of [['--help'], ['watch', '--help'], ['help', 'doctor']]) {
  test.serial(`${args.join(' ')}: is data, and no failure`, async (t) => {
    const { status, stdout, stderr } = await run(t, args, environment());
    t.is(status, 0);
    t.is(stderr, '');
    t.regex(stdout, /^Usage: rx-workbins/);
    t.regex(stdout, /GWS_URL/);
  });
}

test.serial('--version: is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  const { status, stdout } = await run(t, ['--version'], environment());
  t.is(status, 0);
  t.is(stdout, `${version}\n`);
});

test.serial('--password-file: the password is what the file holds, without the end of its line', async (t) => {
  const sandbox = await startSandbox(t, {
    users: [{ id: 'u', userName: 'agent', password: 'pass word ' }],
  });
  const folder = mkdtempSync(join(tmpdir(), 'rx-workbins-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'password');
  writeFileSync(file, 'pass word \n');
  const { status } = await run(
    t,
    ['subscribe', WORKBIN_A, '--password-file', file],
    environment(sandbox, { GWS_PASSWORD: 'another' }),
  );
  t.is(status, 0);
});

test.serial('a pipe that is closed ends it quietly, and the server is told', async (t) => {
  const sandbox = await startSandbox(t);
  const watching = start(t, ['watch', WORKBIN_A], environment(sandbox)).input('');
  await watching.line(({ state }) => state === 'Subscribed');
  watching.child.stdout?.destroy();
  const ended = new Promise<number | null>((resolve) => watching.child.on('exit', resolve));
  // The first line may still fit into the pipe's end; a later one does not.
  const adding = setInterval(() => sandbox.addItem(WORKBIN_A), 50);
  t.teardown(() => {
    clearInterval(adding);
  });
  t.is(await ended, 0);
  t.is(watching.stderr, '');
  t.deepEqual(sandbox.subscriptions(), []);
  t.is(sandbox.bayeuxSessions, 0);
});

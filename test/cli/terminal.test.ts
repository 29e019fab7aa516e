// The command in a terminal: a pseudo-terminal from `node-pty`, whose npm package brings it built for the usual systems.
// Where there is none, these tests say so and pass: see `terminal`.
import type { IPty } from '@lydell/node-pty';
import test, { type ExecutionContext } from 'ava';
import { WORKBIN_A, WORKBIN_B, command, environment, startSandbox } from './command.js';

const pty = await import('@lydell/node-pty').catch(() => undefined);

/** What a terminal has been sent. */
class Seen {
  text = '';
  readonly ended: Promise<number>;
  readonly #listeners = new Set<() => void>();

  constructor(readonly terminal: IPty) {
    terminal.onData((data) => {
      this.text += data;
      for (const listener of this.#listeners) listener();
    });
    this.ended = new Promise((resolve) => {
      terminal.onExit(({ exitCode }) => {
        resolve(exitCode);
      });
    });
  }

  /** What is seen since the screen was last drawn from its top. */
  get screen(): string {
    return this.text.slice(this.text.lastIndexOf('\u001b[H') + 1);
  }

  until(holds: (seen: Seen) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds(this)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
      void this.ended.then((status) => {
        look();
        reject(new Error(`ended with ${status} before it was seen: ${JSON.stringify(this.text.slice(-2000))}`));
      });
    });
  }
}

/** Starts the command in a terminal; undefined, with a word in the log, where there is no pseudo-terminal to be had. */
const terminal = (
  t: ExecutionContext,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  columns = 100,
): Seen | undefined => {
  if (pty === undefined) {
    t.log('not tested here: node-pty has no build for this system');
    t.pass();
    return undefined;
  }
  const started = pty.spawn(process.execPath, [command, ...args], {
    name: 'xterm-256color',
    cols: columns,
    rows: 24,
    env: { TERM: 'xterm-256color', ...env },
  });
  t.teardown(() => {
    try {
      started.kill('SIGKILL');
    } catch {
      // It has ended.
    }
  });
  return new Seen(started);
};

// eslint-disable-next-line no-control-regex
const escapes = /\u001b\[[?\d;]*[A-Za-z]/g;
// eslint-disable-next-line no-control-regex
const colours = /\u001b\[\d+m/;
const lines = (text: string): readonly string[] => text.replace(escapes, '').split(/\r?\n/);

test.serial(
  'watch: shows a live table, and Ctrl-C leaves the last one on the screen that was there before',
  async (t) => {
    const sandbox = await startSandbox(t);
    sandbox.addItem(WORKBIN_A);
    const seen = terminal(t, ['watch', WORKBIN_A, WORKBIN_B], environment(sandbox), 120);
    if (seen === undefined) return;
    await seen.until(
      ({ screen }) => /2 of 2 subscribed/.test(screen) && /Subscribed +\d+ +1 /.test(screen.replace(escapes, '')),
    );
    const [head = ''] = lines(seen.screen).filter((line) => line.includes('WORKBIN'));
    for (const name of ['WORKBIN', 'OWNER', 'STATE', 'REFERENCE', 'ITEMS', 'LAST CHANGE'])
      t.true(head.includes(name), name);
    t.true(seen.text.includes('\u001b[?1049h'), 'the other screen');
    t.regex(seen.text, /subscribing \[/, 'a progress bar came before');
    t.regex(seen.screen, colours);

    sandbox.addItem(WORKBIN_A, { medium: 'email' });
    await seen.until(({ screen }) => /Subscribed +\d+ +2 .*ItemAdded email/.test(screen.replace(escapes, '')));

    seen.terminal.write('\u0003');
    t.is(await seen.ended, 130);
    const after = seen.text.slice(seen.text.lastIndexOf('\u001b[?1049l'));
    t.true(after.length < seen.text.length, 'the screen of before is back');
    t.regex(after, new RegExp(WORKBIN_A), 'the last table stands on it');
    t.true(seen.text.lastIndexOf('\u001b[?25h') > seen.text.lastIndexOf('\u001b[?25l'), 'the cursor is back');
    t.deepEqual(sandbox.subscriptions(), []);
  },
);

test.serial('watch: survives a terminal that is made smaller and larger again', async (t) => {
  const sandbox = await startSandbox(t);
  const seen = terminal(t, ['watch', WORKBIN_A, WORKBIN_B], environment(sandbox), 120);
  if (seen === undefined) return;
  await seen.until(({ screen }) => /2 of 2 subscribed/.test(screen));
  seen.terminal.resize(48, 12);
  await seen.until(({ screen }) => screen.includes('…') && screen.includes('Ctrl-C') && !screen.includes('REFERENCE'));
  const table = lines(seen.screen).filter((line) => /WORKBIN|Subscribed/.test(line));
  t.is(table.length, 3, seen.screen);
  for (const line of table) t.true(line.trimEnd().length <= 48, line);
  t.true(lines(seen.screen).length <= 12);
  seen.terminal.resize(20, 4);
  await seen.until(({ screen }) => lines(screen).length <= 4 && screen.includes('connected'));
  seen.terminal.resize(140, 30);
  await seen.until(({ screen }) => screen.includes('REFERENCE') && screen.includes(WORKBIN_B));
  seen.terminal.kill('SIGTERM');
  t.is(await seen.ended, 143);
});

test.serial('watch: shows of more workbins than there are lines those in which something happens', async (t) => {
  const sandbox = await startSandbox(t, { acceptAnyWorkbin: true });
  const ids = Array.from({ length: 60 }, (_, index) => `workbin-${index}`);
  const seen = terminal(t, ['watch', ...ids], environment(sandbox));
  if (seen === undefined) return;
  await seen.until(({ screen }) => /60 of 60 subscribed/.test(screen) && /and \d+ more/.test(screen));
  sandbox.addItem('workbin-59', { userId: sandbox.users[0]?.id ?? '' });
  await seen.until(({ screen }) => /workbin-59 .*ItemAdded/.test(screen.replace(escapes, '')));
  t.true(lines(seen.screen).length <= 24);
  seen.terminal.kill('SIGTERM');
  t.is(await seen.ended, 143);
});

test.serial('NO_COLOR: the same table, without colours', async (t) => {
  const sandbox = await startSandbox(t);
  const seen = terminal(t, ['watch', WORKBIN_A], environment(sandbox, { NO_COLOR: '1' }));
  if (seen === undefined) return;
  await seen.until(({ screen }) => /1 of 1 subscribed/.test(screen));
  seen.terminal.write('\u0003');
  t.is(await seen.ended, 130);
  t.notRegex(seen.text, colours);
});

test.serial('subscribe: shows how each workbin came out, and the account after it', async (t) => {
  const sandbox = await startSandbox(t);
  const seen = terminal(t, ['subscribe', WORKBIN_A, 'no-such-workbin'], environment(sandbox));
  if (seen === undefined) return;
  t.is(await seen.ended, 1);
  const plain = seen.text.replace(escapes, '');
  t.regex(plain, new RegExp(`${WORKBIN_A} .*Subscribed`));
  t.regex(plain, /no-such-workbin .*failed/);
  t.regex(plain, /1 of 2 workbins failed/);
});

test.serial('list: a table; with --json lines of data', async (t) => {
  const sandbox = await startSandbox(t);
  const table = terminal(t, ['list', '--items'], environment(sandbox));
  const data = terminal(t, ['list', '--json'], environment(sandbox), 1_000);
  if (table === undefined || data === undefined) return;
  t.is(await table.ended, 0);
  t.regex(table.text.replace(escapes, ''), /WORKBIN +NAME +TYPE +ITEMS/);
  t.is(await data.ended, 0);
  t.is((JSON.parse(data.text.split('\r\n')[0] ?? '') as { readonly id: string }).id, WORKBIN_A);
});

test.serial('the password is asked for, and what is typed is not shown', async (t) => {
  const sandbox = await startSandbox(t, { users: [{ id: 'u', userName: 'agent', password: 'tunafish' }] });
  const { GWS_PASSWORD: _, GWS_USERNAME: __, ...env } = environment(sandbox);
  const seen = terminal(t, ['list'], env);
  if (seen === undefined) return;
  await seen.until(({ text }) => text.includes('User name: '));
  seen.terminal.write('agent\r');
  await seen.until(({ text }) => text.includes('Password of agent: '));
  seen.terminal.write('tunaX\u007ffish\r');
  t.is(await seen.ended, 0);
  t.regex(seen.text, /Email drafts/);
  t.notRegex(seen.text, /tuna|fish/);
});

test.serial('Ctrl-C at the prompt leaves with 130', async (t) => {
  const sandbox = await startSandbox(t);
  const { GWS_PASSWORD: _, ...env } = environment(sandbox);
  const seen = terminal(t, ['list'], env);
  if (seen === undefined) return;
  await seen.until(({ text }) => text.includes('Password of agent: '));
  seen.terminal.write('secr\u0003');
  t.is(await seen.ended, 130);
  t.deepEqual(sandbox.requests, []);
});

test.serial('doctor: says in words what it found', async (t) => {
  const sandbox = await startSandbox(t);
  const seen = terminal(t, ['doctor', '--hold', '100ms'], environment(sandbox));
  if (seen === undefined) return;
  t.is(await seen.ended, 0);
  const plain = seen.text.replace(escapes, '');
  t.regex(plain, /ok {7}name resolution/);
  t.regex(plain, /What a subscription needs is there/);
});

test.serial('doctor: uses the whole width of a narrow terminal', async (t) => {
  const sandbox = await startSandbox(t);
  const env = environment(sandbox, { GWS_URL: sandbox.url.replace('http:', 'https:') });
  for (const columns of [80, 60]) {
    const seen = terminal(t, ['doctor', '--hold', '100ms'], env, columns);
    if (seen === undefined) return;
    t.is(await seen.ended, 1);
    const shown = lines(seen.text);
    for (const line of shown) t.true(line.length <= columns, line);
    t.true(
      shown.some((line) => / {9}it means {2}What answers on this port/.test(line)),
      seen.text,
    );
    // A line ends only where the next word has no room.
    for (const [index, line] of shown.entries()) {
      const [, indent = '', word = ''] = /^( {9,})(\S+)/.exec(shown[index + 1] ?? '') ?? [];
      if (indent.length === 19) t.true(line.length + 1 + word.length > columns, `${line}\n${word}`);
    }
  }
  const well = terminal(t, ['doctor', '--hold', '100ms'], environment(sandbox), 80);
  if (well === undefined) return;
  t.is(await well.ended, 0);
  // What has no room beside its step stands below it, under the name of the step.
  t.regex(well.text.replace(escapes, '').replace(/\r/g, ''), /ok {7}TLS +\d+ ms\n {9}none, and none needed: .*\n/);
});

test.serial('sandbox: says how to reach it', async (t) => {
  const seen = terminal(t, ['sandbox', '--every', '100ms'], environment());
  if (seen === undefined) return;
  await seen.until(({ text }) => text.includes('Ctrl-C ends it'));
  t.regex(seen.text, /export GWS_URL=http:\/\/127\.0\.0\.1:\d+ GWS_USERNAME=agent GWS_PASSWORD=secret/);
  seen.terminal.write('\u0003');
  t.is(await seen.ended, 130);
});

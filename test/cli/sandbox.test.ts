import test from 'ava';
import { WORKBIN_A, environment, run, start } from './command.js';

test.serial(
  'sandbox: says as data where it is, lets items come and go for who watches, and ends with a signal',
  async (t) => {
    const sandbox = start(t, ['sandbox', '--every', '50ms'], environment()).input('');
    const { url, username, password } = await sandbox.line(({ type }) => type === 'sandbox');
    const env = environment(undefined, {
      GWS_URL: String(url),
      GWS_USERNAME: String(username),
      GWS_PASSWORD: String(password),
    });
    const watching = start(t, ['watch', WORKBIN_A], env).input('');
    await watching.line(({ action }) => action === 'ItemAdded');
    await watching.line(({ action }) => action === 'ItemRemoved');
    watching.child.kill('SIGTERM');
    t.is((await watching.ended).status, 143);
    sandbox.child.kill('SIGINT');
    const { status, stderr, data } = await sandbox.ended;
    t.is(status, 130);
    t.is(stderr, '');
    t.is(data.length, 1);
  },
);

test.serial('sandbox: a port that is taken is a failure that says so', async (t) => {
  const first = start(t, ['sandbox'], environment()).input('');
  const { url } = await first.line(({ type }) => type === 'sandbox');
  const { status, stderr } = await run(t, ['sandbox', '--port', new URL(String(url)).port], environment());
  t.is(status, 1);
  t.regex(stderr, /EADDRINUSE/);
});

test.serial('sandbox --for: ends by itself', async (t) => {
  const { status } = await run(t, ['sandbox', '--for', '100ms'], environment());
  t.is(status, 0);
});

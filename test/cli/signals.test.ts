import test from 'ava';
import { WORKBIN_A, WORKBIN_B, environment, start, startSandbox } from './command.js';

const leaving = test.macro({
  exec: async (t, command: 'subscribe' | 'watch', signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM', status: number) => {
    const sandbox = await startSandbox(t);
    // One workbin of two is never confirmed: `subscribe` waits for it.
    sandbox.fault(
      { operation: 'Subscribe' },
      { kind: 'push', change: (message) => (message['id'] === WORKBIN_B ? undefined : message) },
    );
    const running = start(t, [command, WORKBIN_A, WORKBIN_B], environment(sandbox)).input('');
    await running.line(({ state }) => state === 'Subscribed');
    running.child.kill(signal);
    const ended = await running.ended;
    t.is(ended.status, status);
    t.is(ended.signal, null);
    t.is(ended.stderr, '');
    const operations = sandbox.requests.flatMap(({ operationName, bayeux = [] }) => operationName ?? bayeux);
    t.true(operations.includes('Unsubscribe'), operations.join(' '));
    t.is(operations.at(-1), '/meta/disconnect');
    t.deepEqual(sandbox.subscriptions(), []);
    t.is(sandbox.bayeuxSessions, 0);
  },
  title: (_, command: string, signal: string, status: number) =>
    `${command}: ${signal} unsubscribes, disconnects, and leaves with ${status}`,
});

test.serial(leaving, 'watch', 'SIGINT', 130);
test.serial(leaving, 'watch', 'SIGTERM', 143);
test.serial(leaving, 'watch', 'SIGHUP', 129);
test.serial(leaving, 'subscribe', 'SIGINT', 130);
test.serial(leaving, 'subscribe', 'SIGTERM', 143);

test.serial('a second SIGINT leaves at once, whatever the server does', async (t) => {
  const sandbox = await startSandbox(t);
  const watching = start(t, ['watch', WORKBIN_A], environment(sandbox)).input('');
  await watching.line(({ state }) => state === 'Subscribed');
  sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'hang' });
  const asked = sandbox.request(({ operationName }) => operationName === 'Unsubscribe');
  watching.child.kill('SIGINT');
  await asked;
  t.is(watching.child.exitCode, null, 'it waits for the answer');
  // Two signals in the same moment are one that was handed on; these are two.
  let signals = 0;
  const again = setInterval(() => {
    signals++;
    watching.child.kill('SIGINT');
  }, 300);
  t.teardown(() => {
    clearInterval(again);
  });
  t.is((await watching.ended).status, 130);
  t.true(signals < 5, `it did not wait the 2 s that closing may take, but for ${signals} more signals`);
});

test.serial('a signal before there is anything to tidy up ends it at once', async (t) => {
  const sandbox = await startSandbox(t);
  // Ids are awaited on stdin, which stays open.
  const waiting = start(t, ['watch', '-'], environment(sandbox));
  waiting.child.stdin?.write(`${WORKBIN_A}\n`);
  const ready = setInterval(() => waiting.child.kill('SIGTERM'), 500);
  t.teardown(() => {
    clearInterval(ready);
  });
  const { status, signal } = await waiting.ended;
  // Whether Node or the command had the word first.
  t.true(status === 143 || signal === 'SIGTERM');
  t.deepEqual(sandbox.requests, []);
});

test.serial('a server that does not answer does not keep it from leaving', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault({}, { kind: 'hang' });
  const watching = start(t, ['watch', WORKBIN_A], environment(sandbox)).input('');
  await sandbox.request(({ path }) => path.startsWith('/api/v2/me'));
  watching.child.kill('SIGINT');
  t.is((await watching.ended).status, 130);
});

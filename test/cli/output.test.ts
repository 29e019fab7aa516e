import test from 'ava';
import { COLLEAGUE, WORKBIN_A, WORKBIN_B, environment, run, start, startSandbox } from './command.js';

const field = (value: unknown, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name];

test.serial(
  'subscribe: writes accepted and a state for each workbin, a line each, and leaves nothing behind',
  async (t) => {
    const sandbox = await startSandbox(t);
    const { status, data, stderr } = await run(t, ['subscribe', WORKBIN_A, WORKBIN_B], environment(sandbox));
    t.is(stderr, '');
    t.is(status, 0);
    t.deepEqual(data.map(({ type, workbinId }) => [type, workbinId]).slice(0, 1), [['accepted', undefined]]);
    t.like(data[0], { workbinIds: [WORKBIN_A, WORKBIN_B], scope: { kind: 'me' } });
    t.deepEqual(Object.keys(data[0]?.['referenceIds'] ?? {}).sort(), [WORKBIN_A, WORKBIN_B].sort());
    t.deepEqual(
      data
        .slice(1)
        .map(({ type, workbinId, state }) => [type, workbinId, state])
        .sort(),
      [
        ['state', WORKBIN_A, 'Subscribed'],
        ['state', WORKBIN_B, 'Subscribed'],
      ].sort(),
    );
    t.deepEqual(sandbox.subscriptions(), []);
    t.is(sandbox.bayeuxSessions, 0);
  },
);

for (const [options, scope, path] of [
  [['--any'], { kind: 'any' }, `/api/v2/workbins/${WORKBIN_A}`],
  [['--user', COLLEAGUE], { kind: 'user', userId: COLLEAGUE }, `/api/v2/users/${COLLEAGUE}/workbins/${WORKBIN_A}`],
  [
    ['--agent-group', 'Claims & more'],
    { kind: 'agentGroup', name: 'Claims & more' },
    '/api/v2/me/workbins/1c979a85-edd7-4540-8a58-b74fbc8328af?agentGroup=Claims%20%26%20more',
  ],
  [
    ['--place-group', 'Branch'],
    { kind: 'placeGroup', name: 'Branch' },
    '/api/v2/me/workbins/7d2c9a34-51a2-4b0f-8f6d-2e8c5a1b7f42?placeGroup=Branch',
  ],
] as const) {
  test.serial(`subscribe ${options.join(' ')}: asks in that scope`, async (t) => {
    const sandbox = await startSandbox(t);
    const id = /workbins\/([^?]+)/.exec(path)?.[1] ?? '';
    const { status, data, stderr } = await run(t, ['subscribe', ...options, id], environment(sandbox));
    t.is(stderr, '');
    t.is(status, 0);
    for (const event of data) t.deepEqual(event['scope'], scope);
    t.true(
      sandbox.requests.some((each) => each.operationName === 'Subscribe' && each.path === path),
      sandbox.requests.map((each) => each.path).join(' '),
    );
  });
}

test.serial('subscribe -: reads ids from stdin, one a line, whatever the line ends', async (t) => {
  const sandbox = await startSandbox(t);
  const running = start(t, ['subscribe', '-', WORKBIN_A], environment(sandbox)).input(
    `\r\n ${WORKBIN_B}\r\n\n${WORKBIN_A}\n`,
  );
  const { status, data } = await running.ended;
  t.is(status, 0);
  t.deepEqual(data[0]?.['workbinIds'], [WORKBIN_A, WORKBIN_B]);
});

test.serial('subscribe: an id that JavaScript would take for something else comes out as it went in', async (t) => {
  const sandbox = await startSandbox(t, { acceptAnyWorkbin: true });
  const { status, stdout } = await run(t, ['subscribe', '__proto__', 'constructor'], environment(sandbox));
  t.is(status, 0);
  t.regex(stdout, /"referenceIds":\{"__proto__":\d+,"constructor":\d+\}/);
});

test.serial(
  'subscribe: says of each workbin that fails why it does, as data and for people, and ends with 1',
  async (t) => {
    const sandbox = await startSandbox(t);
    sandbox.fault(
      { workbinId: WORKBIN_B, operation: 'Subscribe' },
      { kind: 'request-failed', workbinIds: [WORKBIN_B] },
    );
    const { status, data, stderr, stdout } = await run(
      t,
      ['subscribe', WORKBIN_A, WORKBIN_B, 'no-such-workbin'],
      environment(sandbox),
    );
    t.is(status, 1);
    const failed = data.filter(({ type }) => type === 'failed');
    t.deepEqual(failed.map(({ workbinId }) => workbinId).sort(), [WORKBIN_B, 'no-such-workbin'].sort());
    for (const { error } of failed) {
      t.is(typeof field(error, 'name'), 'string');
      t.is(typeof field(error, 'message'), 'string');
    }
    const codes = failed.map(({ error }) => field(error, 'code'));
    t.true(codes.includes('api') && codes.includes('request-failed'), codes.join(' '));
    t.regex(stderr, /2 of 3 workbins failed/);
    t.regex(stderr, new RegExp(`${WORKBIN_B}: .*RequestFailed`));
    t.regex(stderr, /no-such-workbin: .*statusCode [67]/);
    t.false(`${stdout}${stderr}`.includes(sandbox.password));
    t.deepEqual(sandbox.subscriptions(), []);
  },
);

test.serial('subscribe: names every workbin when there is no server at all, and what to do', async (t) => {
  const sandbox = await startSandbox(t);
  await sandbox.refuseConnections();
  const { status, data, stderr } = await run(
    t,
    ['subscribe', WORKBIN_A, WORKBIN_B, '--timeout', '200ms'],
    environment(sandbox),
  );
  t.is(status, 1);
  t.deepEqual(
    data.map(({ type }) => type),
    ['failed', 'failed'],
  );
  for (const id of [WORKBIN_A, WORKBIN_B]) t.true(stderr.includes(`  ${id}: `), stderr);
});

test.serial(
  'subscribe: a refused password is a failure that shows no password, and that doctor is said to explain',
  async (t) => {
    const sandbox = await startSandbox(t);
    const { status, stdout, stderr } = await run(
      t,
      ['subscribe', WORKBIN_A],
      environment(sandbox, { GWS_PASSWORD: 'swordfish' }),
    );
    t.is(status, 1);
    t.regex(stderr, /doctor/);
    t.false(`${stdout}${stderr}`.includes('swordfish'));
    t.false(`${stdout}${stderr}`.includes(btoa('agent:swordfish')));
  },
);

test.serial('subscribe: what a server says cannot drive the terminal of who reads it', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault(
    { operation: 'Subscribe' },
    { kind: 'status', statusCode: 4, statusMessage: 'red \u001b[31m\nrx-workbins: fine' },
  );
  const { stderr } = await run(t, ['subscribe', WORKBIN_A], environment(sandbox));
  t.false(stderr.includes('\u001b'));
  t.is(stderr.trim().split('\n').length, 2, stderr);
});

test.serial('watch: writes each item when it comes, and leaves with 0 after --for', async (t) => {
  const sandbox = await startSandbox(t);
  const watching = start(t, ['watch', WORKBIN_A, '--for', '5s'], environment(sandbox)).input('');
  await watching.line(({ state }) => state === 'Subscribed');
  const interaction = sandbox.addItem(WORKBIN_A, { medium: 'email' });
  const item = await watching.line(({ type }) => type === 'item');
  t.like(item, { workbinId: WORKBIN_A, action: 'ItemAdded', medium: 'email', interaction: { id: interaction } });
  t.is(watching.child.exitCode, null, 'it goes on');
  const { status, stderr } = await watching.ended;
  t.is(stderr, '');
  t.is(status, 0);
  t.deepEqual(sandbox.subscriptions(), []);
  t.is(sandbox.bayeuxSessions, 0);
});

test.serial('watch --idle: leaves when nothing happens any more, and not while something does', async (t) => {
  const sandbox = await startSandbox(t, { items: { every: 100 } });
  const watching = start(t, ['watch', WORKBIN_A, '--idle', '2s', '--for', '6s'], environment(sandbox)).input('');
  t.is((await watching.ended).status, 0);
  t.true((await watching.ended).data.filter(({ type }) => type === 'item').length > 10, 'seconds of items');

  const quiet = await startSandbox(t);
  const { status, data } = await run(t, ['watch', WORKBIN_A, '--idle', '100ms'], environment(quiet));
  t.is(status, 0);
  t.deepEqual(
    data.map(({ type }) => type),
    ['accepted', 'state'],
  );
});

test.serial('watch: tells of a gap after the session was lost, and goes on', async (t) => {
  const sandbox = await startSandbox(t);
  const watching = start(t, ['watch', WORKBIN_A], environment(sandbox)).input('');
  await watching.line(({ state }) => state === 'Subscribed');
  sandbox.killBayeuxSessions();
  const gap = await watching.line(({ type }) => type === 'gap');
  t.like(gap, { workbinIds: [WORKBIN_A] });
  const id = sandbox.addItem(WORKBIN_A);
  await watching.line(({ interaction }) => interaction !== undefined && field(interaction, 'id') === id);
  watching.child.kill('SIGTERM');
  t.is((await watching.ended).status, 143);
});

test.serial('watch: ends with 1 and an account when --for is over before a workbin is settled', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const { status, stderr } = await run(t, ['watch', WORKBIN_A, '--for', '1s'], environment(sandbox));
  t.is(status, 1);
  t.regex(stderr, new RegExp(`${WORKBIN_A}: not settled`));
});

test.serial('list: writes a workbin a line; --items says how much lies in each', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.addItem(WORKBIN_A);
  sandbox.addItem(WORKBIN_A, { medium: 'email' });
  const plain = await run(t, ['list'], environment(sandbox));
  t.is(plain.status, 0);
  t.is(plain.stderr, '');
  t.like(
    plain.data.find(({ id }) => id === WORKBIN_A),
    { displayName: 'Email drafts', type: 'Agent', items: undefined },
  );
  const counted = await run(t, ['list', '--items'], environment(sandbox));
  t.is(counted.status, 0);
  t.deepEqual(
    counted.data.map(({ id }) => id),
    plain.data.map(({ id }) => id),
  );
  t.is(counted.data.find(({ id }) => id === WORKBIN_A)?.['items'], 2);
  t.is(counted.data.find(({ id }) => id === WORKBIN_B)?.['items'], 0);
});

test.serial('list: ends with 1 and says why when it is refused', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault({ path: '/api/v2/me/workbins' }, { kind: 'status', statusCode: 5 });
  const { status, stdout, stderr } = await run(t, ['list'], environment(sandbox));
  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^rx-workbins: .*statusCode 5/);
});

test.serial('list: a server that is not there: which one, why, and what to do', async (t) => {
  const sandbox = await startSandbox(t);
  await sandbox.refuseConnections();
  const refused = await run(t, ['list'], environment(sandbox));
  t.is(refused.status, 1);
  t.true(refused.stderr.includes(`ECONNREFUSED ${new URL(sandbox.url).host}`), refused.stderr);
  t.regex(refused.stderr, /\n`rx-workbins doctor` goes through/);

  const unknown = await run(t, ['list'], environment(sandbox, { GWS_URL: 'http://gws.invalid' }));
  t.is(unknown.status, 1);
  // Where there is no name server at all, the answer is another one.
  t.regex(unknown.stderr, /(ENOTFOUND|EAI_AGAIN) gws\.invalid\n`rx-workbins doctor`/);
});

test.serial('list: says what it knows when the time is over before the last try', async (t) => {
  const sandbox = await startSandbox(t);
  sandbox.fault({ path: '/api/v2/me/workbins' }, { kind: 'reply', status: 503, headers: { 'retry-after': '60' } });
  const { status, stdout, stderr } = await run(t, ['list', '--timeout', '1s'], environment(sandbox));
  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^rx-workbins: no answer within 1s: .*503.*\n`rx-workbins doctor` goes through/);
});

test.serial('list: tries again what fails in passing', async (t) => {
  const sandbox = await startSandbox(t);
  const lift = sandbox.fault({ path: '/api/v2/me/workbins' }, { kind: 'reply', status: 503 });
  const listing = run(t, ['list'], environment(sandbox));
  await sandbox.request(({ path, status }) => path.startsWith('/api/v2/me/workbins') && status === 503);
  lift();
  t.is((await listing).status, 0);
});

test.serial('subscribe: ids that cannot be any are misuse, where nothing else failed', async (t) => {
  const sandbox = await startSandbox(t);
  const misuse = await run(t, ['subscribe', 'a,b', WORKBIN_A], environment(sandbox));
  t.is(misuse.status, 2);
  t.regex(misuse.stderr, /1 of 2 workbins failed\n {2}a,b: .*comma/);
  t.deepEqual(sandbox.subscriptions(), []);
  const both = await run(t, ['subscribe', 'a,b', 'c'], environment(sandbox));
  t.is(both.status, 1, 'c is none of the workbins there');
});

test.serial('subscribe: says where ids are to be had, where no id is known', async (t) => {
  const sandbox = await startSandbox(t);
  const hint = /\ntake the id from `rx-workbins list`, with the same --user/;
  for (const ids of [['nope'], ['nope', 'neither']]) {
    const { status, stderr } = await run(t, ['subscribe', ...ids], environment(sandbox));
    t.is(status, 1);
    t.regex(stderr, hint);
  }
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'partial', without: [WORKBIN_B] });
  t.regex((await run(t, ['subscribe', WORKBIN_A, WORKBIN_B], environment(sandbox))).stderr, hint);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'status', statusCode: 5 });
  t.notRegex((await run(t, ['subscribe', WORKBIN_A], environment(sandbox))).stderr, /rx-workbins list/);
});

test.serial('subscribe: https where plain http is spoken is told by its code alone', async (t) => {
  const sandbox = await startSandbox(t);
  const env = environment(sandbox, { GWS_URL: sandbox.url.replace('http:', 'https:') });
  const { status, stderr } = await run(t, ['subscribe', WORKBIN_A, '--timeout', '2s'], env);
  t.is(status, 1);
  t.regex(stderr, /ERR_SSL_[A-Z_]+/);
  t.notRegex(stderr, /openssl/i);
});

test.serial('--channels: starts a contact centre session, and ends it', async (t) => {
  const sandbox = await startSandbox(t, { requireContactCenterSession: true });
  const without = await run(t, ['subscribe', WORKBIN_A], environment(sandbox));
  t.is(without.status, 1);
  t.regex(without.stderr, /contact centre session/);
  const { status } = await run(t, ['subscribe', WORKBIN_A, '--channels', 'chat,email'], environment(sandbox));
  t.is(status, 0);
  const operations = sandbox.requests.map(({ operationName }) => operationName);
  t.true(operations.includes('StartContactCenterSession') && operations.includes('EndContactCenterSession'));
});

test.serial('--verbose: tells on stderr alone what happens to the session', async (t) => {
  const sandbox = await startSandbox(t);
  const { status, data, stderr } = await run(t, ['subscribe', WORKBIN_A, '--verbose'], environment(sandbox));
  t.is(status, 0);
  t.is(data.length, 2);
  t.regex(stderr, /info the session is connected/);
  t.false(stderr.includes(sandbox.password));
});

import { inspect } from 'node:util';
import test from 'ava';
import type { Subscription } from 'rxjs';
import { AGENT, A, accountOf, all, B, BASE64, brief, COLLEAGUE, connect, open, posts, record, start } from './wire.js';

test('two clients of two users: each has its own session, and hears of its own workbins alone', async (t) => {
  const sandbox = await start(t);
  const one = connect(t, sandbox).client;
  const two = connect(t, sandbox, { auth: { username: 'colleague', password: 'secret' } }).client;
  const [first, second] = [record(one.watch(A)), record(two.watch(A))];
  await Promise.all([first.count(2), second.count(2)]);
  t.deepEqual(new Set(sandbox.subscriptions().map(({ userId }) => userId)), new Set([AGENT, COLLEAGUE]));
  t.deepEqual([sandbox.httpSessions, sandbox.bayeuxSessions], [2, 2]);
  sandbox.addItem(A, { userId: AGENT, interaction: { id: 'for agent' } });
  sandbox.addItem(A, { userId: COLLEAGUE, interaction: { id: 'for colleague' } });
  sandbox.addItem(A, { interaction: { id: 'for both' } });
  for (const [watching, mine] of [
    [first, 'for agent'],
    [second, 'for colleague'],
  ] as const) {
    await watching.count(4);
    t.deepEqual(
      watching.values.flatMap((event) => (event.type === 'item' ? [event.interaction?.id] : [])),
      [mine, 'for both'],
    );
  }
});

test('two clients: what happens to one leaves the other alone', async (t) => {
  const sandbox = await start(t);
  const [one, two] = [connect(t, sandbox).client, connect(t, sandbox).client];
  const watching = record(two.watch(A));
  await Promise.all([all(one.subscribe(A)), watching.count(2)]);
  t.is(sandbox.httpSessions, 2);
  await one.close();
  sandbox.addItem(A);
  await watching.count(3);
  t.is(sandbox.bayeuxSessions, 1);
  await all(two.subscribe(B));
});

test('one client: the scopes of a workbin are told apart', async (t) => {
  const { sandbox, client } = await open(t);
  const mine = record(client.watch(A));
  const theirs = record(client.forUser(COLLEAGUE).watch(A));
  const groups = record(client.forAgentGroup('Claims').watch(A));
  await Promise.all([mine, theirs, groups].map((watching) => watching.count(2)));
  sandbox.addItem(A, { userId: AGENT, interaction: { id: 'mine' } });
  sandbox.addItem(A, { userId: COLLEAGUE, interaction: { id: 'theirs' } });
  sandbox.addItem(A, { agentGroup: 'Claims', interaction: { id: 'of the group' } });
  sandbox.addItem(A, { interaction: { id: 'of all' } });
  // Groups take any user, and what names no owner is everybody's.
  for (const [watching, own] of [
    [mine, ['mine', 'of all']],
    [theirs, ['theirs', 'of all']],
    [groups, ['mine', 'theirs', 'of the group', 'of all']],
  ] as const) {
    await watching.until((event) => event.type === 'item' && event.interaction?.id === 'of all');
    t.deepEqual(
      watching.values.flatMap((event) => (event.type === 'item' ? [event.interaction?.id] : [])),
      [...own],
    );
  }
});

const odd = [BASE64, 'a/b+c==', 'ünï cöde?&#%', '__proto__', 'constructor', 'toString', '%2F', '日本'];

for (const id of odd) {
  test(`the id ${id}: is one workbin, alone and among others`, async (t) => {
    const { sandbox, client } = await open(t, { sandbox: { acceptAnyWorkbin: true } });
    const [accepted, confirmed] = await all(client.subscribe(id));
    t.deepEqual(accepted?.type === 'accepted' && [...accepted.referenceIds], [[id, 1]]);
    t.like(confirmed, { type: 'state', workbinId: id, state: 'Subscribed' });
    t.is(posts(sandbox)[0]?.path, `/api/v2/me/workbins/${encodeURIComponent(id)}`);
    t.deepEqual(
      sandbox.subscriptions().map(({ workbinId }) => workbinId),
      [id],
    );

    const watching = record(client.any.watch([id, A]));
    await watching.count(3);
    t.deepEqual(watching.values.map(brief), [`accepted ${id},${A}`, `Subscribed ${id}`, `Subscribed ${A}`]);
    t.is(posts(sandbox)[1]?.path, `/api/v2/workbins?workbinIds=${encodeURIComponent(id)},${A}`);
    sandbox.addItem(id);
    t.is(brief(await watching.until(({ type }) => type === 'item')), `ItemAdded ${id}`);
    t.is((await all(client.content(id)))[0]?.items.size, 1);

    t.deepEqual((await all(client.forUser(COLLEAGUE).subscribe([A, id]))).map(brief), [
      `accepted ${A},${id}`,
      `Subscribed ${A}`,
      `Subscribed ${id}`,
    ]);
    t.deepEqual((await all(client.unsubscribe(id))).map(brief), [`accepted ${id}`, `Unsubscribed ${id}`]);
  });

  test(`the id ${id}: is named in the account when it fails`, async (t) => {
    const { sandbox, client } = await open(t, { sandbox: { acceptAnyWorkbin: true } });
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'partial', without: [id] });
    const { failed, subscribed } = await accountOf(client.subscribe([id, A]));
    t.deepEqual([subscribed, [...failed.keys()]], [[A], [id]]);
  });

  test(`the name ${id}: is a user, an agent group, a place group`, async (t) => {
    const users = [
      { id: 'u', userName: 'agent', password: 'secret', supervisor: true },
      { id, userName: 'odd', password: 'secret' },
    ];
    const { sandbox, client } = await open(t, { sandbox: { users } });
    for (const workbins of [client.forUser(id), client.forAgentGroup(id), client.forPlaceGroup(id)]) {
      t.deepEqual((await all(workbins.subscribe(A))).map(brief), [`accepted ${A}`, `Subscribed ${A}`]);
      t.deepEqual((await all(workbins.unsubscribe(A))).map(brief), [`accepted ${A}`, `Unsubscribed ${A}`]);
      await all(workbins.list());
    }
    t.deepEqual(sandbox.subscriptions(), []);
  });
}

const password = 'pass-wörd-4711';

/** Every cookie and token that any answer of this process carried, and every credential that was sent. */
const secrets = new Set<string>([password, Buffer.from(`agent:${password}`).toString('base64')]);
const platformFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await platformFetch(input, init);
  for (const cookie of response.headers.getSetCookie()) secrets.add(/=([^;]*)/.exec(cookie)?.[1] ?? '');
  const token = response.headers.get('x-csrf-token');
  if (token !== null) secrets.add(token);
  return response;
};

test('no password, token or cookie: is in any error, log line, or look into the client', async (t) => {
  const users = [{ id: AGENT, userName: 'agent', password, supervisor: true }];
  const written: string[] = [];
  const write = (...values: unknown[]): void => {
    for (const value of values) written.push(inspect(value, { depth: 12, showHidden: true }), String(value));
  };
  const sandbox = await start(t, { users });
  const { client, clock } = connect(t, sandbox, {
    auth: { username: 'agent', password },
    retry: { maxAttempts: 2 },
    logger: (...line) => write(...line),
  });
  const subscriptions: Subscription[] = [client.connection$, client.notifications$, client.undecoded$].map(
    (each$) => record<unknown>(each$).subscription,
  );
  const watching = record(client.watch([A, 'nowhere']));
  await watching.until(({ type }) => type === 'failed');
  for (const fault of [
    { kind: 'status', statusCode: 5 },
    { kind: 'reply', status: 404 },
    { kind: 'reply', body: '<html>' },
    { kind: 'reply', body: [] },
    { kind: 'reply', status: 503 },
    { kind: 'reset' },
    { kind: 'reset-midway' },
    { kind: 'request-failed' },
    { kind: 'reply', status: 307, headers: { Location: 'https://elsewhere.example.com/' } },
  ] as const) {
    const lift = sandbox.fault({ operation: 'Subscribe' }, fault);
    const subscribing = record(client.subscribe(B));
    await Promise.race([subscribing.ended, clock.pass(500)]);
    write(await accountOf(subscribing));
    lift();
  }
  sandbox.push({ odd: true });
  sandbox.killHttpSessions();
  write(await record(client.list()).ended);
  await clock.pass(500);
  await watching.until(({ type }) => type === 'gap');
  write(client, client.any, client.forUser('x'), client.connection$, subscriptions, watching.values);
  await client.close();
  write(client);

  const refused = connect(t, sandbox, { auth: { username: 'agent', password: `${password}!` }, logger: write });
  write(await accountOf(refused.client.subscribe(A)));
  // A value that no header can carry, with which the platform's own error would be generous.
  const broken = connect(t, sandbox, { auth: () => ({ authorization: `Bearer ${password}\n` }), logger: write });
  write(await accountOf(broken.client.subscribe(A)));

  t.true(secrets.size >= 6);
  const text = written.join('\n');
  t.true(text.includes('SubscriptionError') && text.includes('the session was lost'));
  for (const secret of secrets) t.false(text.includes(secret), secret);
});

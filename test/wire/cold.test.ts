import test from 'ava';
import type { Sandbox } from '../../src/sandbox/index.js';
import {
  A,
  all,
  B,
  brief,
  connect,
  fetchWithCookies,
  named,
  open,
  posts,
  record,
  start,
  turn,
  type Wire,
  type WireOptions,
} from './wire.js';
import type { ExecutionContext } from 'ava';

interface Sent {
  readonly url: string;
  readonly signal: AbortSignal;
}

/** A client whose requests show whether they were aborted. */
const observed = async (
  t: ExecutionContext,
  options: WireOptions = {},
): Promise<Wire & { readonly sent: (part: string) => AbortSignal | undefined }> => {
  const { sandbox: sandboxOptions, ...more } = options;
  const sandbox: Sandbox = await start(t, sandboxOptions);
  const through = fetchWithCookies(sandbox);
  const sent: Sent[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const body = typeof init?.body === 'string' ? init.body : '';
    if (init?.signal != null) sent.push({ url: `${JSON.stringify(input)} ${body}`, signal: init.signal });
    return through(input, init);
  };
  return {
    sandbox,
    ...connect(t, sandbox, { ...more, fetch }),
    sent: (part) => sent.findLast(({ url }) => url.includes(part))?.signal,
  };
};

test('a client: sends nothing before something is subscribed to', async (t) => {
  const { sandbox, client, clock } = await open(t);
  const cold = [
    client.subscribe(A),
    client.unsubscribe(A),
    client.watch([A, B]),
    client.list(),
    client.content(A),
    client.forUser('x').subscribe(A),
    client.notifications$,
  ];
  record(client.connection$);
  record(client.undecoded$);
  for (let turns = 0; turns < 20; turns++) await turn();
  await fetch(`${sandbox.url}/sentinel`);
  t.is(cold.length, 7);
  t.deepEqual(sandbox.requests.map(named), ['GET /sentinel']);
  t.is(clock.timers, 0);
});

test('subscribe: each subscription asks anew', async (t) => {
  const { sandbox, client } = await open(t);
  const subscribing$ = client.subscribe(A);
  await all(subscribing$);
  await all(subscribing$);
  t.is(posts(sandbox).length, 2);
});

test('notifications$: connects when it is subscribed to', async (t) => {
  const { sandbox, client } = await open(t);
  record(client.notifications$);
  await record(client.connection$).until((connection) => connection === 'connected');
  t.is(sandbox.bayeuxSessions, 1);
});

test('subscribe: whoever leaves before the POST sends none', async (t) => {
  const { sandbox, client } = await open(t);
  record(client.subscribe(A)).subscription.unsubscribe();
  const staying = record(client.subscribe(B));
  record(client.subscribe(A)).subscription.unsubscribe();
  await staying.ended;
  t.deepEqual(
    posts(sandbox).map(({ workbinIds }) => workbinIds),
    [[B]],
  );
});

test('subscribe: whoever leaves after the POST aborts it', async (t) => {
  const { sandbox, client, sent } = await observed(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
  const { subscription } = record(client.subscribe(A));
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  t.is(sent('"Subscribe"')?.aborted, false);
  subscription.unsubscribe();
  t.is(sent('"Subscribe"')?.aborted, true);
});

test('subscribe: one of two who leaves aborts nothing that the other waits for', async (t) => {
  const { sandbox, client, sent } = await observed(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'delay', ms: 30 });
  const leaving = [A, B].map((id) => record(client.subscribe(id)).subscription);
  const staying = record(client.subscribe(B));
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  for (const subscription of leaving) subscription.unsubscribe();
  t.is(sent('"Subscribe"')?.aborted, false);
  t.deepEqual((await staying.ended).values.map(brief), [`accepted ${B}`, `Subscribed ${B}`]);
  t.is(posts(sandbox).length, 1);
});

test('subscribe: the last of two who leaves aborts', async (t) => {
  const { sandbox, client, sent } = await observed(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
  const [one, two] = [A, B].map((id) => record(client.subscribe(id)).subscription);
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  one?.unsubscribe();
  t.is(sent('"Subscribe"')?.aborted, false);
  two?.unsubscribe();
  t.is(sent('"Subscribe"')?.aborted, true);
});

test('subscribe: of a request that was taken apart, who leaves aborts the part that nobody else waits for', async (t) => {
  const { sandbox, client, sent } = await observed(t, { sandbox: { acceptAnyWorkbin: true } });
  sandbox.fault({ operation: 'Subscribe', workbinId: 'a', times: 1 }, { kind: 'status', statusCode: 6 });
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
  const [one, two] = ['a', 'b'].map((id) => record(client.subscribe(id)).subscription);
  await sandbox.request(({ path, operationName }) => operationName === 'Subscribe' && path.endsWith('/a'));
  await sandbox.request(({ path, operationName }) => operationName === 'Subscribe' && path.endsWith('/b'));
  one?.unsubscribe();
  t.is(sent('workbins/a')?.aborted, true);
  t.is(sent('workbins/b')?.aborted, false);
  two?.unsubscribe();
  t.is(sent('workbins/b')?.aborted, true);
});

for (const read of ['list', 'content'] as const) {
  test(`${read}: whoever leaves aborts it`, async (t) => {
    const { sandbox, client, clock, sent } = await observed(t);
    sandbox.fault({ method: 'GET' }, { kind: 'hang' });
    const { subscription } = record<unknown>(read === 'list' ? client.list() : client.content(A));
    await sandbox.request(({ method }) => method === 'GET');
    subscription.unsubscribe();
    t.is(sent('/workbins')?.aborted, true);
    t.is(clock.timers, 0);
  });
}

test('a retry that waits: ends with whoever waits for it', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ method: 'GET' }, { kind: 'reply', status: 503 });
  const { subscription } = record(client.list());
  await clock.timer(500);
  subscription.unsubscribe();
  t.is(clock.timers, 0);
});

test('watch: whoever leaves unsubscribes at the server, once nobody wants the workbin', async (t) => {
  const { sandbox, client } = await open(t);
  const [one, two] = [record(client.watch(A)), record(client.watch(A))];
  await Promise.all([one.count(2), two.count(2)]);
  t.is(posts(sandbox).length, 1);
  one.subscription.unsubscribe();
  sandbox.addItem(A);
  await two.until(({ type }) => type === 'item');
  t.is(posts(sandbox, 'Unsubscribe').length, 0);
  two.subscription.unsubscribe();
  await sandbox.request(({ operationName, status }) => operationName === 'Unsubscribe' && status === 200);
  t.deepEqual(sandbox.subscriptions(), []);
});

test('watch: a plain subscription keeps the workbin at the server', async (t) => {
  const { sandbox, client } = await open(t);
  await all(client.subscribe(A));
  const watching = record(client.watch([A, B]));
  await watching.until((event) => event.type === 'state' && event.workbinId === B);
  watching.subscription.unsubscribe();
  await sandbox.request(({ operationName, status }) => operationName === 'Unsubscribe' && status === 200);
  t.deepEqual(
    sandbox.subscriptions().map(({ workbinId }) => workbinId),
    [A],
  );
});

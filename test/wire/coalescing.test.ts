import test from 'ava';
import { ApiError, isApiError } from '../../src/index.js';
import {
  A,
  accountOf,
  all,
  B,
  brief,
  connect,
  fetchWithCookies,
  open,
  passWhile,
  posts,
  record,
  start,
  state,
  turn,
  warm,
} from './wire.js';

const ids = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `aee812a5-7396-4dd9-b180-${String(index).padStart(12, '0')}`);
const jetty = 8_192;
const anything = { sandbox: { acceptAnyWorkbin: true } };

test('coalescing: what is asked in one turn is one POST, and each caller gets its own events', async (t) => {
  const { sandbox, client } = await open(t, anything);
  const callers = [['a'], ['b', 'c'], ['c', 'a']].map((own) => record(client.subscribe(own)));
  await Promise.all(callers.map(({ ended }) => ended));
  t.deepEqual(
    posts(sandbox).map(({ path }) => path),
    ['/api/v2/me/workbins?workbinIds=a,b,c'],
  );
  t.deepEqual(
    callers.map(({ values }) => values.map(brief)),
    [
      ['accepted a', 'Subscribed a'],
      ['accepted b,c', 'Subscribed b', 'Subscribed c'],
      ['accepted a,c', 'Subscribed a', 'Subscribed c'],
    ],
  );
  const response = { statusCode: 0, referenceIds: { a: 1, b: 2, c: 3 } };
  t.like(callers[1]?.values[0], { response, workbinIds: ['b', 'c'] });
  t.deepEqual(
    callers.map(({ values: [accepted] }) => accepted?.type === 'accepted' && accepted.referenceIds),
    [
      new Map([['a', 1]]),
      new Map([
        ['b', 2],
        ['c', 3],
      ]),
      new Map([
        ['a', 1],
        ['c', 3],
      ]),
    ],
  );
});

test('coalescing: what is asked in one turn of a warm client is one POST as well', async (t) => {
  const wire = await open(t, anything);
  await warm(wire);
  await Promise.all(['a', 'b', 'c'].map((id) => all(wire.client.subscribe(id))));
  t.deepEqual(
    posts(wire.sandbox).map(({ workbinIds }) => workbinIds),
    [['a', 'b', 'c']],
  );
});

test('coalescing: scopes and operations have POSTs of their own', async (t) => {
  const { sandbox, client } = await open(t);
  await all(client.subscribe(B));
  await Promise.all([all(client.subscribe(A)), all(client.any.subscribe(A)), all(client.unsubscribe(B))]);
  t.deepEqual(
    posts(sandbox)
      .map(({ path }) => path)
      .slice(1)
      .sort(),
    [`/api/v2/me/workbins/${A}`, `/api/v2/workbins/${A}`],
  );
  t.deepEqual(
    posts(sandbox, 'Unsubscribe').map(({ path }) => path),
    [`/api/v2/me/workbins/${B}`],
  );
});

test('coalescing: an id with a comma, asked for alone, goes alone, and what is asked for beside it goes together', async (t) => {
  const { sandbox, client } = await open(t, anything);
  const callers = ['a', 'x,y', 'b', 'c'].map((id) => record(client.subscribe(id)));
  await Promise.all(callers.map(({ ended }) => ended));
  t.deepEqual(
    posts(sandbox)
      .map(({ path }) => path)
      .sort(),
    ['/api/v2/me/workbins/x%2Cy', '/api/v2/me/workbins?workbinIds=a,b,c'],
  );
  t.deepEqual(
    callers.map(({ values }) => values.map(brief)),
    ['a', 'x,y', 'b', 'c'].map((id) => [`accepted ${id}`, `Subscribed ${id}`]),
  );
});

test('coalescing: each caller gets its own errors', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'request-failed', workbinIds: [B] });
  const [one, two, three] = [[A], [B], [A, 'nowhere']].map((own) => record(client.subscribe(own)));
  if (one === undefined || two === undefined || three === undefined) return t.fail();
  t.is((await one.ended).outcome, 'complete');
  const failed = await accountOf(two);
  t.deepEqual([failed.subscribed, [...failed.failed.keys()]], [[], [B]]);
  const partial = await accountOf(three);
  t.deepEqual([partial.subscribed, [...partial.failed.keys()]], [[A], ['nowhere']]);
  t.true(isApiError(partial.failed.get('nowhere')));
  t.is(posts(sandbox).length, 1);
});

for (const callers of [1, 8]) {
  test(`coalescing: a bad id of ${callers} callers fails alone`, async (t) => {
    const { sandbox, client } = await open(t, anything);
    const all8 = [...ids(7), 'bad'];
    sandbox.fault({ workbinId: 'bad' }, { kind: 'status', statusCode: 10, statusMessage: 'No' });
    const asked = callers === 1 ? [all8] : all8.map((id) => [id]);
    const recordings = asked.map((own) => record(client.subscribe(own)));
    const errors = (await Promise.all(recordings.map(({ ended }) => ended))).flatMap(({ error }) => error ?? []);
    t.is(errors.length, 1);
    const account = await accountOf(recordings.at(-1) ?? t.fail());
    t.deepEqual([...account.failed.keys()], ['bad']);
    t.like(account.failed.get('bad'), { code: 'api', statusCode: 10, statusMessage: 'No' });
    t.deepEqual(new Set(sandbox.subscriptions().map(({ workbinId }) => workbinId)), new Set(ids(7)));
    // eight together, then halves
    t.deepEqual(
      posts(sandbox)
        .map(({ workbinIds = [] }) => workbinIds.length)
        .sort(),
      [1, 1, 2, 2, 4, 4, 8],
    );
  });
}

test('coalescing: a bad id is told so at once, though another part of its request gets no answer', async (t) => {
  const { sandbox, client, clock } = await open(t, anything);
  sandbox.fault({ workbinId: 'bad' }, { kind: 'status', statusCode: 6 });
  sandbox.fault({ workbinId: 'slow' }, { kind: 'hang' });
  const [bad, slow] = ['bad', 'slow'].map((id) => record(client.subscribe(id, { timeout: 2_000 })));
  if (bad === undefined || slow === undefined) return t.fail();
  t.like((await accountOf(bad)).failed.get('bad'), { code: 'api', statusCode: 6 });
  t.is(slow.outcome, 'open');
  clock.advance(2_000);
  t.like((await accountOf(slow)).failed.get('slow'), { code: 'timeout' });
});

test('coalescing: who leaves before the request is taken apart is not asked for again', async (t) => {
  const sandbox = await start(t, anything.sandbox);
  const fetch = fetchWithCookies(sandbox);
  let answer = (): void => undefined;
  const left = new Promise<void>((resolve) => (answer = resolve));
  const { client } = connect(t, sandbox, {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (JSON.stringify(input).includes('workbinIds=a,b,c,d')) await left;
      return response;
    },
  });
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'status', statusCode: 6 });
  const leaving = record(client.subscribe(['a', 'b', 'c']));
  const staying = record(client.subscribe('d'));
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  leaving.subscription.unsubscribe();
  answer();
  t.is((await staying.ended).outcome, 'complete');
  t.deepEqual(
    posts(sandbox).map(({ workbinIds }) => workbinIds),
    [['a', 'b', 'c', 'd'], ['d']],
  );
  t.deepEqual(
    sandbox.subscriptions().map(({ workbinId }) => workbinId),
    ['d'],
  );
});

for (const status of [429, 502, 503, 504]) {
  test(`coalescing: HTTP status ${status} with a statusCode is not answered with more requests`, async (t) => {
    const { sandbox, client } = await open(t, { ...anything, retry: { maxAttempts: 1 } });
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'status', statusCode: 4, status });
    const account = await accountOf(client.subscribe(ids(100)));
    t.is(account.failed.size, 100);
    t.is(posts(sandbox).length, 1);
  });
}

test('coalescing: a bad id that a server chokes on, with HTTP status 500 and no more, fails alone', async (t) => {
  const { sandbox, client } = await open(t, anything);
  sandbox.fault({ operation: 'Subscribe', workbinId: 'bad' }, { kind: 'reply', status: 500, body: 'Oops' });
  const account = await accountOf(client.subscribe([...ids(9), 'bad']));
  t.deepEqual([...account.failed.keys()], ['bad']);
  t.like(account.failed.get('bad'), { code: 'http', status: 500 });
});

test('coalescing: at most 32 requests are spent on taking one apart, then the joint error stands', async (t) => {
  const { sandbox, client } = await open(t, anything);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'status', statusCode: 10 });
  const account = await accountOf(client.subscribe(ids(100)));
  t.is(posts(sandbox).length, 33);
  t.deepEqual([...account.failed.keys()].sort(), ids(100));
  t.true([...account.failed.values()].every((error) => error instanceof ApiError && error.statusCode === 10));
  t.regex(account.message, /100 of 100 workbins failed.*and 95 more/);
});

test('coalescing: a thousand ids of one call are six POSTs at most, none longer than Jetty takes', async (t) => {
  const { sandbox, client } = await open(t, anything);
  const events = await all(client.subscribe(ids(1_000)));
  t.is(events.filter(({ type }) => type === 'state').length, 1_000);
  const sent = posts(sandbox);
  t.true(sent.length <= 6);
  t.is(events.filter(({ type }) => type === 'accepted').length, sent.length);
  t.deepEqual(
    sent.flatMap(({ workbinIds = [] }) => workbinIds),
    ids(1_000),
  );
  for (const { path, headers } of sent) {
    t.true(path.length + JSON.stringify(headers).length < jetty);
  }
});

test('coalescing: a thousand callers are six POSTs at most, and each gets what it asked for', async (t) => {
  const { sandbox, client } = await open(t, anything);
  const callers = ids(1_000).map((id) => record(client.subscribe(id)));
  await Promise.all(callers.map(({ ended }) => ended));
  t.true(posts(sandbox).length <= 6);
  t.deepEqual(
    callers.map(({ values }) => values.map(brief).join('; ')),
    ids(1_000).map((id) => `accepted ${id}; Subscribed ${id}`),
  );
});

test('coalescing: a thousand watchers who leave are six Unsubscribes at most', async (t) => {
  const { sandbox, client } = await open(t, anything);
  const watchers = ids(1_000).map((id) => record(client.watch(id)));
  await Promise.all(watchers.map((watcher) => watcher.count(2)));
  t.is(sandbox.subscriptions().length, 1_000);
  const gone = record(client.notifications$);
  for (const { subscription } of watchers) subscription.unsubscribe();
  await gone.until(() => gone.values.filter((message) => message.stateResource === 'Unsubscribed').length === 1_000);
  t.true(posts(sandbox, 'Unsubscribe').length <= 6);
  t.is(sandbox.subscriptions().length, 0);
});

test('coalesce false: each call is a POST of its own', async (t) => {
  const { sandbox, client } = await open(t, { ...anything, coalesce: false });
  await Promise.all([['a'], ['b', 'c'], ['d']].map((own) => all(client.subscribe(own))));
  t.deepEqual(
    posts(sandbox)
      .map(({ workbinIds }) => workbinIds?.join())
      .sort(),
    ['a', 'b,c', 'd'],
  );
});

test('coalesce false: what leaves in one turn, or is restored, shares no request either', async (t) => {
  const { sandbox, client, clock } = await open(t, { ...anything, coalesce: false });
  const watching = [['a'], ['b', 'c']].map((own) => record(client.watch(own)));
  await Promise.all(watching.map((each) => each.until(({ type }) => type === 'state')));
  await watching[1]?.count(3);
  await all(client.subscribe(['d', 'e']));
  sandbox.killBayeuxSessions();
  await passWhile(clock, Promise.all(watching.map((each) => each.until(({ type }) => type === 'gap'))));
  while (posts(sandbox).length < 7) await turn();
  const together = (operation: string): readonly (string | undefined)[] =>
    posts(sandbox, operation)
      .map(({ workbinIds }) => workbinIds?.join())
      .sort();
  t.deepEqual(together('Subscribe'), ['a', 'a', 'b,c', 'b,c', 'd', 'd,e', 'e']);
  for (const { subscription } of watching) subscription.unsubscribe();
  while (sandbox.subscriptions().length > 2) await turn();
  t.deepEqual(together('Unsubscribe'), ['a', 'b,c']);
});

test('coalescing: the same id twice at once is sent once', async (t) => {
  const { sandbox, client } = await open(t);
  const events = await Promise.all([all(client.subscribe(A)), all(client.subscribe([A, A])), all(client.subscribe(A))]);
  for (const own of events) t.deepEqual(own.map(brief), [`accepted ${A}`, `Subscribed ${A}`]);
  t.deepEqual(
    posts(sandbox).map(({ path }) => path),
    [`/api/v2/me/workbins/${A}`],
  );
});

test('coalescing: what auth takes of a request is not given to its URL', async (t) => {
  const sandbox = await start(t, anything.sandbox);
  const fetch = fetchWithCookies(sandbox);
  const lengths: number[] = [];
  const { client } = connect(t, sandbox, {
    auth: () => ({
      authorization: `Basic ${btoa(`${sandbox.username}:${sandbox.password}`)}`,
      'x-identity': 'j'.repeat(3_000),
    }),
    fetch: async (input, init) => {
      const fields = [...new Headers(init?.headers)].map((field) => field.join(': ')).join('\r\n');
      lengths.push(JSON.stringify(input).length + fields.length);
      return fetch(input, init);
    },
  });
  t.is((await record(client.subscribe(ids(1_000))).ended).outcome, 'complete');
  t.true(Math.max(...lengths) < jetty - 1_200, String(Math.max(...lengths)));
  t.true(posts(sandbox).length <= 12);
});

test('maxUrlLength: cuts by the length of the whole URL, and a single id goes however long it is', async (t) => {
  const maxUrlLength = 150;
  const { sandbox, client } = await open(t, { ...anything, maxUrlLength });
  const long = 'x'.repeat(200);
  const wanted = [...ids(5), long, 'ü'.repeat(10)];
  await all(client.subscribe(wanted));
  const sent = posts(sandbox);
  t.deepEqual(new Set(sent.flatMap(({ workbinIds = [] }) => workbinIds)), new Set(wanted));
  for (const { path, workbinIds = [] } of sent) {
    t.true(sandbox.url.length + path.length <= maxUrlLength || workbinIds.length === 1, path);
  }
  t.true(sent.some(({ workbinIds }) => workbinIds?.length === 2));
});

for (const when of ['at once', 'while the first is on its way'] as const) {
  test(`subscribe, unsubscribe, subscribe: one goes after another, asked ${when}`, async (t) => {
    const { sandbox, client } = await open(t);
    sandbox.fault({}, { kind: 'push', copies: 0 });
    const first = record(client.subscribe(A));
    if (when !== 'at once') await first.count(1);
    const second = record(client.unsubscribe(A));
    const third = record(client.subscribe(A));
    const sent = (): readonly string[] => sandbox.requests.flatMap(({ operationName }) => operationName ?? []);
    const confirm = async (
      pending: typeof first,
      goal: 'Subscribed' | 'Unsubscribed',
      soFar: number,
    ): Promise<void> => {
      await pending.count(1);
      // Time enough for what would not wait.
      for (let turns = 0; turns < 20; turns++) await turn();
      t.is(sent().length, soFar);
      sandbox.push(state(goal, A));
      t.is((await pending.ended).outcome, 'complete');
    };
    await confirm(first, 'Subscribed', 1);
    await confirm(second, 'Unsubscribed', 2);
    await confirm(third, 'Subscribed', 3);
    t.deepEqual(sent(), ['Subscribe', 'Unsubscribe', 'Subscribe']);
  });
}

test('subscribe: an operation on another workbin does not wait', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ workbinId: A }, { kind: 'hang' });
  const waiting = record(client.subscribe(A));
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  await all(client.subscribe(B));
  t.is(waiting.outcome, 'open');
});

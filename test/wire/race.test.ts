import test from 'ava';
import { merge, map } from 'rxjs';
import { isRequestFailedError, isTimeoutError } from '../../src/index.js';
import {
  A,
  accountOf,
  AGENT,
  all,
  B,
  brief,
  COLLEAGUE,
  fetchWithCookies,
  connect,
  named,
  nonPolls,
  open,
  posts,
  record,
  start,
  state,
  turn,
} from './wire.js';

for (const push of ['before', 'with', 'after'] as const) {
  for (const ids of [[A], [A, B]]) {
    test(`subscribe: accepted comes first with the push ${push} the reply, ${ids.length} of them`, async (t) => {
      const { client } = await open(t, { sandbox: { push } });
      const events = await all(client.subscribe(ids));
      t.deepEqual(events.map(brief), [`accepted ${ids.join()}`, ...ids.map((id) => `Subscribed ${id}`)]);
    });
  }
}

test('subscribe: messages that overtake the reply wait for it, and follow it at once', async (t) => {
  const sandbox = await start(t);
  const fetch = fetchWithCookies(sandbox);
  let letReplyThrough = (): void => undefined;
  const held = new Promise<void>((resolve) => (letReplyThrough = resolve));
  const { client } = connect(t, sandbox, {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (typeof init?.body === 'string' && init.body.includes('operationName')) await held;
      return response;
    },
  });
  const log = record(
    merge(client.notifications$.pipe(map(({ id }) => `message ${id}`)), client.subscribe([A, B]).pipe(map(brief))),
  );
  await log.until((line) => line === `message ${B}`);
  t.deepEqual(log.values, [`message ${A}`, `message ${B}`]);
  letReplyThrough();
  await log.until((line) => line === `Subscribed ${B}`);
  t.deepEqual(log.values.slice(2), [`accepted ${A},${B}`, `Subscribed ${A}`, `Subscribed ${B}`]);
});

test('subscribe: a message long after the reply completes it', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const subscribing = record(client.subscribe(A));
  await subscribing.count(1);
  clock.advance(29_999);
  t.is(subscribing.outcome, 'open');
  sandbox.push(state('Subscribed', A));
  t.is((await subscribing.ended).outcome, 'complete');
});

test('subscribe: messages in another order come in theirs', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', reverse: true });
  t.deepEqual((await all(client.subscribe([A, B]))).map(brief), [
    `accepted ${A},${B}`,
    `Subscribed ${B}`,
    `Subscribed ${A}`,
  ]);
});

test('subscribe: a doubled message is one event', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 3 });
  const events = await all(client.subscribe([A, B]));
  t.deepEqual(events.map(brief), [`accepted ${A},${B}`, `Subscribed ${A}`, `Subscribed ${B}`]);
});

test('subscribe: a message that never comes is a timeout with the name of the workbin, the others are kept', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({}, { kind: 'push', change: (message) => (message['id'] === B ? undefined : message) });
  const subscribing = record(client.subscribe([A, B], { timeout: 7_000 }));
  await subscribing.until((event) => event.type === 'state');
  clock.advance(6_999);
  t.is(subscribing.outcome, 'open');
  clock.advance(1);
  const account = await accountOf(subscribing);
  t.deepEqual(account.subscribed, [A]);
  t.deepEqual([...account.failed.keys()], [B]);
  const [error] = account.failed.values();
  t.true(isTimeoutError(error) && error.timeout === 7_000);
  t.regex(error?.message ?? '', /no confirmation/);
  t.true(account.message.includes(B));
});

test('subscribe: a reply that never comes is a timeout, whatever the message said', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
  const subscribing = record(client.subscribe(A, { timeout: 5_000 }));
  const notifications = record(client.notifications$);
  await sandbox.request(({ operationName }) => operationName === 'Subscribe');
  sandbox.push(state('Subscribed', A));
  await notifications.count(1);
  t.deepEqual(subscribing.values, []);
  clock.advance(5_000);
  const [error] = (await accountOf(subscribing)).failed.values();
  t.true(isTimeoutError(error));
  t.regex(error?.message ?? '', /no HTTP reply/);
});

test('subscribe: no timeout at all waits', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const subscribing = record(client.subscribe(A, { timeout: Infinity }));
  await subscribing.count(1);
  clock.advance(29_000);
  sandbox.push(state('Subscribed', A));
  t.is((await subscribing.ended).outcome, 'complete');
});

test('subscribe: the topic is acknowledged before the POST goes out', async (t) => {
  const { sandbox, client } = await open(t);
  sandbox.fault({ channel: '/meta/subscribe' }, { kind: 'delay', ms: 30 });
  const seen: (number | undefined)[] = [];
  const arrived = sandbox.request(({ operationName }) => {
    if (operationName !== 'Subscribe') return false;
    seen.push(sandbox.requests.find(({ bayeux }) => bayeux?.includes('/meta/subscribe'))?.status);
    return true;
  });
  await all(client.subscribe(A));
  await arrived;
  t.deepEqual(seen, [200]);
});

test('subscribe: four requests one after another from cold, no fifth, and one when warm', async (t) => {
  const { sandbox, client } = await open(t);
  const open$: number[] = [];
  const seen = new Set<unknown>();
  void sandbox.request((request) => {
    if (!seen.has(request) && nonPolls(sandbox).includes(request)) {
      seen.add(request);
      open$.push(nonPolls(sandbox).filter(({ status }) => status === undefined).length);
    }
    return false;
  });
  await all(client.subscribe(A));
  const cold = ['GET /api/v2/me', '/meta/handshake', '/meta/subscribe', 'Subscribe'];
  t.deepEqual(nonPolls(sandbox).map(named), cold);
  t.deepEqual(open$, [1, 1, 1, 1]);
  await all(client.subscribe(B));
  t.deepEqual(nonPolls(sandbox).map(named), [...cold, 'Subscribe']);
});

interface Match {
  readonly of: 'me' | 'any' | 'user' | 'group';
  readonly foreign: object;
  readonly own: object;
}

const matches: Readonly<Record<string, Match>> = {
  'of another request': { of: 'me', foreign: { referenceId: 99 }, own: { referenceId: 1 } },
  'of another user': { of: 'me', foreign: { workbinUserId: COLLEAGUE }, own: { workbinUserId: AGENT } },
  'of another user than the one asked for': { of: 'user', foreign: { workbinUserId: AGENT }, own: {} },
  'of a group': { of: 'me', foreign: { agentGroup: 'Claims' }, own: {} },
  'of another group': { of: 'group', foreign: { agentGroup: 'Sales' }, own: { agentGroup: 'Claims' } },
  'of a group of the other kind': { of: 'group', foreign: { placeGroup: 'Claims' }, own: {} },
  'of another operation': { of: 'any', foreign: { stateResource: 'Unsubscribed' }, own: { workbinUserId: COLLEAGUE } },
  'of another workbin': { of: 'any', foreign: { id: B }, own: {} },
};

for (const [title, { of, foreign, own }] of Object.entries(matches)) {
  test(`subscribe: a message ${title} settles nothing`, async (t) => {
    const { sandbox, client } = await open(t);
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
    const scopes = {
      me: client,
      any: client.any,
      user: client.forUser(COLLEAGUE),
      group: client.forAgentGroup('Claims'),
    };
    const subscribing = record(scopes[of].subscribe(A));
    await subscribing.count(1);
    sandbox.push({ ...state('Subscribed', A), ...foreign });
    sandbox.push({ ...state('Subscribed', A), ...own, is: 'meant' });
    await subscribing.ended;
    t.deepEqual(
      subscribing.values.slice(1).map(({ type, ...event }) => ('message' in event ? event.message : type)),
      [{ ...state('Subscribed', A), ...own, is: 'meant' }] as never,
    );
  });
}

test('subscribe: RequestFailed for one of several waits for the others, and is in the account', async (t) => {
  const { sandbox, client, clock } = await open(t);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const subscribing = record(client.subscribe([A, B]));
  await subscribing.count(1);
  sandbox.push(state('RequestFailed', A));
  await subscribing.count(2);
  clock.advance(1_000);
  await turn();
  t.is(subscribing.outcome, 'open');
  sandbox.push(state('Subscribed', B));
  const account = await accountOf(subscribing);
  t.deepEqual(subscribing.values.map(brief), [`accepted ${A},${B}`, `RequestFailed ${A}`, `Subscribed ${B}`]);
  t.deepEqual(account.subscribed, [B]);
  t.true(isRequestFailedError(account.failed.get(A)));
});

for (const statusCode of [0, 7]) {
  test(`subscribe: an id missing from referenceIds with statusCode ${statusCode} waits for the others`, async (t) => {
    const { sandbox, client } = await open(t);
    const body = { statusCode, referenceIds: { [A]: 5 } };
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'reply', body });
    const subscribing = record(client.subscribe([A, B]));
    await subscribing.count(1);
    await turn();
    t.is(subscribing.outcome, 'open');
    sandbox.push(state('Subscribed', B));
    sandbox.push(state('Subscribed', A));
    const account = await accountOf(subscribing);
    t.deepEqual(subscribing.values.map(brief), [`accepted ${A},${B}`, `Subscribed ${A}`]);
    t.deepEqual(account.subscribed, [A]);
    t.deepEqual([...account.failed.keys()], [B]);
    t.like(account.failed.get(B), { code: 'api', statusCode });
    t.is(posts(sandbox).length, 1);
  });
}

test('subscribe: a message with its reference id settles it, whoever it says owns the workbin', async (t) => {
  const { sandbox, client } = await open(t, { sandbox: { referenceIdInMessages: true } });
  sandbox.fault(
    { operation: 'Subscribe' },
    { kind: 'push', change: (message) => ({ ...(message as object), workbinUserId: 'somebody' }) },
  );
  t.deepEqual(
    (await all(client.subscribe(A))).map(({ type }) => type),
    ['accepted', 'state'],
  );
});

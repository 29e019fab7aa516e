import test from 'ava';
import fc from 'fast-check';
import { WorkbinNotification } from '../../src/index.js';
import {
  A,
  accountOf,
  all,
  B,
  brief,
  connect,
  fetchWithCookies,
  named,
  nonPolls,
  open,
  passWhile,
  record,
  start,
  state,
  warm,
} from './wire.js';

const item = { messageType: 'WorkbinStateChangeMessage', id: A, action: 'ItemAdded' };

const malformed: Readonly<Record<string, unknown>> = {
  null: null,
  'a string': 'Subscribed',
  'a number': 42,
  'a boolean': false,
  'an array': [state('Subscribed', A)],
  'an empty object': {},
  'no id': { ...state('Subscribed', A), id: undefined },
  'an id that is a number': { ...state('Subscribed', A), id: 7 },
  'a state that is not documented': { ...state('Subscribed', A), stateResource: 'Exploded' },
  'a referenceId that is a string': { ...state('Subscribed', A), referenceId: '14' },
  'a group that is an object': { ...state('Subscribed', A), agentGroup: {} },
  'another messageType': { ...state('Subscribed', A), messageType: 'CallStateChangeMessage' },
  'an item without an action': { ...item, action: undefined },
};

for (const [title, value] of Object.entries(malformed)) {
  test(`a message that is ${title}: is reported with its reasons, and stops nothing`, async (t) => {
    const { sandbox, client } = await open(t);
    const [undecoded, notifications] = [record(client.undecoded$), record(client.notifications$)];
    sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
    const subscribing = record(client.subscribe(A));
    await subscribing.count(1);
    sandbox.push(value);
    const report = await undecoded.until(() => true);
    t.deepEqual(report.value, JSON.parse(JSON.stringify(value)));
    t.true(report.reasons.length > 0 && report.reasons.every((reason) => /^.+: .+/.test(reason)));
    t.is(subscribing.outcome, 'open');
    sandbox.push(state('Subscribed', A));
    t.is((await subscribing.ended).outcome, 'complete');
    t.deepEqual(notifications.values, [state('Subscribed', A)]);
  });
}

test('a message of another channel: is nobody’s', async (t) => {
  const { sandbox, client } = await open(t);
  const undecoded = record(client.undecoded$);
  await all(client.subscribe(A));
  sandbox.push({ odd: true }, { channel: '/v2/me/calls' });
  sandbox.push({ odd: 'on the topic' });
  t.deepEqual((await undecoded.until(() => true)).value, { odd: 'on the topic' });
});

const nearly = fc
  .record(
    {
      messageType: fc.constantFrom('WorkbinSubscriptionStateChangeMessage', 'WorkbinStateChangeMessage', 'x'),
      id: fc.oneof(fc.constantFrom(A, B, '__proto__'), fc.jsonValue()),
      stateResource: fc.oneof(fc.constantFrom('Subscribed', 'Unsubscribed', 'RequestFailed'), fc.jsonValue()),
      action: fc.oneof(fc.string(), fc.jsonValue()),
      referenceId: fc.oneof(fc.integer(), fc.jsonValue()),
      workbinUserId: fc.oneof(fc.string(), fc.jsonValue()),
      chatStateResourceV2: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((message): unknown => message);

const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What is null may as well be left out, where that makes a message of it. */
const lenient = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const rest = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
  return WorkbinNotification.is(rest) ? rest : value;
};

test('a null in a field that may be left out: is as good as left out', async (t) => {
  const wire = await open(t);
  const { sandbox, client } = wire;
  await warm(wire);
  const watching = record(client.watch(A));
  await watching.count(2);
  sandbox.push({ ...item, id: A, workbinUserId: null, referenceId: null });
  await watching.count(3);
  t.is(watching.values.at(-1)?.type, 'item');
});

test('whatever comes on the topic: is either decoded or reported, in its order, and the session goes on', async (t) => {
  const wire = await open(t);
  const { sandbox, client } = wire;
  await warm(wire);
  const [undecoded, notifications] = [record(client.undecoded$), record(client.notifications$)];
  const watching = record(client.watch([A, B]));
  await watching.count(3);
  let round = 0;
  const property = fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue(), nearly), { maxLength: 8 }), async (values) => {
    const end = `end ${++round}`;
    const from = { undecoded: undecoded.values.length, notifications: notifications.values.length };
    for (const value of values) sandbox.push(value);
    sandbox.push({ ...item, id: end });
    await notifications.until(({ id }) => id === end);
    const sent = values.map(asSent).map((value) => (WorkbinNotification.is(value) ? value : lenient(value)));
    t.deepEqual(
      undecoded.values.slice(from.undecoded).map(({ value }) => value),
      sent.filter((value) => !WorkbinNotification.is(value)),
    );
    t.deepEqual(
      notifications.values.slice(from.notifications, -1) as unknown[],
      sent.filter((value) => WorkbinNotification.is(value)),
    );
  });
  await fc.assert(property, { seed: 20_261_122, numRuns: 100 });
  t.true(undecoded.values.every(({ reasons }) => reasons.length > 0));
  t.is(watching.outcome, 'open');
  t.deepEqual((await all(client.any.subscribe(B))).map(brief), [`accepted ${B}`, `Subscribed ${B}`]);
});

test('whatever Subscribe is answered with: every workbin settles', async (t) => {
  const { sandbox, client, clock } = await open(t, { timeout: 50, retry: { maxAttempts: 1 } });
  const status = fc.constantFrom(200, 200, 200, 201, 400, 404, 500, 503);
  const referenceIds = fc.oneof(fc.dictionary(fc.constantFrom(A, B, 'x'), fc.jsonValue()), fc.jsonValue());
  const reply = fc.record(
    { statusCode: fc.oneof(fc.constantFrom(0, 7, 6), fc.jsonValue()), referenceId: fc.jsonValue(), referenceIds },
    { requiredKeys: [] },
  );
  const body = fc.oneof(reply, fc.jsonValue(), fc.string());
  await all(client.subscribe(A));
  const property = fc.asyncProperty(status, body, async (given, answer) => {
    const lift = sandbox.fault({ operation: 'Subscribe' }, { kind: 'reply', status: given, body: answer });
    const subscribing = record(client.any.subscribe([A, B]));
    // Accepted, and then nothing comes; or refused.
    await Promise.race([subscribing.ended, subscribing.until(({ type }) => type === 'accepted')]);
    clock.advance(50);
    const { subscribed, failed } = await accountOf(subscribing);
    lift();
    t.deepEqual(subscribed, []);
    t.deepEqual(new Set(failed.keys()), new Set([A, B]));
  });
  await fc.assert(property, { seed: 20_261_122, numRuns: 60 });
  t.is((await record(client.any.subscribe([A, B])).ended).outcome, 'complete');
});

const bayeux: Readonly<Record<string, unknown>> = {
  'an HTML page': '<html>Log in</html>',
  'an empty array': [],
  'an array of nonsense': [null, 1, 'x'],
  'an object': { channel: '/meta/handshake' },
};

for (const [title, body] of Object.entries(bayeux)) {
  test(`a handshake that is answered with ${title}: is an account, not a hang`, async (t) => {
    const { sandbox, client, clock } = await open(t, { timeout: Infinity, retry: { maxAttempts: 2 } });
    sandbox.fault({ channel: '/meta/handshake' }, { kind: 'reply', body });
    const subscribing = record(client.subscribe(A));
    await passWhile(clock, subscribing.ended);
    t.true([...(await accountOf(subscribing)).failed.values()].every(({ code }) => code === 'connection'));
    t.is(clock.timers, 0);
  });
}

const misfits: Readonly<Record<string, unknown>> = {
  null: null,
  'a number': 7,
  'a string': '/meta/connect',
  'an empty array': [],
  'a message in an array': [{ channel: '/meta/connect', successful: false }],
  'an object without a channel': { successful: false },
  'a channel that is a number': { channel: 7 },
  'a channel that is null': { channel: null },
};

for (const [title, misfit] of Object.entries(misfits)) {
  test(`Bayeux answers that hold ${title} beside their messages: work all the same, and it is reported`, async (t) => {
    const sandbox = await start(t);
    const fetch = fetchWithCookies(sandbox);
    let answers = 0;
    const { client } = connect(t, sandbox, {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const values: unknown = JSON.parse(await response.text());
        // Bayeux alone answers with an array.
        if (!Array.isArray(values)) return Response.json(values, response);
        answers++;
        return Response.json([misfit, ...(values as unknown[]), misfit], response);
      },
    });
    const [undecoded, states] = [record(client.undecoded$), record(client.connection$)];
    const watching = record(client.watch(A));
    await watching.count(2);
    // The second one comes with another poll.
    for (const count of [3, 4]) {
      sandbox.addItem(A);
      await watching.count(count);
    }
    t.deepEqual(watching.values.map(brief), [`accepted ${A}`, `Subscribed ${A}`, `ItemAdded ${A}`, `ItemAdded ${A}`]);
    t.deepEqual(states.values, ['idle', 'connecting', 'connected']);
    t.deepEqual(nonPolls(sandbox).map(named), ['GET /api/v2/me', '/meta/handshake', '/meta/subscribe', 'Subscribe']);
    t.true(answers > 3);
    t.deepEqual(
      undecoded.values.map(({ value }) => value),
      new Array(2 * answers).fill(misfit),
    );
    t.true(undecoded.values.every(({ reasons }) => reasons.length > 0));
  });
}

const advices = [
  { timeout: 'soon' },
  { interval: 'never' },
  { timeout: null, interval: null },
  { timeout: {} },
  { timeout: 2 ** 31 },
  { timeout: -60_000 },
];

for (const advice of advices) {
  test(`Bayeux advice ${JSON.stringify(advice)}, which no timer can follow: ends no session`, async (t) => {
    const sandbox = await start(t);
    const fetch = fetchWithCookies(sandbox);
    const { client } = connect(t, sandbox, {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const values: unknown = JSON.parse(await response.text());
        // Bayeux alone answers with an array, of messages.
        if (!Array.isArray(values)) return Response.json(values, response);
        const advised = values.map((value) => ({ ...(value as object), advice: { reconnect: 'retry', ...advice } }));
        return Response.json(advised, response);
      },
    });
    const states = record(client.connection$);
    const watching = record(client.watch(A));
    await watching.count(2);
    for (const count of [3, 4]) {
      sandbox.addItem(A);
      await watching.count(count);
    }
    t.deepEqual(states.values, ['idle', 'connecting', 'connected']);
  });
}

import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import * as io from 'io-ts';
import {
  WorkbinNotification,
  WorkbinStateChangeMessage,
  WorkbinSubscriptionStateChangeMessage,
  isStateMessage,
} from '../../src/protocol/notification.js';
import { chat, state } from '../core/marbles.js';

const seed = 20_260_103;

const decodes = test.macro<[unknown, boolean]>({
  title: (_, value, expected) => `WorkbinNotification: ${JSON.stringify(value)} ${expected ? 'is' : 'is not'} one`,
  exec: (t, value, expected) => {
    const result = WorkbinNotification.decode(value);
    t.is(result._tag, expected ? 'Right' : 'Left');
    t.is(WorkbinNotification.is(value), expected);
    if (result._tag === 'Right') t.true(result.right === value);
    else t.true(result.left.length > 0);
  },
});
test(decodes, state('a'), true);
test(
  decodes,
  state('a', 'RequestFailed', { referenceId: 0, workbinUserId: '', agentGroup: 'g', placeGroup: 'p' }),
  true,
);
test(decodes, { ...state('a'), unknown: { deep: [1] } }, true);
test(decodes, chat('a', 'c1'), true);
test(decodes, chat('a', 'c1', 'ItemWhatever'), true);
test(decodes, { ...state('a'), stateResource: 'subscribed' }, false);
test(decodes, { ...state('a'), stateResource: 'toString' }, false);
test(decodes, { ...state('a'), messageType: 'CallStateChanged' }, false);
test(decodes, { ...state('a'), id: 7 }, false);
test(decodes, { ...state('a'), referenceId: '57' }, false);
test(decodes, { ...state('a'), workbinUserId: null }, false);
test(decodes, { ...chat('a', 'c1'), action: undefined }, false);
test(decodes, { ...chat('a', 'c1'), agentGroup: ['g'] }, false);
test(decodes, null, false);
test(decodes, 'Subscribed', false);
test(decodes, [state('a')], false);
test(decodes, {}, false);

test('isStateMessage: tells the two apart', (t) => {
  t.true(isStateMessage(state('a')));
  t.false(isStateMessage(chat('a', 'c1')));
});

const owners = io.partial({
  referenceId: io.number,
  workbinUserId: io.string,
  agentGroup: io.string,
  placeGroup: io.string,
});
/** The same two messages, as io-ts's own combinators say them. */
const byCombinators = [
  io.intersection([
    io.type({
      messageType: io.literal('WorkbinSubscriptionStateChangeMessage'),
      id: io.string,
      stateResource: io.keyof({ Subscribed: null, Unsubscribed: null, RequestFailed: null }),
    }),
    owners,
  ]),
  io.intersection([
    io.type({ messageType: io.literal('WorkbinStateChangeMessage'), id: io.string, action: io.string }),
    owners,
  ]),
];
/** The paths that do not fit; io-ts tells once for each part of an intersection. */
const pathsOf = (result: io.Validation<unknown>): ReadonlySet<string> =>
  new Set(
    result._tag === 'Right'
      ? []
      : result.left
          .map(({ context }) => context.flatMap(({ key }) => (/^\d*$/.test(key) ? [] : [key])).join('.'))
          .sort(),
  );

/** The codec by hand agrees with the two that are exported, and these with io-ts's, in what they take, give and tell. */
const agrees = (value: unknown): void => {
  for (const [at, own] of [WorkbinSubscriptionStateChangeMessage, WorkbinStateChangeMessage].entries()) {
    const reference = byCombinators[at];
    assert.equal(own.is(value), reference?.is(value));
    assert.deepEqual(pathsOf(own.decode(value)), reference && pathsOf(reference.decode(value)));
  }
  const byHand = WorkbinNotification.decode(value);
  const byCodec = [WorkbinSubscriptionStateChangeMessage, WorkbinStateChangeMessage].some(
    (codec) => codec.decode(value)._tag === 'Right',
  );
  const isByCodec = WorkbinSubscriptionStateChangeMessage.is(value) || WorkbinStateChangeMessage.is(value);
  assert.equal(byHand._tag === 'Right', byCodec);
  assert.equal(WorkbinNotification.is(value), isByCodec);
  assert.equal(isByCodec, byCodec);
  if (byHand._tag === 'Right') assert.equal(byHand.right, value);
};

const valid = fc.oneof(
  fc.record(
    {
      messageType: fc.constant('WorkbinSubscriptionStateChangeMessage'),
      id: fc.string(),
      stateResource: fc.constantFrom('Subscribed', 'Unsubscribed', 'RequestFailed'),
      referenceId: fc.double(),
      workbinUserId: fc.string(),
      agentGroup: fc.string(),
      placeGroup: fc.string(),
    },
    { requiredKeys: ['messageType', 'id', 'stateResource'] },
  ),
  fc.record(
    {
      messageType: fc.constant('WorkbinStateChangeMessage'),
      id: fc.string(),
      action: fc.string(),
      chatStateResourceV2: fc.jsonValue(),
      referenceId: fc.double(),
      workbinUserId: fc.string(),
      agentGroup: fc.string(),
      placeGroup: fc.string(),
    },
    { requiredKeys: ['messageType', 'id', 'action'] },
  ),
);
const fields = [
  'messageType',
  'id',
  'stateResource',
  'action',
  'referenceId',
  'workbinUserId',
  'agentGroup',
  'placeGroup',
  'chatStateResourceV2',
  '__proto__',
];
/** What stands in for a field's value: the other type's words among them. */
const replacement = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    undefined,
    'Subscribed',
    'subscribed',
    'toString',
    'WorkbinStateChangeMessage',
    'WorkbinSubscriptionStateChangeMessage',
  ),
);

test('WorkbinNotification: the check by hand agrees with the codecs on any JSON value', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.jsonValue(), agrees), { seed, numRuns: 1000 }));
});

test('WorkbinNotification: the check by hand agrees with the codecs on valid messages, and takes them', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(valid, (value) => {
        agrees(value);
        assert.ok(WorkbinNotification.is(value));
      }),
      { seed, numRuns: 500 },
    ),
  );
});

test('WorkbinNotification: the check by hand agrees with the codecs on near-misses', (t) => {
  let misses = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(valid, fc.constantFrom(...fields), replacement, fc.boolean(), (value, field, other, isMissing) => {
        const changed = new Map<string, unknown>(Object.entries(value));
        if (isMissing) changed.delete(field);
        else changed.set(field, other);
        const near: unknown = Object.fromEntries(changed);
        if (!WorkbinNotification.is(near)) misses += 1;
        agrees(near);
      }),
      { seed, numRuns: 5000 },
    ),
  );
  t.log(`${misses} of 5000 are no notification`);
  t.true(misses > 1000 && misses < 4000);
});

test('WorkbinNotification: decoding never throws, whatever it is given', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withSparseArray: true,
          withSet: true,
        }),
        (value) => {
          const result = WorkbinNotification.decode(value);
          assert.equal(result._tag === 'Right', WorkbinNotification.is(value));
        },
      ),
      { seed, numRuns: 2000 },
    ),
  );
});

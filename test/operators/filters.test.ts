import test from 'ava';
import type { OperatorFunction } from 'rxjs';
import type { WatchEvent } from '../../src/core/events.js';
import { NetworkError } from '../../src/errors.js';
import { ofState } from '../../src/operators/ofState.js';
import { ofUser } from '../../src/operators/ofUser.js';
import { ofWorkbin } from '../../src/operators/ofWorkbin.js';
import type { WorkbinNotification } from '../../src/protocol/notification.js';
import {
  accepted,
  ann,
  bob,
  chat,
  chatEvent,
  failed,
  gap,
  marbles,
  oddIds,
  state,
  stateEvent,
} from '../core/marbles.js';

type Value = WorkbinNotification | WatchEvent;

type Values = Readonly<Record<string, Value>>;

const passes = test.macro<[OperatorFunction<Value, Value>, Values, string, string]>(
  (t, operator, values, given, passed) => {
    const [source, result] = [`--${given}`, `--${passed}`];
    marbles(t, ({ hot, expectObservable, expectSubscriptions }) => {
      const completing$ = hot<Value>(`${source}|`, values);
      const failing$ = hot<Value>(`${source}#`, values, 'lost');
      const endless$ = hot<Value>(source, values);
      expectObservable(completing$.pipe(operator)).toBe(`${result}|`, values);
      expectObservable(failing$.pipe(operator)).toBe(`${result}#`, values, 'lost');
      expectObservable(endless$.pipe(operator)).toBe(result, values);
      expectObservable(endless$.pipe(operator), '^!').toBe('-');
      expectSubscriptions(completing$.subscriptions).toBe(`^${'-'.repeat(source.length - 1)}!`);
      expectSubscriptions(endless$.subscriptions).toBe(['^', '^!']);
    });
  },
);

const notifications: Readonly<Record<string, Value>> = {
  a: state('a'),
  b: state('b', 'RequestFailed', { workbinUserId: 'bob' }),
  u: state('a', 'Unsubscribed', { workbinUserId: 'ann' }),
  c: chat('a', 'c1', 'ItemAdded', { workbinUserId: 'ann' }),
  d: chat('d', 'c1'),
};
const events: Readonly<Record<string, Value>> = {
  A: accepted(['a', 'b'], [1, 2]),
  B: accepted(['b'], [2]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b', 'RequestFailed')),
  u: stateEvent(state('a', 'Unsubscribed')),
  i: chatEvent('a', 'c1'),
  j: chatEvent('b', 'c1'),
  g: gap('a', 'b'),
  h: gap('b'),
  f: failed('a', new NetworkError('refused')),
};

test('ofWorkbin: notifications pass by id', passes, ofWorkbin('a', 'd'), notifications, 'abucd', 'a-ucd');
test('ofWorkbin: events pass if they name the workbin', passes, ofWorkbin('a'), events, 'ABabuijghf', 'A-a-ui-g-f');
test('ofWorkbin: no id lets nothing pass', passes, ofWorkbin(), events, 'ABaig', '-----');
for (const id of oddIds) {
  const values = { a: state('a'), o: state(id), i: chatEvent(id, 'c1') };
  test(`ofWorkbin: ${id} is an id like any other`, passes, ofWorkbin(id), values, 'aoi', '-oi');
  test(`ofWorkbin: ${id} does not pass for another`, passes, ofWorkbin('a'), values, 'aoi', 'a--');
}

test('ofUser: notifications pass by their workbinUserId', passes, ofUser('ann'), notifications, 'abucd', '--uc-');
test(
  'ofUser: events pass by their workbinUserId, else by their scope',
  passes,
  ofUser('ann'),
  {
    m: stateEvent(state('a')),
    a: stateEvent(state('a'), ann),
    b: stateEvent(state('a'), bob),
    n: stateEvent(state('a', 'Subscribed', { workbinUserId: 'ann' })),
    s: stateEvent(state('a', 'Subscribed', { workbinUserId: 'bob' }), ann),
    A: accepted(['a'], [1], { scope: ann }),
    B: accepted(['a'], [1], { scope: bob }),
    i: chatEvent('a', 'c1', 'ItemAdded', ann),
    g: { ...gap('a'), scope: ann },
    h: gap('a'),
  },
  'mabnsABigh',
  '-a-n-A-ig-',
);
test(
  'ofUser: what a notification happens to call its scope is not believed',
  passes,
  ofUser('ann'),
  { x: { ...chat('a', 'c1'), scope: ann }, y: chat('a', 'c1', 'ItemAdded', { workbinUserId: 'ann' }) },
  'xy',
  '-y',
);

test(
  'ofState: notifications pass by their stateResource',
  passes,
  ofState('Subscribed'),
  notifications,
  'abucd',
  'a----',
);
test(
  'ofState: events pass by their state',
  passes,
  ofState('Subscribed', 'Unsubscribed'),
  events,
  'ABabuijghf',
  '--a-u-----',
);
test(
  'ofState: none given lets every state pass, and nothing else',
  passes,
  ofState(),
  events,
  'ABabuijghf',
  '--abu-----',
);
test('ofState: none given lets every notification of a state pass', passes, ofState(), notifications, 'abucd', 'abu--');
test('ofState: RequestFailed passes where it is asked for', passes, ofState('RequestFailed'), events, 'Aabu', '--b-');

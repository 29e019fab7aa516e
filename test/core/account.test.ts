import test from 'ava';
import { account } from '../../src/core/account.js';
import type { FailedEvent, SubscriptionEvent } from '../../src/core/events.js';
import { ArgumentError, NetworkError } from '../../src/errors.js';
import { type Told, accepted, failed, marbles, state, stateEvent, telling } from './marbles.js';

interface Line {
  readonly source: string;
  readonly result: string;
  readonly error?: Told;
  readonly sourceError?: unknown;
  readonly unsubscription?: string;
  readonly subscriptions: string;
}

const values: Record<string, SubscriptionEvent | FailedEvent> = {
  A: accepted(['a', 'b'], [1, 2]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b')),
  u: stateEvent(state('a', 'Unsubscribed')),
  r: stateEvent(state('a', 'RequestFailed')),
  x: failed('a', new NetworkError('refused')),
  y: failed('b', new ArgumentError('empty')),
};

const accounts = test.macro<[Line]>({
  title: (title = '') => `account: ${title}`,
  exec: (t, { source, result, error, sourceError, unsubscription, subscriptions }) => {
    marbles(t, ({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(source, values, sourceError);
      expectObservable(source$.pipe(account('Subscribe'), telling()), unsubscription).toBe(result, values, error);
      expectSubscriptions(source$.subscriptions).toBe(subscriptions);
    });
  },
});

test('events pass, and complete', accounts, {
  source: '       --A-a-b-|',
  result: '       --A-a-b-|',
  subscriptions: '^-------!',
});
test('what failed is told at the end, not on the way', accounts, {
  source: '       --x-A-a-y-|',
  result: '       ----A-a---#',
  error: { subscribed: ['a'], failed: ['a: network', 'b: argument'] },
  subscriptions: '^---------!',
});
test('Unsubscribed counts as done', accounts, {
  source: '       --u-y-|',
  result: '       --u---#',
  error: { subscribed: ['a'], failed: ['b: argument'] },
  subscriptions: '^-----!',
});
test('RequestFailed passes, and does not count as done', accounts, {
  source: '       --(rx)-b-|',
  result: '       --r----b-#',
  error: { subscribed: ['b'], failed: ['a: network'] },
  subscriptions: '^--------!',
});
test('an error of the source goes its own way', accounts, {
  source: '       --x-a-#',
  result: '       ----a-#',
  sourceError: new NetworkError('lost'),
  error: 'network',
  subscriptions: '^-----!',
});
test('unsubscribing leaves the source', accounts, {
  source: '        --a---b-',
  result: '        --a-----',
  unsubscription: '----!   ',
  subscriptions: ' ^---!   ',
});
test('a source that never ends is no error', accounts, {
  source: '       --x---',
  result: '       ------',
  subscriptions: '^-----',
});

test('account: each subscription keeps its own', (t) => {
  marbles(t, ({ cold, expectObservable }) => {
    const seen$ = cold('x|', values).pipe(account('Subscribe'), telling());
    const error: Told = { subscribed: [], failed: ['a: network'] };
    expectObservable(seen$, '^').toBe('     -#', values, error);
    expectObservable(seen$, '-----^').toBe('------#', values, error);
  });
});

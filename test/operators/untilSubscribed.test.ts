import test from 'ava';
import { NetworkError, SubscriptionError } from '../../src/errors.js';
import { type UntilSubscribedOptions, untilSubscribed } from '../../src/operators/untilSubscribed.js';
import type { WorkbinNotification } from '../../src/protocol/notification.js';
import { of } from 'rxjs';
import { type Told, ann, chat, marbles, me, oddIds, state, telling } from '../core/marbles.js';

interface Line {
  readonly ids?: string | readonly string[];
  readonly options?: UntilSubscribedOptions;
  readonly values?: Readonly<Record<string, WorkbinNotification>>;
  readonly source: string;
  readonly result: string;
  readonly error?: Told;
  readonly sourceError?: unknown;
  readonly unsubscription?: string;
  readonly subscriptions: string | readonly string[];
}

const common: Record<string, WorkbinNotification> = {
  a: state('a'),
  b: state('b'),
  z: state('z'),
  f: state('a', 'RequestFailed'),
  u: state('a', 'Unsubscribed'),
  i: chat('a', 'c1'),
};

const completes = test.macro<[Line]>({
  title: (title = '') => `untilSubscribed: ${title}`,
  exec: (
    t,
    { ids = ['a', 'b'], options, values = {}, source, result, error, sourceError, unsubscription, subscriptions },
  ) => {
    const all = { ...common, ...values };
    marbles(t, ({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(source, all, sourceError);
      expectObservable(source$.pipe(untilSubscribed(ids, options), telling()), unsubscription).toBe(result, all, error);
      expectSubscriptions(source$.subscriptions).toBe([subscriptions].flat());
    });
  },
});

test('completes with the last confirmation, inclusive', completes, {
  source: '       --b--z-i-a--b-',
  result: '       --b--z-i-(a|) ',
  subscriptions: '^--------!    ',
});
test('one id may come as a string', completes, {
  ids: 'a',
  source: '       --b--a--',
  result: '       --b--(a|)',
  subscriptions: '^----!  ',
});
test('no id completes at once', completes, {
  ids: [],
  source: '--a--',
  result: '|    ',
  subscriptions: [],
});
test('an id that is given twice counts once', completes, {
  ids: ['a', 'a'],
  source: '       --a--',
  result: '       --(a|)',
  subscriptions: '^-!  ',
});
test('a doubled confirmation counts once', completes, {
  source: '       --a-a-b--',
  result: '       --a-a-(b|)',
  subscriptions: '^-----!  ',
});
test('Unsubscribed and items settle nothing', completes, {
  ids: 'a',
  source: '       --u-i-a--',
  result: '       --u-i-(a|)',
  subscriptions: '^-----!  ',
});
test('RequestFailed is an error once the rest has settled', completes, {
  source: '       --f--z-b--',
  result: '       --f--z-(b#)',
  error: { subscribed: ['b'], failed: ['a: request-failed'] },
  subscriptions: '^------!  ',
});
test('RequestFailed of the last is an error with it', completes, {
  source: '       --b--f--',
  result: '       --b--(f#)',
  error: { subscribed: ['b'], failed: ['a: request-failed'] },
  subscriptions: '^----!  ',
});
test('a source that completes before is an error', completes, {
  source: '       --a--|',
  result: '       --a--#',
  error: { subscribed: ['a'], failed: ['b: closed'] },
  subscriptions: '^----!',
});
test("a source's error goes through", completes, {
  source: '       --a--#',
  result: '       --a--#',
  sourceError: new NetworkError('lost'),
  error: 'network',
  subscriptions: '^----!',
});
test('a source that never ends is waited for', completes, {
  source: '       --a---',
  result: '       --a---',
  subscriptions: '^-----',
});
test('unsubscribing leaves the source', completes, {
  source: '        --a---b-',
  result: '        --a-----',
  unsubscription: '----!   ',
  subscriptions: ' ^---!   ',
});
test("with a scope, another user's confirmation settles nothing", completes, {
  ids: 'a',
  options: { scope: ann },
  values: {
    x: state('a', 'RequestFailed', { workbinUserId: 'bob' }),
    y: state('a', 'Subscribed', { workbinUserId: 'ann' }),
  },
  source: '       --x--y--',
  result: '       --x--(y|)',
  subscriptions: '^----!  ',
});
test("with scope me, its own user's confirmation is the one", completes, {
  ids: 'a',
  options: { scope: me, ownUserId: 'me-1' },
  values: {
    x: state('a', 'Subscribed', { workbinUserId: 'ann' }),
    y: state('a', 'Subscribed', { workbinUserId: 'me-1' }),
  },
  source: '       --x--y--',
  result: '       --x--(y|)',
  subscriptions: '^----!  ',
});
test('without a scope, whoever owns the workbin', completes, {
  ids: 'a',
  values: { x: state('a', 'Subscribed', { workbinUserId: 'bob' }) },
  source: '       --x--',
  result: '       --(x|)',
  subscriptions: '^-!  ',
});
for (const id of oddIds) {
  test(`${id} is an id like any other`, completes, {
    ids: [id, 'b'],
    values: { o: state(id) },
    source: '       --b--o--',
    result: '       --b--(o|)',
    subscriptions: '^----!  ',
  });
}

test('untilSubscribed: each subscription waits anew', (t) => {
  marbles(t, ({ cold, expectObservable }) => {
    const seen$ = cold('-a-b', common).pipe(untilSubscribed(['a', 'b']));
    expectObservable(seen$, '^').toBe('   -a-(b|)', common);
    expectObservable(seen$, '----^').toBe('-----a-(b|)', common);
  });
});

test('untilSubscribed: the cause carries the message', (t) => {
  const message = state('a', 'RequestFailed');
  let error: unknown;
  of(message)
    .pipe(untilSubscribed('a'))
    .subscribe({ error: (thrown: unknown) => (error = thrown) });
  t.true(error instanceof SubscriptionError);
  t.like((error as SubscriptionError).cause, { notification: message });
});

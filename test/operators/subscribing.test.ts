import test from 'ava';
import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { SubscriptionEvent } from '../../src/core/events.js';
import { ClosedError, NetworkError, SubscriptionError } from '../../src/errors.js';
import { subscribeForUsers } from '../../src/operators/subscribeForUsers.js';
import { subscribeWorkbins } from '../../src/operators/subscribeWorkbins.js';
import { type Told, accepted, ann, bob, marbles, state, stateEvent, telling } from '../core/marbles.js';

type Ids = string | readonly string[];

const values: Record<string, SubscriptionEvent> = {
  A: accepted(['a'], [1]),
  B: accepted(['b', 'c'], [2, 3]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b')),
  c: stateEvent(state('c')),
  m: stateEvent(state('a'), ann),
  n: stateEvent(state('a'), bob),
};

/** Workbins that answer as the table says: by the ids that they are asked for, joined. */
const workbins = ({ cold }: RunHelpers, answers: Readonly<Record<string, readonly [string, unknown?]>>) => {
  const asked: Ids[] = [];
  return {
    asked,
    subscribe: (ids: Ids): Observable<SubscriptionEvent> => {
      asked.push(ids);
      const [answer, error] = answers[String(ids)] ?? ['-'];
      return cold(answer, values, error);
    },
  };
};

const refused = (id: string): SubscriptionError =>
  new SubscriptionError([], new Map([[id, new NetworkError('refused')]]));

interface Line {
  /** `x` asks for `a`, `y` for `b` and `c`. */
  readonly source: string;
  readonly answers: Readonly<Record<string, readonly [string, unknown?]>>;
  readonly asked: readonly Ids[];
  readonly result: string;
  readonly error?: Told;
  readonly sourceError?: unknown;
  readonly unsubscription?: string;
}

const subscribes = test.macro<[Line]>({
  title: (title = '') => `subscribeWorkbins: ${title}`,
  exec: (t, { source, answers, asked, result, error, sourceError, unsubscription }) => {
    let scope = { asked: [] as Ids[] };
    marbles(t, (helpers) => {
      const answering = (scope = workbins(helpers, answers));
      const source$ = helpers.hot<Ids>(source, { x: 'a', y: ['b', 'c'] }, sourceError);
      helpers
        .expectObservable(source$.pipe(subscribeWorkbins(answering), telling()), unsubscription)
        .toBe(result, values, error);
    });
    t.deepEqual(scope.asked, asked);
  },
});

test('ids and arrays of ids become merged events', subscribes, {
  source: '    -x-y-|        ',
  answers: { a: ['---A----a|'], 'b,c': ['--B-b---c|'] },
  asked: ['a', ['b', 'c']],
  result: '    ----AB-b-a-c|',
});
test('what fails does not end the others, the account comes last', subscribes, {
  source: '    -x-y-|    ',
  answers: { a: ['---#', refused('a')], 'b,c': ['----B-bc|'] },
  asked: ['a', ['b', 'c']],
  result: '    -------B-bc#',
  error: { subscribed: ['b', 'c'], failed: ['a: network'] },
});
test('an error that is no account ends all', subscribes, {
  source: '    -x-y------',
  answers: { a: ['---#', new ClosedError('closed')], 'b,c': ['-B----b'] },
  asked: ['a', ['b', 'c']],
  result: '    ----#',
  error: 'closed',
});
test("a source's error ends all", subscribes, {
  source: '    -x-#      ',
  sourceError: new ClosedError('closed'),
  answers: { a: ['-A---a|'] },
  asked: ['a'],
  result: '    --A#',
  error: 'closed',
});
test('a source without ids completes, and asks for nothing', subscribes, {
  source: '    --|',
  answers: {},
  asked: [],
  result: '    --|',
});
test('a source that never ends leaves it open', subscribes, {
  source: '    -x------',
  answers: { a: ['-A-a|'] },
  asked: ['a'],
  result: '    --A-a---',
});
test('unsubscribing ends what is pending', subscribes, {
  source: '        -x------y-',
  answers: { a: ['    -A-a|'] },
  asked: ['a'],
  unsubscription: '---!     ',
  result: '        --A------',
});

test('subscribeForUsers: the same workbins are asked for each user, and told apart by scope', (t) => {
  const asked: (readonly [string, Ids])[] = [];
  marbles(t, ({ cold, hot, expectObservable }) => {
    const client = {
      forUser: (userId: string) => ({
        subscribe: (ids: Ids) => {
          asked.push([userId, ids]);
          return userId === 'ann' ? cold('--m|', values) : cold('---n|', values);
        },
      }),
    };
    const source$ = hot('-x-y|', { x: 'ann', y: 'bob' });
    expectObservable(source$.pipe(subscribeForUsers(client, ['a']))).toBe('---m--n|', values);
  });
  t.deepEqual(asked, [
    ['ann', ['a']],
    ['bob', ['a']],
  ]);
});

test('subscribeForUsers: a workbin that failed for several users has the first cause, and counts once', (t) => {
  marbles(t, ({ cold, hot, expectObservable }) => {
    const client = {
      forUser: (userId: string) => ({
        subscribe: () =>
          userId === 'ann'
            ? cold<SubscriptionEvent>(
                '----#',
                values,
                new SubscriptionError([], new Map([['a', new ClosedError('late')]])),
              )
            : userId === 'bob'
              ? cold<SubscriptionEvent>('-#', values, refused('a'))
              : cold('m|', values),
      }),
    };
    const source$ = hot('-x-y-z|', { x: 'ann', y: 'bob', z: 'cid' });
    expectObservable(source$.pipe(subscribeForUsers(client, 'a'), telling())).toBe('-----m#', values, {
      subscribed: [],
      failed: ['a: network'],
    });
  });
});

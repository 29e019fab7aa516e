import test from 'ava';
import type { SubscriptionEvent } from '../../src/core/events.js';
import { joint } from '../../src/core/joint.js';
import { ClosedError, NetworkError, SubscriptionError } from '../../src/errors.js';
import { type Told, accepted, marbles, state, stateEvent, telling } from './marbles.js';

const values: Record<string, SubscriptionEvent> = {
  A: accepted(['a'], [1]),
  B: accepted(['b'], [2]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b')),
  f: stateEvent(state('a', 'RequestFailed')),
};
const refused = (id: string): SubscriptionError =>
  new SubscriptionError([], new Map([[id, new NetworkError('refused')]]));

/** `p`, `q`, in `source` are values that open the inner streams of these names. */
interface Line {
  readonly source: string;
  readonly p: string;
  readonly q?: string;
  readonly pError?: unknown;
  readonly qError?: unknown;
  readonly result: string;
  readonly error?: Told;
  readonly sourceError?: unknown;
  readonly unsubscription?: string;
  readonly ps: string | readonly string[];
  readonly sources: string;
}

const joins = test.macro<[Line]>({
  title: (title = '') => `joint: ${title}`,
  exec: (t, line) => {
    marbles(t, ({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(line.source, undefined, line.sourceError);
      const p$ = cold(line.p, values, line.pError);
      const q$ = cold(line.q ?? '-', values, line.qError);
      const joint$ = source$.pipe(
        joint((name) => (name === 'p' ? p$ : q$)),
        telling(),
      );
      expectObservable(joint$, line.unsubscription).toBe(line.result, values, line.error);
      expectSubscriptions(p$.subscriptions).toBe([line.ps].flat());
      expectSubscriptions(source$.subscriptions).toBe(line.sources);
    });
  },
});

test('the events of all are merged, and complete with the last', joins, {
  source: ' -p-q-|       ',
  p: '      --A---a-|   ',
  q: '        -B-b|   ',
  result: ' ---AB-ba-|  ',
  ps: '     -^-------!',
  sources: '^----!',
});
test('what fails does not end the others, the account comes last', joins, {
  source: ' -p-q-|      ',
  p: '      --#        ',
  pError: refused('a'),
  q: '        -B---b| ',
  result: ' ----B---b#  ',
  error: { subscribed: ['b'], failed: ['a: network'] },
  ps: '     -^-!      ',
  sources: '^----!',
});
test('what fails for one and is Subscribed for the other has failed, with the first cause', joins, {
  source: ' -p--q--p-|  ',
  p: '      -#         ',
  pError: refused('a'),
  q: '         -(Aa|) ',
  result: ' -----(Aa)#  ',
  error: { subscribed: [], failed: ['a: network'] },
  ps: ['    -^!', '-------^!'],
  sources: '^--------!',
});
test('RequestFailed passes, and is no success', joins, {
  source: ' -p-q-|     ',
  p: '      --f#      ',
  pError: refused('a'),
  q: '        ---b| ',
  result: ' ---f--b#   ',
  error: { subscribed: ['b'], failed: ['a: network'] },
  ps: '     -^--!     ',
  sources: '^----!',
});
test('an error that is no account ends all at once', joins, {
  source: ' -p-q-|    ',
  p: '      --A-----   ',
  q: '        ---#   ',
  qError: new ClosedError('closed'),
  result: ' ---A--#   ',
  error: 'closed',
  ps: '     -^----!   ',
  sources: '^----!',
});
test('an error of the source ends all at once', joins, {
  source: ' -p--#     ',
  sourceError: new ClosedError('closed'),
  p: '      --A-----   ',
  result: ' ---A#     ',
  error: 'closed',
  ps: '     -^--!     ',
  sources: '^---!',
});
test('a source that never ends holds the account back', joins, {
  source: ' -p------',
  p: '      --#     ',
  pError: refused('a'),
  result: ' --------',
  ps: '     -^-!    ',
  sources: '^-------',
});
test('unsubscribing leaves all', joins, {
  source: '       -p-q-------',
  p: '            --A---a--- ',
  q: '              -B---- ',
  unsubscription: '-----!     ',
  result: '       ---AB------',
  ps: '           -^---!     ',
  sources: '      ^----!     ',
});
test('a source without values completes', joins, {
  source: ' --|',
  p: '      -',
  result: ' --|',
  ps: [],
  sources: '^-!',
});

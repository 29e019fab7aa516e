import test from 'ava';
import type { SubscriptionEvent, WatchEvent } from '../../src/core/events.js';
import { NetworkError, SubscriptionError, TimeoutError } from '../../src/errors.js';
import { type Progress, progress } from '../../src/operators/progress.js';
import { type Settlement, settle } from '../../src/operators/settle.js';
import {
  type Told,
  accepted,
  chatEvent,
  failed,
  gap,
  marbles,
  oddIds,
  state,
  stateEvent,
  telling,
} from '../core/marbles.js';

const events = {
  A: accepted(['a', 'b'], [1, 2]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b')),
  r: stateEvent(state('b', 'RequestFailed')),
  u: stateEvent(state('a', 'Unsubscribed')),
};
const refused = new NetworkError('refused');
const account = new SubscriptionError(['a'], new Map([['b', refused]]));

interface Settling {
  readonly source: string;
  readonly sourceError?: unknown;
  readonly result: string;
  readonly settlement?: Settlement;
  readonly error?: Told;
  readonly unsubscription?: string;
}

const settles = test.macro<[Settling]>({
  title: (title = '') => `settle: ${title}`,
  exec: (t, { source, sourceError, result, settlement, error, unsubscription }) => {
    marbles(t, ({ hot, expectObservable }) => {
      const source$ = hot<SubscriptionEvent>(source, events, sourceError);
      expectObservable(source$.pipe(settle(), telling()), unsubscription).toBe(result, { s: settlement }, error);
    });
  },
});

test('a subscription that completes is one settlement', settles, {
  source: '--A-a-b-|',
  result: '--------(s|)',
  settlement: {
    subscribed: new Map([
      ['a', events.a],
      ['b', events.b],
    ]),
    failed: new Map(),
  },
});
test('what failed workbin by workbin is no error', settles, {
  source: '--A-a-r-#',
  sourceError: account,
  result: '--------(s|)',
  settlement: { subscribed: new Map([['a', events.a]]), failed: new Map([['b', refused]]) },
});
test('what failed is not also subscribed, though it was for another user', settles, {
  source: '--A-a-b-#',
  sourceError: account,
  result: '--------(s|)',
  settlement: { subscribed: new Map([['a', events.a]]), failed: new Map([['b', refused]]) },
});
test('Unsubscribed is how unsubscribing comes out', settles, {
  source: '--A-u-|',
  result: '------(s|)',
  settlement: { subscribed: new Map([['a', events.u]]), failed: new Map() },
});
test('no events are a settlement without workbins', settles, {
  source: '--|',
  result: '--(s|)',
  settlement: { subscribed: new Map(), failed: new Map() },
});
test('an error that is no account goes through', settles, {
  source: '--A-#',
  sourceError: new TimeoutError('late', 5),
  result: '----#',
  error: 'timeout',
});
test('a source that never ends is never settled', settles, { source: '--A-a-', result: '------' });
test('unsubscribing leaves the source', settles, { source: '--A-a-|', unsubscription: '---!', result: '-------' });

test('settle: each subscription has a settlement of its own', (t) => {
  marbles(t, ({ hot, expectObservable }) => {
    const seen$ = hot<SubscriptionEvent>('-a-b-|', events).pipe(settle());
    expectObservable(seen$, '^').toBe('  -----(s|)', {
      s: {
        subscribed: new Map([
          ['a', events.a],
          ['b', events.b],
        ]),
        failed: new Map(),
      },
    });
    expectObservable(seen$, '--^').toBe('-----(s|)', {
      s: { subscribed: new Map([['b', events.b]]), failed: new Map() },
    });
  });
});

/** `subscribed | failed | pending`. */
const bar = (text: string): Progress => {
  const [subscribed = [], failing = [], pending = []] = text.split('|').map((part) => part.split(' ').filter(Boolean));
  return { subscribed, failed: failing, pending };
};

interface Progressing {
  readonly ids?: string | readonly string[];
  readonly values?: Readonly<Record<string, WatchEvent>>;
  readonly source: string;
  readonly sourceError?: unknown;
  readonly result: string;
  readonly bars: Readonly<Record<string, string>>;
  readonly error?: Told;
  readonly unsubscription?: string;
}

const progresses = test.macro<[Progressing]>({
  title: (title = '') => `progress: ${title}`,
  exec: (t, { ids = ['a', 'b'], values = {}, source, sourceError, result, bars, error, unsubscription }) => {
    marbles(t, ({ hot, expectObservable }) => {
      const all: Record<string, WatchEvent> = { ...events, ...values };
      const source$ = hot(source, all, sourceError);
      const expected = Object.fromEntries(Object.entries(bars).map(([name, text]) => [name, bar(text)]));
      expectObservable(source$.pipe(progress(ids), telling()), unsubscription).toBe(result, expected, error);
    });
  },
});

test('it is told at first, and after each change', progresses, {
  source: '--A-b-a-|',
  result: 's---t-u-|',
  bars: { s: '||a b', t: 'b||a', u: 'a b||' },
});
test('one id may come as a string', progresses, {
  ids: 'a',
  source: '--a|',
  result: 's-t|',
  bars: { s: '||a', t: 'a||' },
});
test('no ids are told once', progresses, { ids: [], source: '--|', result: 's-|', bars: { s: '||' } });
test('an id that is given twice stands once', progresses, {
  ids: ['a', 'a'],
  source: '--a|',
  result: 's-t|',
  bars: { s: '||a', t: 'a||' },
});
test('RequestFailed has failed, and what the error adds comes before it', progresses, {
  ids: ['a', 'b', 'c'],
  source: '--A-r-a-#',
  sourceError: new SubscriptionError(
    ['a'],
    new Map([
      ['b', refused],
      ['c', refused],
    ]),
  ),
  result: 's---t-u-(v#)',
  bars: { s: '||a b c', t: '|b|a c', u: 'a|b|c', v: 'a|b c|' },
  error: { subscribed: ['a'], failed: ['b: network', 'c: network'] },
});
test('an error that changes nothing is only the error', progresses, {
  source: '--a-r-#',
  sourceError: account,
  result: 's-t-u-#',
  bars: { s: '||a b', t: 'a||b', u: 'a|b|' },
  error: { subscribed: ['a'], failed: ['b: network'] },
});
test('an error that is no account leaves what is pending', progresses, {
  source: '--a-#',
  sourceError: new TimeoutError('late', 5),
  result: 's-t-#',
  bars: { s: '||a b', t: 'a||b' },
  error: 'timeout',
});
test('a doubled state, a stranger, items and gaps change nothing', progresses, {
  values: { z: stateEvent(state('z')), i: chatEvent('b', 'c1'), g: gap('a', 'b') },
  source: '--a-a-z-i-g-|',
  result: 's-t---------|',
  bars: { s: '||a b', t: 'a||b' },
});
test('a stranger is in none of the arrays later on', progresses, {
  values: { z: stateEvent(state('z')) },
  source: '--z-a-|',
  result: 's---t-|',
  bars: { s: '||a b', t: 'a||b' },
});
test('a watched workbin that cannot be had has failed, until it is confirmed', progresses, {
  values: { f: failed('a', refused) },
  source: '--f-a-',
  result: 's-t-u-',
  bars: { s: '||a b', t: '|a|b', u: 'a||b' },
});
test('unsubscribing leaves the source', progresses, {
  source: '--a-b-',
  unsubscription: '---!',
  result: 's-t---',
  bars: { s: '||a b', t: 'a||b' },
});
for (const id of oddIds) {
  test(`${id} is an id like any other`, (t) => {
    marbles(t, ({ hot, expectObservable }) => {
      expectObservable(hot('-o', { o: stateEvent(state(id)) }).pipe(progress([id, 'b']))).toBe('st', {
        s: { subscribed: [], failed: [], pending: [id, 'b'] },
        t: { subscribed: [id], failed: [], pending: ['b'] },
      });
    });
  });
}

test('progress: each subscription begins anew', (t) => {
  marbles(t, ({ hot, expectObservable }) => {
    const seen$ = hot<SubscriptionEvent>('-a-b-|', events).pipe(progress(['a', 'b']));
    expectObservable(seen$, '^').toBe('  st-u-|', { s: bar('||a b'), t: bar('a||b'), u: bar('a b||') });
    expectObservable(seen$, '--^').toBe('--st-|', { s: bar('||a b'), t: bar('b||a') });
  });
});

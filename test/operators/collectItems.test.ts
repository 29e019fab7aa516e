import test from 'ava';
import { map } from 'rxjs';
import type { Item, WatchEvent } from '../../src/core/events.js';
import { HttpError, NetworkError } from '../../src/errors.js';
import { collectItems } from '../../src/operators/collectItems.js';
import {
  type Told,
  accepted,
  chat,
  chatEvent,
  failed,
  gap,
  marbles,
  oddIds,
  state,
  stateEvent,
  telling,
} from '../core/marbles.js';

const refused = new NetworkError('refused');

/** Two workbins, `a` and `b`, and what becomes of the items `x` and `y`. */
const events: Record<string, WatchEvent> = {
  A: accepted(['a', 'b'], [1, 2]),
  a: stateEvent(state('a')),
  b: stateEvent(state('b')),
  u: stateEvent(state('a', 'Unsubscribed')),
  r: stateEvent(state('a', 'RequestFailed')),
  f: failed('a', refused),
  g: gap('a'),
  h: gap('a', 'b'),
  '1': chatEvent('a', 'x'),
  '2': chatEvent('a', 'x', 'ItemRemoved'),
  '3': chatEvent('b', 'x'),
  '4': chatEvent('b', 'x', 'ItemRemoved'),
  '5': chatEvent('a', 'y'),
  '6': chatEvent('a', 'y', 'ItemRemoved'),
  '7': chatEvent('b', 'y'),
  n: { type: 'item', scope: { kind: 'me' }, workbinId: 'a', action: 'ItemAdded', message: chat('a', 'x') },
};

const item = (workbinId: string, id: string): Item => ({ workbinId, medium: 'chat', interaction: { id } });
const itemsOf = (workbinId: string, ids: string): ReadonlyMap<string, Item> =>
  new Map(
    ids
      .split(' ')
      .filter(Boolean)
      .map((id) => [id, item(workbinId, id)]),
  );

/** The answers are for the first, the second, … time that a workbin's content is asked for: `i` is what `contents` says. */
interface Line {
  readonly source: string;
  readonly sourceError?: unknown;
  readonly a?: readonly (readonly [marble: string, ids?: string, error?: unknown])[];
  readonly b?: readonly (readonly [marble: string, ids?: string, error?: unknown])[];
  readonly result: string;
  /** `x@a` is the item x in the workbin a. */
  readonly items?: Readonly<Record<string, string>>;
  readonly error?: Told;
  readonly unsubscription?: string;
}

const text = map((items: ReadonlyMap<string, Item>) =>
  [...items]
    .map(([id, { workbinId, interaction }]) => `${id === interaction.id ? id : '?'}@${workbinId}`)
    .sort()
    .join(' '),
);

const collects = test.macro<[Line]>({
  title: (title = '') => `collectItems: ${title}`,
  exec: (t, { source, sourceError, a, b, result, items = {}, error, unsubscription }) => {
    const asked = { a: 0, b: 0 };
    marbles(t, ({ cold, hot, expectObservable }) => {
      const from = {
        content: (id: string) => {
          const at = id === 'a' ? asked.a++ : asked.b++;
          const [marble, ids = '', failure] = (id === 'a' ? a : b)?.[at] ?? ['#', '', new Error('asked too often')];
          return cold(marble, { i: { items: itemsOf(id, ids) } }, failure);
        },
      };
      const source$ = hot(source, events, sourceError);
      const isReading = a !== undefined || b !== undefined;
      expectObservable(
        source$.pipe(collectItems(isReading ? { from } : undefined), text, telling()),
        unsubscription,
      ).toBe(result, items, error);
    });
    t.deepEqual(asked, { a: a?.length ?? 0, b: b?.length ?? 0 });
  },
});

test('items come and go', collects, {
  source: '-a-1-5-2-6-|',
  result: '---k-l-m-n-|',
  items: { k: 'x@a', l: 'x@a y@a', m: 'y@a', n: '' },
});
test('what is removed and was not there changes nothing', collects, { source: '-a-2-|', result: '-----|' });
test('an event without an interaction changes nothing', collects, { source: '-a-n-|', result: '-----|' });
test('a gap stays one where nothing can be fetched', collects, {
  source: '-a-1-g-|',
  result: '---k---|',
  items: { k: 'x@a' },
});
test("a source's error goes through", collects, {
  source: '-1-#',
  sourceError: refused,
  result: '-k-#',
  items: { k: 'x@a' },
  error: 'network',
});
test('an item that moved is in the workbin that it went to, whichever tells first', collects, {
  source: '-1-3-2-|',
  result: '-k-l---|',
  items: { k: 'x@a', l: 'x@b' },
});
test('an item that moved is nowhere in between, when the one that it left tells first', collects, {
  source: '-1-2-3-|',
  result: '-k-l-m-|',
  items: { k: 'x@a', l: '', m: 'x@b' },
});
test('an item that moved there and back is where it was', collects, {
  source: '-1-3-2-1-4-|',
  result: '-k-l---k---|',
  items: { k: 'x@a', l: 'x@b' },
});
test('what is in a workbin goes when it is unsubscribed', collects, {
  source: '-1-7-u-|',
  result: '-k-l-m-|',
  items: { k: 'x@a', l: 'x@a y@b', m: 'y@b' },
});
test('what is in a workbin goes when it cannot be had any more', collects, {
  source: '-1-7-f-|',
  result: '-k-l-m-|',
  items: { k: 'x@a', l: 'x@a y@b', m: 'y@b' },
});

test('the content is fetched when a workbin is confirmed', collects, {
  source: '-A-a--b-------',
  a: [['--(i|)', 'x']],
  b: [['--(i|)', 'y']],
  result: '-----k--l-----',
  items: { k: 'x@a', l: 'x@a y@b' },
});
test('the content is fetched once, however often a workbin is confirmed', collects, {
  source: '-a----a-a-',
  a: [['--(i|)', 'x']],
  result: '---k------',
  items: { k: 'x@a' },
});
test('RequestFailed fetches nothing', collects, { source: '-r---|', a: [], result: '-----|' });
test('items that come before the answer wait, and are laid over it', collects, {
  source: '-a-52----',
  a: [['-----(i|)', 'x']],
  result: '------k--',
  items: { k: 'y@a' },
});
test('an item that the answer has already is there once', collects, {
  source: '-a-1-----',
  a: [['-----(i|)', 'x']],
  result: '------k--',
  items: { k: 'x@a' },
});
test('an item that came and went before the answer is not there', collects, {
  source: '-a-12----',
  a: [['-----(i|)', '']],
  result: '------k--',
  items: { k: '' },
});
test('the items of another workbin do not wait', collects, {
  source: '-a-7------',
  a: [['-----(i|)', 'x']],
  b: [],
  result: '---k--l---',
  items: { k: 'y@b', l: 'x@a y@b' },
});
test('an item that left before the answer, which is older, is where it went: the new workbin tells first', collects, {
  source: '-b--a-32-----',
  a: [['-----(i|)', 'x']],
  b: [['-(i|)', '']],
  result: '--j---k--l---',
  items: { j: '', k: 'x@b', l: 'x@b' },
});
test('an item that left before the answer, which is older, is where it went: the old workbin tells first', collects, {
  source: '-b--a-23-----',
  a: [['-----(i|)', 'x']],
  b: [['-(i|)', '']],
  result: '--j----k-l---',
  items: { j: '', k: 'x@b', l: 'x@b' },
});
test('an item that left, and whose old workbin tells only after the older answer, is where it went', collects, {
  source: '-b--a-3----2-',
  a: [['-----(i|)', 'x']],
  b: [['-(i|)', '']],
  result: '--j---k--l---',
  items: { j: '', k: 'x@b', l: 'x@b' },
});
test('an item that came, and whose old workbin tells only after the answer, is where it came', collects, {
  source: '-b-3-a-1----4-',
  a: [['-----(i|)', 'x']],
  b: [['-(i|)', '']],
  result: '--jk------l---',
  items: { j: '', k: 'x@b', l: 'x@a' },
});
for (const [first, second, result] of [
  ['--------(i|)', '------------(i|)', '---------k---l--'],
  ['------------(i|)', '--------(i|)', '---------k---l--'],
] as const) {
  for (const [order, source] of [
    ['the new workbin tells first', '-(ab)32---------'],
    ['the old workbin tells first', '-(ab)23---------'],
  ] as const) {
    for (const [age, inA, inB] of [
      ['both older', 'x', ''],
      ['the old one older', 'x', 'x'],
      ['both newer', '', 'x'],
      ['the new one older', '', ''],
    ] as const) {
      const later = first < second ? 'first' : 'last';
      test(
        `an item that moves while both are fetched is where it went: ${order}, answers ${age}, that of the old workbin ${later}`,
        collects,
        {
          source,
          a: [[first, inA]],
          b: [[second, inB]],
          result,
          items: { k: later === 'last' ? 'x@b' : '', l: 'x@b' },
        },
      );
    }
  }
}

test('the content is fetched again after a gap', collects, {
  source: '-a-----g----',
  a: [
    ['--(i|)', 'x'],
    ['--(i|)', 'y'],
  ],
  result: '---k-----l--',
  items: { k: 'x@a', l: 'y@a' },
});
test('a gap of several fetches each', collects, {
  source: '-h-------',
  a: [['--(i|)', 'x']],
  b: [['----(i|)', 'y']],
  result: '---k-l---',
  items: { k: 'x@a', l: 'x@a y@b' },
});
test('items that come after a gap wait for the answer', collects, {
  source: '-a----g-51------',
  a: [
    ['--(i|)', 'x'],
    ['------(i|)', ''],
  ],
  result: '---k--------l---',
  items: { k: 'x@a', l: 'x@a y@a' },
});
test('what came before a fetch began is not laid over its answer', collects, {
  source: '-b-2-g--------',
  a: [['--(i|)', 'x']],
  b: [['----------(i|)', '']],
  result: '-------k---l--',
  items: { k: 'x@a', l: 'x@a' },
});
test('an answer that a gap has overtaken counts no more, nor does its failure', collects, {
  source: '-a-g----------',
  a: [
    ['------#', '', refused],
    ['--------(i|)', 'y'],
  ],
  result: '-----------l--',
  items: { l: 'y@a' },
});
test('an answer that comes after the one that overtook it counts no more', collects, {
  source: '-a-g----------',
  a: [
    ['--------(i|)', 'x'],
    ['--(i|)', 'y'],
  ],
  result: '-----l--------',
  items: { l: 'y@a' },
});
test('an answer for a workbin that is unsubscribed counts no more', collects, {
  source: '-a-u-------',
  a: [['-----(i|)', 'x']],
  result: '-----------',
});
test('a failure for a workbin that cannot be had any more leaves the others', collects, {
  source: '-a-f---7---',
  a: [['-----#', '', new HttpError('gone', 404)]],
  b: [],
  result: '-------k---',
  items: { k: 'y@b' },
});
test('a workbin that is confirmed again after it was unsubscribed is fetched again', collects, {
  source: '-a---u--a-----',
  a: [
    ['-(i|)', 'x'],
    ['-(i|)', 'y'],
  ],
  result: '--k--l---m----',
  items: { k: 'x@a', l: '', m: 'y@a' },
});
test('a content that cannot be had is an error', collects, {
  source: '-a-------',
  a: [['---#', '', refused]],
  result: '----#',
  error: 'network',
});
test('the source may complete before the answer', collects, {
  source: '-a|',
  a: [['---(i|)', 'x']],
  result: '----(k|)',
  items: { k: 'x@a' },
});
test('unsubscribing leaves the answer', collects, {
  source: '-a-------',
  a: [['-----(i|)', 'x']],
  unsubscription: '---!',
  result: '---------',
});

test('collectItems: unsubscribing leaves the source and the fetch', (t) => {
  marbles(t, ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const content$ = cold<{ items: ReadonlyMap<string, Item> }>('-----i');
    const source$ = hot('-a----', events);
    expectObservable(source$.pipe(collectItems({ from: { content: () => content$ } })), '---!').toBe('-');
    expectSubscriptions(source$.subscriptions).toBe('^--!');
    expectSubscriptions(content$.subscriptions).toBe('-^-!');
  });
});

test('collectItems: an item has its workbin, its medium and the interaction as it came', (t) => {
  const seen: ReadonlyMap<string, Item>[] = [];
  marbles(t, ({ cold }) => {
    const interaction = { id: 'x', subject: 'Hello' };
    const event: WatchEvent = { ...chatEvent('a', 'x'), interaction };
    cold('e|', { e: event })
      .pipe(collectItems())
      .subscribe((items) => seen.push(items));
    t.pass();
  });
  t.deepEqual(seen, [new Map([['x', { workbinId: 'a', medium: 'chat', interaction: { id: 'x', subject: 'Hello' } }]])]);
});

test('collectItems: a map that was emitted stays as it was', (t) => {
  const seen: ReadonlyMap<string, Item>[] = [];
  marbles(t, ({ cold }) => {
    cold('152|', events)
      .pipe(collectItems())
      .subscribe((items) => seen.push(items));
    t.pass();
  });
  t.deepEqual(
    seen.map((items) => [...items.keys()]),
    [['x'], ['x', 'y'], ['y']],
  );
});

for (const id of oddIds) {
  test(`collectItems: ${id} is an id of a workbin or an item like any other`, (t) => {
    marbles(t, ({ cold, hot, expectObservable }) => {
      const source$ = hot('s-d-u', {
        s: stateEvent(state(id)),
        d: chatEvent(id, id, 'ItemRemoved'),
        u: stateEvent(state(id, 'Unsubscribed')),
      });
      const from = {
        content: () =>
          cold('-i', {
            i: {
              items: new Map([
                [id, item(id, id)],
                ['y', item(id, 'y')],
              ]),
            },
          }),
      };
      expectObservable(source$.pipe(collectItems({ from }))).toBe('-kl-m', {
        k: new Map([
          [id, item(id, id)],
          ['y', item(id, 'y')],
        ]),
        l: new Map([['y', item(id, 'y')]]),
        m: new Map(),
      });
    });
  });
}

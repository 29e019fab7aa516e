import assert from 'node:assert/strict';
import test from 'node:test';
import type { Item } from 'rx-workbins';
import { TestScheduler } from 'rxjs/testing';
import { type Alert, alertOnBacklog } from '../pipelines/alert.js';

/** A workbin with so many items in it. */
const holding = (count: number): ReadonlyMap<string, Item> =>
  new Map(
    Array.from({ length: count }, (_, index) => {
      const id = `item-${String(index)}`;
      return [
        id,
        { workbinId: 'drafts', medium: 'email', interaction: { id } },
      ];
    }),
  );
const items = { 0: holding(0), 2: holding(2), 3: holding(3), 4: holding(4) };
const alerts: Record<string, Alert> = {
  o: { level: 'ok', items: 0 },
  t: { level: 'ok', items: 2 },
  A: { level: 'alert', items: 3 },
};

await test('alertOnBacklog: alerts after so long without a break, and is quiet again at once', () => {
  const scheduler = new TestScheduler((actual, expected) =>
    assert.deepEqual(actual, expected),
  );
  scheduler.run(({ cold, expectObservable }) => {
    const items$ = cold('  0--3--4------2----|', items);
    const expected = '     o-------A----t----|'; // five frames after the third item, whatever comes on top
    expectObservable(items$.pipe(alertOnBacklog(2, 5, scheduler))).toBe(
      expected,
      alerts,
    );
  });
});

await test('alertOnBacklog: a short peak is no alert', () => {
  const scheduler = new TestScheduler((actual, expected) =>
    assert.deepEqual(actual, expected),
  );
  scheduler.run(({ cold, expectObservable }) => {
    const items$ = cold('  0--3-2--3-2-------|', items);
    const expected = '     o-----------------|';
    expectObservable(items$.pipe(alertOnBacklog(2, 5, scheduler))).toBe(
      expected,
      alerts,
    );
  });
});

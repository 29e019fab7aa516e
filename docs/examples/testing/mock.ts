import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  ItemEvent,
  StateChanged,
  WatchEvent,
  Workbins,
} from 'rx-workbins';
import { type Observable, count, filter } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** What is tested: it takes `Workbins`, of which the client is one, so that a test can hand in another. */
const countArrivals = (
  workbins: Pick<Workbins, 'watch'>,
  ids: readonly string[],
): Observable<number> =>
  workbins.watch(ids).pipe(
    filter((event) => event.type === 'item' && event.action === 'ItemAdded'),
    count(),
  );

const scope = { kind: 'me' } as const;
const subscribed: StateChanged = {
  type: 'state',
  scope,
  workbinId: 'drafts',
  state: 'Subscribed',
  message: {
    messageType: 'WorkbinSubscriptionStateChangeMessage',
    id: 'drafts',
    stateResource: 'Subscribed',
  },
};
const item = (action: string): ItemEvent => ({
  type: 'item',
  scope,
  workbinId: 'drafts',
  action,
  message: { messageType: 'WorkbinStateChangeMessage', id: 'drafts', action },
});

await test('countArrivals: counts what comes in, not what goes out', () => {
  const scheduler = new TestScheduler((actual, expected) =>
    assert.deepEqual(actual, expected),
  );
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const events = {
      s: subscribed,
      a: item('ItemAdded'),
      r: item('ItemRemoved'),
    };
    const watch$ = cold<WatchEvent>('-s-a-a-r-a-|', events);
    const workbins = { watch: () => watch$ };
    expectObservable(countArrivals(workbins, ['drafts'])).toBe(
      '-----------(3|)',
      { 3: 3 },
    );
    expectSubscriptions(watch$.subscriptions).toBe('            ^----------!');
  });
});

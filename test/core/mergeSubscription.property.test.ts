import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import type { Accepted, FailedEvent, SubscriptionEvent } from '../../src/core/events.js';
import { mergeSubscription } from '../../src/core/mergeSubscription.js';
import { HttpError, SubscriptionError } from '../../src/errors.js';
import type { WorkbinNotification } from '../../src/protocol/notification.js';
import { accepted, me, oddIds, state } from './marbles.js';

const seed = 20_260_101;

interface Plan {
  readonly id: string;
  readonly outcome: 'Subscribed' | 'RequestFailed' | 'left out';
  readonly hasReferenceId: boolean;
  readonly isDoubled: boolean;
  readonly stranger: WorkbinNotification | undefined;
  /** Where its message, the double, the stranger's come in. */
  readonly places: readonly [number, number, number];
}

const plan = fc.record({
  outcome: fc.constantFrom('Subscribed', 'Subscribed', 'RequestFailed', 'left out'),
  hasReferenceId: fc.boolean(),
  isDoubled: fc.boolean(),
  isDisturbed: fc.boolean(),
  places: fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }), fc.double({ noNaN: true })),
});

const ids = fc.uniqueArray(fc.oneof(fc.constantFrom(...oddIds), fc.string({ unit: 'binary', minLength: 1 })), {
  minLength: 1,
  maxLength: 60,
});

const plans = ids.chain((some) =>
  fc.array(plan, { minLength: some.length, maxLength: some.length }).map((each) =>
    each.map(({ isDisturbed, ...rest }, at): Plan => {
      const id = some[at] ?? '';
      return { id, ...rest, stranger: isDisturbed ? state(id, 'RequestFailed', { referenceId: -1 - at }) : undefined };
    }),
  ),
);

/** Requests of up to `size` ids: where each reply comes in, and whether it is none. */
const posts = fc.record({
  size: fc.integer({ min: 1, max: 20 }),
  replies: fc.array(fc.record({ place: fc.double({ noNaN: true }), isRejected: fc.boolean() }), {
    minLength: 60,
    maxLength: 60,
  }),
});

test('mergeSubscription: random interleavings of many workbins in many requests end in the account', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(plans, posts, (workbins, { size, replies }) => {
        const reply$ = new Subject<Accepted | FailedEvent>();
        const topic$ = new Subject<WorkbinNotification>();
        const steps: { readonly place: number; readonly run: () => void }[] = [];
        let open = Math.ceil(workbins.length / size);
        const answered = (): void => {
          open -= 1;
          if (open === 0) reply$.complete();
        };
        for (let from = 0; from < workbins.length; from += size) {
          const chunk = workbins.slice(from, from + size);
          const { place, isRejected } = replies[from / size] ?? { place: 0, isRejected: false };
          const reply = accepted(
            chunk.map(({ id }) => id),
            chunk.map(({ outcome }, at) => (outcome === 'left out' ? undefined : from + at)),
          );
          steps.push({
            place,
            run: () => {
              const error = new HttpError('no', 403);
              if (isRejected)
                for (const { id } of chunk) reply$.next({ type: 'failed', scope: me, workbinId: id, error });
              else reply$.next(reply);
              answered();
            },
          });
        }
        workbins.forEach(({ id, outcome, hasReferenceId, isDoubled, stranger, places }, at) => {
          const message = state(
            id,
            outcome === 'RequestFailed' ? outcome : 'Subscribed',
            hasReferenceId ? { referenceId: at } : {},
          );
          const say = (said: WorkbinNotification) => () => topic$.next(said);
          steps.push({ place: places[0], run: say(message) });
          if (isDoubled) steps.push({ place: places[1], run: say(message) });
          if (stranger !== undefined) steps.push({ place: places[2], run: say(stranger) });
        });
        steps.sort((one, other) => one.place - other.place);

        const events: SubscriptionEvent[] = [];
        const ends: unknown[] = [];
        mergeSubscription(reply$, topic$, {
          scope: me,
          workbinIds: workbins.map(({ id }) => id),
          operation: 'Subscribe',
        }).subscribe({
          next: (event) => events.push(event),
          error: (error: unknown) => ends.push(error),
          complete: () => ends.push(undefined),
        });
        for (const { run } of steps) run();

        const expected = new Map(
          workbins.flatMap(({ id, outcome }, at) => {
            const isRejected = replies[Math.floor(at / size)]?.isRejected === true;
            const code = isRejected
              ? 'http'
              : { Subscribed: undefined, RequestFailed: 'request-failed', 'left out': 'api' }[outcome];
            return code === undefined ? [] : [[id, code]];
          }),
        );
        const [end] = ends;
        const account = end instanceof SubscriptionError ? end : undefined;
        assert.equal(ends.length, 1);
        assert.equal(end, account);
        assert.deepEqual(new Map([...(account?.failed ?? [])].map(([id, { code }]) => [id, code])), expected);
        const subscribed = events.flatMap((event) =>
          event.type === 'state' && event.state === 'Subscribed' ? [event.workbinId] : [],
        );
        assert.deepEqual([...subscribed].sort(), workbins.flatMap(({ id }) => (expected.has(id) ? [] : [id])).sort());
        if (account !== undefined) assert.deepEqual(account.subscribed, subscribed);
        // Each state comes after the accepted that names it, and once.
        const named = new Set<string>();
        const stated = new Set<string>();
        for (const event of events) {
          if (event.type === 'accepted') for (const id of event.workbinIds) named.add(id);
          else assert.ok(named.has(event.workbinId) && stated.size < stated.add(event.workbinId).size);
        }
        assert.ok(!(reply$.observed || topic$.observed));
      }),
      { seed, numRuns: 300 },
    ),
  );
});

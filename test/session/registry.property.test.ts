// Random schedules over the registry: RUNS=20000 for more of them, SEED= and PATH_= to see one again.
import test from 'ava';
import fc from 'fast-check';
import { type Command, type Plan, type Step, ids, play } from './world.js';

const numRuns = Number(process.env['RUNS'] ?? 3_000);
/** The same schedules each time, so that a change is what fails; `SEED=… RUNS=…` look elsewhere. */
const seed = Number(process.env['SEED'] ?? 20_261_122);

const plan: fc.Arbitrary<Plan> = fc.record({
  reply: fc.oneof(
    { arbitrary: fc.constant('ok' as const), weight: 12 },
    { arbitrary: fc.constantFrom('partial', 'refused', 'network', 'never'), weight: 4 },
  ),
  replyAfter: fc.constantFrom(5, 0, 1, 30, 200),
  push: fc.oneof(
    { arbitrary: fc.constant('ok' as const), weight: 8 },
    { arbitrary: fc.constantFrom('lost', 'failed', 'doubled', 'thrice-mixed'), weight: 4 },
  ),
  pushAfter: fc.constantFrom(10, 0, 1, 30, 300),
  hasReference: fc.boolean(),
});

const scope = fc.constantFrom(0, 0, 0, 1, 2);
const some = fc.oneof(
  { arbitrary: fc.subarray(ids.slice(0, 3), { minLength: 1 }), weight: 6 },
  { arbitrary: fc.subarray(ids, { minLength: 1 }), weight: 1 },
);
const timeout = fc.constantFrom(30_000, 5_000, 50);

const asking = fc.record({
  type: fc.constantFrom('subscribe', 'unsubscribe', 'watch', 'watch'),
  scope,
  ids: some,
  timeout,
});
const command = fc.oneof(
  { arbitrary: asking, weight: 10 },
  { arbitrary: fc.record({ type: fc.constant('teardown'), which: fc.nat(7) }), weight: 5 },
  {
    arbitrary: fc.record({
      type: fc.constant('kill'),
      noticed: fc.constantFrom(0, 1, 40, 500),
      back: fc.constantFrom(0, 1, 40, 2_000),
    }),
    weight: 4,
  },
  { arbitrary: fc.constant({ type: 'fail' }), weight: 1 },
  {
    arbitrary: fc.record({
      type: fc.constant('item'),
      scope,
      id: fc.constantFrom(...ids.slice(0, 3)),
      isForeign: fc.constantFrom(false, false, false, true),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ type: fc.constant('stale'), which: fc.nat(20) }), weight: 2 },
  { arbitrary: fc.constant({ type: 'close' }), weight: 1 },
) as fc.Arbitrary<Command>;

const step: fc.Arbitrary<Step> = fc.record({
  command,
  after: fc.constantFrom(0, 0, 1, 4, 20, 50, 400),
  endsTurn: fc.boolean(),
});

test.serial('registry: any schedule ends in one account for each workbin, and in nothing left', async (t) => {
  t.timeout(600_000);
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 22 }),
    fc.array(plan, { maxLength: 14 }),
    fc.boolean(),
    play,
  );
  await fc.assert(property, {
    numRuns,
    seed,
    ...(process.env['PATH_'] === undefined ? {} : { path: process.env['PATH_'] }),
    includeErrorInReport: true,
  });
  t.log(`${numRuns} runs`);
  t.pass();
});

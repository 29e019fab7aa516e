// Schedules that were wrong once, or nearly so: found by registry.property.test.ts, and small enough to read.
import test from 'ava';
import { NEVER } from 'rxjs';
import { createRegistry } from '../../src/session/registry.js';
import { settingsOf } from '../../src/session/settings.js';
import { type Command, type Plan, type Step, play } from './world.js';

const ask = (type: 'subscribe' | 'unsubscribe' | 'watch', ids: readonly string[], timeout = 30_000): Command => ({
  type,
  scope: 0,
  ids,
  timeout,
});
const watch = (...ids: string[]): Command => ask('watch', ids);
const subscribe = (...ids: string[]): Command => ask('subscribe', ids);
const unsubscribe = (...ids: string[]): Command => ask('unsubscribe', ids);
const teardown = (which = 0): Command => ({ type: 'teardown', which });
const kill = (noticed = 0, back = 0): Command => ({ type: 'kill', noticed, back });
const item = (id: string): Command => ({ type: 'item', scope: 0, id, isForeign: false });
const close: Command = { type: 'close' };

/** ms before a command, then the command; `;` ends the turn. */
type Line = readonly [number, Command] | readonly [number, Command, ';'];
const fine: Plan = { reply: 'ok', replyAfter: 5, push: 'ok', pushAfter: 10, hasReference: false };

const plays = test.macro({
  title: (title) => `registry: ${title ?? ''}`,
  async exec(t, lines: readonly Line[], plans: readonly Partial<Plan>[] = []) {
    const steps = lines.map(([after, command, end]): Step => ({ after, command, endsTurn: end === ';' }));
    for (const coalesce of [true, false]) {
      await t.notThrowsAsync(
        play(
          steps,
          plans.map((plan) => ({ ...fine, ...plan })),
          coalesce,
        ),
      );
    }
  },
});

test.serial('a watcher that comes and goes is nothing', plays, [
  [0, watch('a')],
  [0, teardown()],
]);
test.serial('the last watcher leaves while the POST is on its way', plays, [
  [0, watch('a')],
  [20, teardown()],
]);
test.serial('watched, left and watched again while the POST is on its way, then left: the server is told', plays, [
  [0, watch('a')],
  [20, teardown()],
  [0, watch('a')],
  [0, teardown()],
]);
test.serial('left and watched again in one turn', plays, [
  [0, watch('a'), ';'],
  [400, teardown()],
  [0, watch('a'), ';'],
  [400, item('a')],
]);
test.serial(
  'an Unsubscribe without a confirmation leaves no watcher in silence',
  plays,
  [
    [0, watch('a'), ';'],
    [400, ask('unsubscribe', ['a'], 50), ';'],
    [400, item('a')],
  ],
  [{}, { push: 'lost' }],
);
test.serial(
  'an Unsubscribe without a reply leaves no watcher in silence',
  plays,
  [
    [0, watch('a'), ';'],
    [400, ask('unsubscribe', ['a'], 50), ';'],
    [400, item('a')],
  ],
  [{}, { reply: 'never' }],
);
test.serial('an Unsubscribe that is given up in a lost session hides nothing of what was lost before it', plays, [
  [0, watch('b', 'c')],
  [50, kill(500)],
  [0, item('b')],
  [50, ask('unsubscribe', ['b'], 50)],
]);
test.serial('an Unsubscribe that is torn down on its way leaves no watcher in silence', plays, [
  [0, watch('a'), ';'],
  [400, unsubscribe('a'), ';'],
  [1, teardown(1)],
  [400, item('a')],
]);
test.serial('closed in the middle of a recovery: who watches is told', plays, [
  [0, watch('a'), ';'],
  [400, kill(0, 0)],
  [0, close],
]);
test.serial('closed between the loss and the recovery: who watches is told', plays, [
  [0, watch('a'), ';'],
  [400, kill(0, 2_000)],
  [0, close],
]);
test.serial('closed before any session stood: nothing is left', plays, [
  [0, unsubscribe('a')],
  [0, close],
]);
test.serial(
  'an item of a subscription that was given up waits for the accepted of the watcher that came after',
  plays,
  [
    [0, subscribe('a')],
    [20, teardown()],
    [0, watch('a')],
    [0, item('a')],
  ],
);
test.serial('an item waits for accepted though an Unsubscribe is queued behind', plays, [
  [0, watch('a')],
  [0, unsubscribe('a')],
  [20, item('a')],
]);
test.serial('lost while an Unsubscribe is on its way', plays, [
  [0, subscribe('a'), ';'],
  [400, unsubscribe('a'), ';'],
  [1, kill(0, 40)],
]);
test.serial('lost before anybody notices, items and all', plays, [
  [0, watch('a', 'b'), ';'],
  [400, kill(500, 2_000)],
  [50, item('a')],
  [400, item('b')],
]);
test.serial('lost again while the recovery waits for its confirmation', plays, [
  [0, watch('a'), ';'],
  [400, kill()],
  [1, kill()],
  [1, kill(40, 40)],
]);
test.serial(
  'restored by the POST of a plain subscription whose confirmation is lost: tried again',
  plays,
  [
    [0, watch('a'), ';'],
    [400, kill(0, 1)],
    [0, subscribe('a'), ';'],
    [50, item('a')],
  ],
  [{}, { push: 'lost' }],
);
test.serial(
  'refused in passing while it is restored, and lost again meanwhile',
  plays,
  [
    [0, watch('a'), ';'],
    [400, kill()],
    [50, kill()],
  ],
  [{}, { reply: 'refused' }, { reply: 'network' }, { reply: 'refused' }],
);
test.serial('no session can be had, then one is wanted again', plays, [
  [0, watch('a'), ';'],
  [400, { type: 'fail' }, ';'],
  [0, watch('a'), ';'],
]);

test.serial('registry: who comes and goes while no session can be had leaves nothing', (t) => {
  const registry = createRegistry(settingsOf({ baseUrl: 'http://world' }), {
    post: () => NEVER,
    maxUrlLength: () => 6_500,
    need: () => undefined,
    trouble: () => undefined,
  });
  const watching = registry.watch({ kind: 'me' }, ['a', 'b'], Infinity).subscribe();
  t.is(registry.size, 2);
  watching.unsubscribe();
  t.is(registry.size, 0);
});

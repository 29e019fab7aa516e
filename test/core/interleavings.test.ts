import test from 'ava';
import { Subject } from 'rxjs';
import type { Accepted, SubscriptionEvent } from '../../src/core/events.js';
import { mergeSubscription } from '../../src/core/mergeSubscription.js';
import { SubscriptionError } from '../../src/errors.js';
import type { WorkbinNotification } from '../../src/protocol/notification.js';
import { accepted, me, state } from './marbles.js';

// Every order in which the reply and the messages of one request can come, enumerated: nothing here is drawn by lot.

Error.stackTraceLimit = 0;

const allIds = ['a', '__proto__', 'c'];
const ownUserId = 'me-1';
const referenceIdOf = (at: number): number => 100 + at;

/** What becomes of one workbin, and what CometD says of it: nothing, if it is left out in silence. */
interface Fate {
  readonly outcome: 'Subscribed' | 'RequestFailed' | 'left out';
  readonly message: WorkbinNotification | undefined;
}

const fatesOf = (id: string, at: number): readonly Fate[] => [
  ...(['Subscribed', 'RequestFailed', 'left out'] as const).flatMap((outcome) =>
    [{}, { referenceId: referenceIdOf(at) }].map((rest) => ({
      outcome,
      message: state(id, outcome === 'RequestFailed' ? outcome : 'Subscribed', rest),
    })),
  ),
  { outcome: 'left out', message: undefined },
];

/** The messages of others that come in between, for the first workbin: the enumeration of fates covers the rest. */
const foreign: readonly WorkbinNotification[] = [
  state('z', 'RequestFailed'),
  state('a', 'RequestFailed', { referenceId: 1 }),
  state('a', 'RequestFailed', { workbinUserId: 'somebody' }),
  state('a', 'Unsubscribed', { referenceId: referenceIdOf(0) }),
];

const combinationsOf = <T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  lists.reduce<readonly (readonly T[])[]>(
    (some, list) => some.flatMap((each) => list.map((one) => [...each, one])),
    [[]],
  );

const ordersOf = <T>(things: readonly T[]): readonly (readonly T[])[] =>
  things.length === 0
    ? [[]]
    : things.flatMap((first, at) =>
        ordersOf([...things.slice(0, at), ...things.slice(at + 1)]).map((rest) => [first, ...rest]),
      );

/** Undefined stands for the HTTP reply. */
type Step = WorkbinNotification | undefined;

/** The orders as they are, and with one message more at every place. */
const disturbed = (order: readonly Step[], extras: readonly WorkbinNotification[]): readonly (readonly Step[])[] => [
  order,
  ...extras.flatMap((extra) =>
    Array.from({ length: order.length + 1 }, (_, at) => [...order.slice(0, at), extra, ...order.slice(at)]),
  ),
];

/** What is wrong with one run, if anything. */
const faultOf = (ids: readonly string[], fates: readonly Fate[], steps: readonly Step[]): string | undefined => {
  const reply = accepted(
    ids,
    fates.map(({ outcome }, at) => (outcome === 'left out' ? undefined : referenceIdOf(at))),
  );
  const reply$ = new Subject<Accepted>();
  const topic$ = new Subject<WorkbinNotification>();
  const events: SubscriptionEvent[] = [];
  let error: unknown;
  let ends = 0;
  mergeSubscription(reply$, topic$, { scope: me, workbinIds: ids, operation: 'Subscribe', ownUserId }).subscribe({
    next: (event) => events.push(event),
    error: (thrown: unknown) => {
      ends += 1;
      error = thrown;
    },
    complete: () => (ends += 1),
  });
  // It is over with the reply and one message for each workbin that the reply names, and not a step before.
  const open = new Set<unknown>([
    undefined,
    ...fates.flatMap(({ outcome, message }) => (outcome === 'left out' ? [] : [message])),
  ]);
  let lastEvents = 0;
  for (const step of steps) {
    const isOver = open.size === 0;
    if (step === undefined) reply$.next(reply);
    else topic$.next(step);
    open.delete(step);
    if (isOver && events.length > lastEvents) return 'an event after the end';
    lastEvents = events.length;
    if (ends !== (open.size === 0 ? 1 : 0)) return `${ends} ends with ${open.size} to come`;
    if (open.has(undefined) && events.length > 0) return 'an event before the reply';
  }
  if (reply$.observed || topic$.observed) return 'a source that is not left';
  const [first, ...states] = events;
  if (first !== reply) return 'accepted is not first';
  const isFailed = (at: number): boolean => fates[at]?.outcome !== 'Subscribed';
  for (const [at, id] of ids.entries()) {
    const own = states.filter((event) => event.type === 'state' && event.workbinId === id);
    const { outcome, message } = fates[at] ?? { outcome: undefined, message: undefined };
    if (own.length !== (outcome === 'left out' ? 0 : 1)) return `${own.length} events for ${id}`;
    if (own.some((event) => event.type !== 'state' || event.message !== message)) return `a stranger's event for ${id}`;
  }
  if (states.length !== fates.filter(({ outcome }) => outcome !== 'left out').length) return 'events for strangers';
  const failedIds = ids.filter((_, at) => isFailed(at));
  if (failedIds.length === 0) return error === undefined ? undefined : 'an error though all are subscribed';
  if (!(error instanceof SubscriptionError)) return 'no SubscriptionError';
  const { failed, subscribed } = error;
  if (
    [...subscribed].sort().join() !==
    ids
      .filter((_, at) => !isFailed(at))
      .sort()
      .join()
  )
    return 'subscribed is wrong';
  if (failed.size !== failedIds.length) return 'failed is wrong';
  return ids.every((id, at) =>
    isFailed(at)
      ? failed.get(id)?.code === (fates[at]?.outcome === 'left out' ? 'api' : 'request-failed')
      : !failed.has(id),
  )
    ? undefined
    : 'a wrong cause';
};

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const choose = (n: number, k: number): number => (k > n ? 0 : factorial(n) / factorial(k) / factorial(n - k));

/**
 * How many runs there must be: of n workbins k are silent, each of the others has 3 outcomes with or without a reference
 * id; n - k messages and the reply come in any order, with none, or with one of the foreign ones or a double of the first
 * workbin's (where it has a message) at each of the places.
 */
const countOf = (n: number): number => {
  let count = 0;
  for (let k = 0; k <= n; k += 1) {
    const steps = n - k + 1;
    const orders = 6 ** (n - k) * factorial(steps);
    const whereFirstSpeaks = choose(n - 1, k);
    const whereFirstIsSilent = choose(n, k) - whereFirstSpeaks;
    const places = steps + 1;
    count += orders * whereFirstSpeaks * (1 + (foreign.length + 1) * places);
    count += orders * whereFirstIsSilent * (1 + foreign.length * places);
  }
  return count;
};

const enumerates = test.macro<[number]>({
  title: (_, n) => `mergeSubscription: every interleaving of ${n} in one request ends in the account`,
  exec: (t, n) => {
    const ids = allIds.slice(0, n);
    const faults: string[] = [];
    let count = 0;
    for (const fates of combinationsOf(ids.map(fatesOf))) {
      const messages = fates.flatMap(({ message }) => (message === undefined ? [] : [message]));
      const doubled = fates[0]?.message;
      const extras = doubled === undefined ? foreign : [...foreign, doubled];
      for (const order of ordersOf<Step>([undefined, ...messages])) {
        for (const steps of disturbed(order, extras)) {
          count += 1;
          const fault = faultOf(ids, fates, steps);
          if (fault !== undefined && faults.length < 5) faults.push(`${fault}: ${JSON.stringify([fates, steps])}`);
        }
      }
    }
    t.log(`${count} interleavings`);
    t.deepEqual(faults, []);
    t.is(count, countOf(n));
  },
});

test(enumerates, 1);
test(enumerates, 2);
test(enumerates, 3);

// What the table of losses does not say: bounds, numbers, delays, and when to give up.
import test, { type ExecutionContext } from 'ava';
import { filter, firstValueFrom } from 'rxjs';
import { type WatchEvent, isConnectionError, isHttpError, isSubscriptionError } from '../../src/index.js';
import type { BayeuxKill, Fault } from '../../src/sandbox/index.js';
import {
  A,
  B,
  Clock,
  type Rig,
  Seen,
  acceptedSince,
  assertHealthy,
  createRig,
  has,
  held,
  isSubscribe,
  posted,
} from './rig.js';
import { CookieFetch } from './cookieFetch.js';

const ids = [A, B];

test('recovery: 60 losses in a row, 60 gaps, nothing doubled', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, clock, trace, until, states } = rig;
  const seen = new Seen<WatchEvent>(client.watch(ids));
  const kills: readonly BayeuxKill[] = ['unknown', 'unknown-without-advice', 'other-text', 'forbidden', 'advice-none'];
  await until('to watch', () => seen.confirmed(A) === 1 && seen.confirmed(B) === 1);
  const added: string[] = [];
  for (let i = 0; i < 60; i++) {
    await held(rig);
    clock.advance(1_000);
    const at = clock.now();
    if (i % 10 === 9) await sandbox.restart();
    else if (i % 10 === 4) sandbox.resetConnections();
    else {
      if (i % 10 === 3) sandbox.killHttpSessions();
      sandbox.killBayeuxSessions(kills[i % kills.length]);
    }
    await until(`gap ${i}`, () => seen.gaps.length === i + 1);
    const gap = seen.gaps[i];
    t.true((gap?.from ?? Infinity) <= at && at <= (gap?.to ?? 0), `bounds of gap ${i}`);
    added.push(sandbox.addItem(ids[i % 2] ?? A));
    await until(`item ${i}`, () => seen.items.length > i);
  }
  t.deepEqual(seen.items, added);
  await held(rig);
  await assertHealthy(t, rig, ids);
  for (const id of ids) {
    t.is(seen.confirmed(id), 61);
    t.is(acceptedSince(trace).get(id), 1);
  }
  t.is(states.filter((state) => state === 'reconnecting').length, 60);
  t.false(seen.hasEnded);
  seen.subscription.unsubscribe();
  await client.close();
  t.is(clock.armed, 0);
  await until('nothing left at the server', () => sandbox.bayeuxSessions === 0);
  t.deepEqual(sandbox.subscriptions(), []);
});

test('recovery: a loss while the previous one is being recovered from is one gap, from the first', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, clock, until, trace } = rig;
  const seen = new Seen<WatchEvent>(client.watch(ids));
  await until('to watch', () => seen.confirmed(A) === 1 && seen.confirmed(B) === 1);
  await held(rig);
  clock.advance(5_000);
  const at = clock.now();
  sandbox.fault({ operation: 'Subscribe', times: 3 }, { kind: 'delay', ms: 600_000 });
  for (let i = 1; i <= 3; i++) {
    const from = trace.length;
    sandbox.killBayeuxSessions();
    await until('the POST', () => posted(trace, 'Subscribe', from).length > 0);
    await held(rig);
    clock.advance(1_000);
  }
  const last = clock.now();
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length > 0);
  const [gap] = seen.gaps;
  t.true((gap?.from ?? Infinity) <= at && (gap?.to ?? 0) >= last);
  t.deepEqual([...(gap?.workbinIds ?? [])].sort(), [...ids].sort());
  await held(rig);
  await assertHealthy(t, rig, ids);
  t.is(seen.gaps.length, 1);
});

test('recovery: several watchers each get their own gap, of their own workbins', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const one = new Seen<WatchEvent>(client.watch(A));
  const both = new Seen<WatchEvent>(client.watch(ids));
  const other = new Seen<WatchEvent>(client.forUser('e6f2ad1b26ea4e9b8dd907eabe167522').watch(B));
  await until('to watch', () => one.confirmed(A) + both.confirmed(A) + both.confirmed(B) + other.confirmed(B) === 4);
  await held(rig);
  sandbox.killBayeuxSessions();
  await until('the gaps', () => [one, both, other].every(({ gaps }) => gaps.length === 1));
  t.deepEqual(one.gaps[0]?.workbinIds, [A]);
  t.deepEqual([...(both.gaps[0]?.workbinIds ?? [])].sort(), [...ids].sort());
  t.deepEqual(other.gaps[0]?.workbinIds, [B]);
  t.like(other.gaps[0]?.scope, { kind: 'user' });
  await held(rig);
  t.deepEqual(
    [one, both, other].map(({ gaps }) => gaps.length),
    [1, 1, 1],
  );
});

test('recovery: what comes between confirmation and gap, and later, is no longer in the gap', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  t.deepEqual(seen.types.slice(-3), ['accepted', 'Subscribed', 'gap']);
});

const goodPolls = ({ trace }: Rig): number =>
  trace.filter(({ phase, request }) => phase === 'answered' && request.status === 200 && has('/meta/connect')(request))
    .length;

test('recovery: when the HTTP session went silently, the gap begins before it went', async (t) => {
  const rig = await createRig(t, { sandbox: { longPollTimeout: 150 } });
  const { sandbox, client, clock, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  clock.advance(1_000);
  const lossAt = clock.now();
  sandbox.killHttpSessions();
  sandbox.addItem(A); // nobody is told
  clock.advance(5_000);
  // The poll that was held all the while returns well: that says nothing of the HTTP session.
  await until('the gap', () => seen.gaps.length === 1);
  t.true((seen.gaps[0]?.from ?? Infinity) <= lossAt, 'what was pushed since the loss is in no gap');
});

test('recovery: when the HTTP session went where no cookie is seen, the CSRF token tells, and the gap is true', async (t) => {
  const fetch = new CookieFetch();
  const rig = await createRig(t, { sandbox: { longPollTimeout: 120_000 }, client: { fetch: fetch.fetch } });
  const { sandbox, client, clock, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(ids));
  await until('to watch', () => seen.confirmed(A) === 1 && seen.confirmed(B) === 1);
  await held(rig);
  clock.advance(70_000);
  await until(
    'a probe',
    () => rig.trace.filter(({ phase, request }) => phase === 'answered' && request.path === '/api/v2/me').length === 2,
  );
  clock.advance(1_000);
  const lossAt = clock.now();
  sandbox.killHttpSessions();
  clock.advance(60_000);
  await until('the gap', () => seen.gaps.length === 1);
  const [gap] = seen.gaps;
  t.true((gap?.from ?? Infinity) <= lossAt && (gap?.to ?? 0) >= lossAt);
  const item = sandbox.addItem(A);
  await until('an item', () => seen.items.includes(item));
  await held(rig);
  await assertHealthy(t, rig, ids);
  t.is(seen.gaps.length, 1);
});

test('recovery: where no cookie is seen, polls that go well do not hide when the HTTP session went', async (t) => {
  const rig = await createRig(t, { sandbox: { longPollTimeout: 150 }, client: { fetch: new CookieFetch().fetch } });
  const { sandbox, client, clock, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  clock.advance(1_000);
  const lossAt = clock.now();
  sandbox.killHttpSessions();
  for (let i = 0; seen.gaps.length === 0 && i < 30; i++) {
    const before = goodPolls(rig);
    clock.advance(5_000);
    await until('another poll, or the gap', () => goodPolls(rig) > before || seen.gaps.length > 0);
  }
  t.is(seen.gaps.length, 1);
  t.true((seen.gaps[0]?.from ?? Infinity) <= lossAt, 'what was pushed since the loss is in no gap');
});

test('recovery: where nothing shows the HTTP session, the gap begins when the lost session stood, not before', async (t) => {
  const rig = await createRig(t, { sandbox: { csrf: false }, client: { fetch: new CookieFetch().fetch } });
  const { sandbox, client, clock, until } = rig;
  clock.advance(1_000);
  const stoodAt = clock.now();
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  clock.advance(1_000);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  t.is(seen.gaps[0]?.from, stoodAt);
});

test('recovery: a rotated CSRF token is fetched anew; nothing is lost', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  sandbox.rotateCsrf();
  const second = new Seen<WatchEvent>(client.watch(B));
  await until('the second', () => second.confirmed(B) === 1);
  await held(rig);
  await assertHealthy(t, rig, ids);
  t.is(seen.gaps.length + second.gaps.length, 0);
  t.deepEqual(rig.states, ['idle', 'connecting', 'connected']);
});

test('recovery: a rotated CSRF token that CometD needs as well is fetched anew', async (t) => {
  const rig = await createRig(t, { sandbox: { csrfOnBayeux: true } });
  const { sandbox, client, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  sandbox.rotateCsrf();
  const first = sandbox.addItem(A);
  await until('the first item', () => seen.items.includes(first));
  const second = sandbox.addItem(A);
  await until('the second item', () => seen.items.includes(second));
  await held(rig);
  await assertHealthy(t, rig, [A]);
  t.deepEqual(seen.items, [first, second]);
});

test('recovery: a rotated CSRF token where no cookie is seen is survived, too', async (t) => {
  const rig = await createRig(t, { sandbox: { longPollTimeout: 120_000 }, client: { fetch: new CookieFetch().fetch } });
  const { sandbox, client, clock, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await held(rig);
  sandbox.rotateCsrf();
  const second = new Seen(client.subscribe(B));
  await until('the second', () => second.hasEnded);
  t.is(second.error, undefined);
  clock.advance(61_000);
  await held(rig);
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  await held(rig);
  await assertHealthy(t, rig, ids);
  t.deepEqual(seen.items, [item]);
});

for (const [name, match, status] of [
  ['GET me gets 401', { method: 'GET', path: '/api/v2/me' }, 401],
  ['GET me gets 403', { method: 'GET', path: '/api/v2/me' }, 403],
  ['the handshake gets 401', { channel: '/meta/handshake' }, 401],
] as const) {
  test(`recovery: credentials refused (${name}): watch errors with ConnectionErrors, and a new one works later`, async (t) => {
    const rig = await createRig(t);
    const { sandbox, client, clock, states, until } = rig;
    const seen = new Seen<WatchEvent>(client.watch(ids));
    await until('to watch', () => seen.confirmed(A) === 1 && seen.confirmed(B) === 1);
    sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'hang' });
    const pending = new Seen(client.any.subscribe(A));
    const errors: unknown[] = [];
    client.notifications$.subscribe({ error: (error: unknown) => errors.push(error) });
    await until('the POST', () => posted(rig.trace, 'Subscribe').length === 2);
    const lift = sandbox.fault(match, { kind: 'reply', status });
    sandbox.killBayeuxSessions();
    await until('the errors', () => seen.hasEnded && pending.hasEnded);
    for (const { error } of [seen, pending]) {
      if (!isSubscriptionError(error)) throw new Error(String(error));
      for (const cause of error.failed.values()) {
        t.true(isConnectionError(cause));
        t.true(isHttpError(cause.cause));
      }
    }
    t.true(
      isSubscriptionError(seen.error) &&
        ids.every((id) => isSubscriptionError(seen.error) && seen.error.failed.has(id)),
    );
    t.is(errors.length, 1);
    t.true(isConnectionError(errors[0]));
    t.is(states.at(-1), 'idle');
    t.is(clock.armed, 0);
    lift();
    const later = new Seen<WatchEvent>(client.watch(A));
    await until('to watch again', () => later.confirmed(A) === 1);
    t.deepEqual(states.slice(-2), ['connecting', 'connected']);
  });
}

test('recovery: a topic that is refused for ever ends in ConnectionErrors', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, states, until, clock } = rig;
  const seen = new Seen<WatchEvent>(client.watch(ids));
  await until('to watch', () => seen.confirmed(A) === 1 && seen.confirmed(B) === 1);
  sandbox.fault({ channel: '/meta/subscribe' }, { kind: 'bayeux', error: '403::Forbidden' });
  sandbox.killBayeuxSessions();
  await until('the error', () => seen.hasEnded);
  if (!isSubscriptionError(seen.error)) throw new Error(String(seen.error));
  t.deepEqual([...seen.error.failed.values()].map(isConnectionError), [true, true]);
  t.is(states.at(-1), 'idle');
  t.is(clock.armed, 0);
});

test('connecting: a topic that is refused for ever ends a subscription in a ConnectionError', async (t) => {
  const { sandbox, client, until, trace } = await createRig(t);
  sandbox.fault({ channel: '/meta/subscribe' }, { kind: 'bayeux', error: '403::Forbidden' });
  const seen = new Seen(client.subscribe(A));
  await until('the error', () => seen.hasEnded);
  t.true(isSubscriptionError(seen.error) && isConnectionError(seen.error.failed.get(A)));
  t.is(trace.filter(({ phase, request }) => phase === 'arrived' && has('/meta/handshake')(request)).length, 2);
  t.deepEqual(posted(trace, 'Subscribe'), []);
});

test('connecting: an HTTP session that is replaced while the handshake is on its way has another handshake', async (t) => {
  const { fetch } = new CookieFetch();
  let release = (): void => undefined;
  const replaced = new Promise<void>((resolve) => (release = resolve));
  const { sandbox, client, states, trace, until } = await createRig(t, {
    client: {
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (typeof init?.body === 'string' && init.body.includes('/meta/handshake')) await replaced;
        return answer;
      },
    },
  });
  const seen = new Seen<WatchEvent>(client.watch(A));
  await sandbox.request((request) => has('/meta/handshake')(request) && request.status === 200);
  sandbox.killHttpSessions();
  await firstValueFrom(client.list(), { defaultValue: [] });
  release();
  await until('to watch', () => seen.confirmed(A) === 1);
  const item = sandbox.addItem(A);
  await until('an item', () => seen.items.includes(item));
  t.deepEqual(states, ['idle', 'connecting', 'connected']);
  t.is(posted(trace, 'Subscribe').length, 1, 'none in a session that nobody hears');
});

test('connecting: gives up after maxAttempts while no session ever stood', async (t) => {
  const clock = new Clock();
  let asked = 0;
  const { sandbox, client, until } = await createRig(t, {
    client: {
      scheduler: clock,
      retry: {
        maxAttempts: 4,
        initialDelay: 100,
        maxDelay: 1_000,
        random: () => {
          asked++;
          setImmediate(() => clock.advance(1_000));
          return 1;
        },
      },
    },
  });
  await sandbox.refuseConnections();
  const seen = new Seen(client.subscribe(A));
  await until('the error', () => seen.hasEnded);
  t.is(asked, 3);
  t.true(isSubscriptionError(seen.error));
});

test('recovery: backoff has full jitter, is capped, and a success resets it', async (t) => {
  const clock = new Clock();
  const tries: number[] = [];
  let jitter = 1;
  const { sandbox, client, until, trace } = await createRig(t, {
    client: {
      scheduler: clock,
      retry: {
        initialDelay: 100,
        maxDelay: 1_000,
        random: () => {
          setImmediate(() => tries.push(clock.advanceToNext()));
          return jitter;
        },
      },
    },
  });
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  await sandbox.refuseConnections();
  await until('the cap', () => tries.length >= 7);
  t.deepEqual(tries.slice(0, 7), [100, 200, 400, 800, 1_000, 1_000, 1_000]);
  jitter = 0.25;
  const quarter = tries.length + 1;
  await until('a quarter', () => tries.length > quarter);
  t.is(tries[quarter], 250);
  jitter = 1;
  await sandbox.restart();
  await until('the gap', () => seen.gaps.length === 1);
  await until(
    'a poll',
    () => trace.at(-1)?.phase === 'arrived' && has('/meta/connect')(trace.at(-1)?.request ?? ({} as never)),
  );
  const again = tries.length;
  await sandbox.refuseConnections();
  await until('the first two', () => tries.length >= again + 2);
  t.deepEqual(tries.slice(again, again + 2), [100, 200]);
  await sandbox.restart();
  await until('the second gap', () => seen.gaps.length === 2);
});

/** A client whose polls go out once the topic is acknowledged, and how long it waits before each new session. */
const createPoller = async (
  t: ExecutionContext,
  isRefused = (_pollOfSession: number): boolean => false,
): Promise<{ readonly rig: Rig; readonly delays: readonly number[] }> => {
  const clock = new Clock();
  const delays: number[] = [];
  const { fetch } = new CookieFetch();
  let polls = 0;
  const rig: Rig = await createRig(t, {
    client: {
      scheduler: clock,
      fetch: async (input, init) => {
        const body = typeof init?.body === 'string' ? init.body : '';
        if (body.includes('/meta/handshake')) polls = 0;
        if (body.includes('/meta/connect')) {
          if (isRefused(++polls)) return new Response('', { status: 503 });
          const connected$ = rig.client.connection$.pipe(filter((state) => state === 'connected'));
          await firstValueFrom(connected$, { defaultValue: 'closed' });
        }
        return fetch(input, init);
      },
      retry: {
        initialDelay: 100,
        maxDelay: 1_000,
        random: () => {
          setImmediate(() => delays.push(clock.advanceToNext()));
          return 1;
        },
      },
    },
  });
  return { rig, delays };
};

for (const [name, fault] of [
  ['gets 503', { kind: 'reply', status: 503 }],
  ['gets HTML', { kind: 'reply', body: '<!doctype html><title>Please log in</title>' }],
  ['fails', { kind: 'bayeux', error: '500::Internal error' }],
  ['is reset', { kind: 'reset' }],
] as const satisfies readonly (readonly [string, Fault])[]) {
  test(`recovery: where every poll ${name}, a topic that is acknowledged resets no backoff`, async (t) => {
    const { rig, delays } = await createPoller(t);
    const { sandbox, client, states, until } = rig;
    sandbox.fault({ channel: '/meta/connect' }, fault);
    client.notifications$.subscribe();
    await until('the cap', () => delays.length >= 7);
    t.deepEqual(delays.slice(0, 7), [100, 200, 400, 800, 1_000, 1_000, 1_000]);
    t.true(states.filter((state) => state === 'connected').length >= 7, 'each session stood until its poll');
  });
}

test('recovery: where a proxy refuses each poll that is held, the first one, which is not, resets no backoff', async (t) => {
  const { rig, delays } = await createPoller(t, (poll) => poll > 1);
  rig.client.notifications$.subscribe();
  await rig.until('the cap', () => delays.length >= 7);
  t.deepEqual(delays.slice(0, 7), [100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test('recovery: polls that are refused for ever end in a ConnectionError, though the topic is acknowledged', async (t) => {
  const { rig, delays } = await createPoller(t);
  const { sandbox, client, states, until, trace } = rig;
  sandbox.fault({ channel: '/meta/connect' }, { kind: 'bayeux', error: '403::Forbidden' });
  const errors: unknown[] = [];
  client.notifications$.subscribe({ error: (error: unknown) => errors.push(error) });
  await until('the error', () => errors.length > 0);
  t.true(isConnectionError(errors[0]));
  t.deepEqual(delays, [100]);
  t.is(trace.filter(({ phase, request }) => phase === 'arrived' && has('/meta/connect')(request)).length, 2);
  t.deepEqual(states, ['idle', 'connecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'idle']);
});

test('recovery: stale news of an earlier session settles nothing', async (t) => {
  const rig = await createRig(t, { sandbox: { referenceIdInMessages: true } });
  const { sandbox, client, trace, until } = rig;
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const seen = new Seen(client.subscribe(A));
  await until('the first reply', () => seen.events.length === 1);
  const [first] = seen.events;
  const stale = first?.type === 'accepted' ? first.referenceIds.get(A) : undefined;
  t.is(typeof stale, 'number');
  await held(rig);
  const from = trace.length;
  sandbox.killBayeuxSessions();
  await until('the second reply', () => seen.events.length === 2);
  await held(rig);
  t.is(posted(trace, 'Subscribe', from).length, 1);
  const message = { messageType: 'WorkbinSubscriptionStateChangeMessage', stateResource: 'Subscribed', id: A };
  const heard: unknown[] = [];
  client.notifications$.subscribe((notification) => heard.push(notification));
  sandbox.push({ ...message, referenceId: stale });
  await until('the stale message', () => heard.length === 1);
  t.deepEqual(seen.types, ['accepted', 'accepted']);
  const second = seen.events[1];
  sandbox.push({ ...message, referenceId: second?.type === 'accepted' ? second.referenceIds.get(A) : undefined });
  await until('the end', () => seen.hasEnded);
  t.deepEqual(seen.types, ['accepted', 'accepted', 'Subscribed']);
});

test('recovery: while a POST of the new session is on its way, a reply to the old one counts for nothing', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, trace, until } = rig;
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'delay', ms: 300 });
  const seen = new Seen(client.subscribe(A));
  await until('the first POST', () => posted(trace, 'Subscribe').length === 1);
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'delay', ms: 600 });
  sandbox.killBayeuxSessions();
  await until('the second POST', () => posted(trace, 'Subscribe').length === 2);
  await until('the old reply', () => trace.some(({ phase, request }) => phase === 'answered' && isSubscribe(request)));
  await held(rig);
  t.deepEqual(seen.types, []);
  await until('the end', () => seen.hasEnded);
  t.deepEqual(seen.types, ['accepted', 'Subscribed']);
});

test('recovery: what was unsubscribed while there was no session is not subscribed again', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, clock, trace, until } = rig;
  const plain = new Seen(client.subscribe([A, B]));
  const watching = new Seen<WatchEvent>(client.watch(A));
  await until('both', () => plain.hasEnded && watching.confirmed(A) === 1);
  await sandbox.refuseConnections();
  await until('to be lost', () => rig.states.at(-1) === 'reconnecting');
  watching.subscription.unsubscribe();
  const leaving = new Seen(client.unsubscribe(A));
  const from = trace.length;
  const at = clock.now();
  await until('time', () => clock.now() > at + 3_000);
  await sandbox.restart();
  await until('the end', () => leaving.hasEnded);
  t.is(leaving.error, undefined);
  t.deepEqual(leaving.types, ['accepted', 'Unsubscribed']);
  await held(rig);
  await assertHealthy(t, rig, [B]);
  t.deepEqual(posted(trace, 'Subscribe', from), [[B]]);
});

test('recovery: what nobody watches any more when the session is back is not subscribed', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, trace, until, clock } = rig;
  const one = new Seen<WatchEvent>(client.watch(A));
  const other = new Seen<WatchEvent>(client.watch(B));
  await until('both', () => one.confirmed(A) + other.confirmed(B) === 2);
  await sandbox.refuseConnections();
  await until('to be lost', () => rig.states.at(-1) === 'reconnecting');
  one.subscription.unsubscribe();
  const from = trace.length;
  await sandbox.restart();
  await until('the gap', () => other.gaps.length === 1);
  await held(rig);
  await assertHealthy(t, rig, [B]);
  t.deepEqual(posted(trace, 'Subscribe', from), [[B]]);
  other.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 0);
  await client.close();
  t.is(clock.armed, 0);
});

test('recovery: a workbin that cannot be restored fails alone, the others go on', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const both = new Seen<WatchEvent>(client.watch(ids));
  const alone = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => both.confirmed(A) + both.confirmed(B) + alone.confirmed(A) === 3);
  sandbox.fault({ operation: 'Subscribe', workbinId: A }, { kind: 'status', statusCode: 6 });
  sandbox.killHttpSessions();
  sandbox.killBayeuxSessions();
  await until('the ends', () => alone.hasEnded && both.gaps.length === 1);
  t.true(isSubscriptionError(alone.error) && alone.error.failed.has(A));
  t.deepEqual(both.gaps[0]?.workbinIds, [B]);
  t.is(both.events.filter(({ type }) => type === 'failed').length, 1);
  t.false(both.hasEnded);
  await held(rig);
  await assertHealthy(t, rig, [B]);
});

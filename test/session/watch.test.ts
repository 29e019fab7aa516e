import test from 'ava';
import { config, firstValueFrom } from 'rxjs';
import {
  type WatchEvent,
  type Workbins,
  type WorkbinClient,
  isApiError,
  isArgumentError,
  isClosedError,
  isSubscriptionError,
  isTimeoutError,
} from '../../src/index.js';
import type { Medium, SandboxItem, SandboxRequest } from '../../src/sandbox/index.js';
import {
  A,
  AGENT,
  B,
  COLLEAGUE,
  Seen,
  acceptedSince,
  assertHealthy,
  createRig,
  has,
  held,
  posted,
} from '../recovery/rig.js';

const GROUP = '1c979a85-edd7-4540-8a58-b74fbc8328af';
const PLACES = '7d2c9a34-51a2-4b0f-8f6d-2e8c5a1b7f42';

test('watch: watchers of one workbin share one subscription; the last to leave ends it', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, trace, until } = rig;
  const first = new Seen<WatchEvent>(client.watch(A));
  const second = new Seen<WatchEvent>(client.watch(A));
  await until('both', () => first.confirmed(A) + second.confirmed(A) === 2);
  const late = new Seen<WatchEvent>(client.watch(A));
  t.deepEqual(late.types, ['accepted', 'Subscribed']);
  t.deepEqual(posted(trace, 'Subscribe'), [[A]]);
  const item = sandbox.addItem(A);
  const all = [first, second, late];
  await until('the item', () => all.every(({ items }) => items.includes(item)));
  t.true(all.every(({ items }) => items.length === 1));
  first.subscription.unsubscribe();
  late.subscription.unsubscribe();
  const next = sandbox.addItem(A);
  await until('another item', () => second.items.includes(next));
  await held(rig);
  t.deepEqual(posted(trace, 'Unsubscribe'), []);
  t.is(first.items.length, 1);
  await assertHealthy(t, rig, [A]);
  second.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 0);
  t.deepEqual(posted(trace, 'Unsubscribe'), [[A]]);
});

test('watch: leaves the subscription where a plain subscribe() wants it', async (t) => {
  const rig = await createRig(t);
  const { client, trace, until, sandbox } = rig;
  const watching = new Seen<WatchEvent>(client.watch([A, B]));
  await until('to watch', () => watching.confirmed(A) + watching.confirmed(B) === 2);
  const plain = new Seen(client.subscribe(A));
  await until('the plain one', () => plain.hasEnded);
  watching.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 1);
  await held(rig);
  t.deepEqual(posted(trace, 'Unsubscribe'), [[B]]);
  await assertHealthy(t, rig, [A]);
});

test('watch: several that leave in one turn are one POST', async (t) => {
  const { client, trace, until, sandbox } = await createRig(t);
  const one = new Seen<WatchEvent>(client.watch(A));
  const other = new Seen<WatchEvent>(client.watch(B));
  await until('to watch', () => one.confirmed(A) + other.confirmed(B) === 2);
  t.deepEqual(posted(trace, 'Subscribe'), [[A, B]]);
  one.subscription.unsubscribe();
  other.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 0);
  t.deepEqual(posted(trace, 'Unsubscribe'), [[A, B]]);
});

test('watch: left and watched again in one turn, it stays subscribed', async (t) => {
  const rig = await createRig(t);
  const { client, trace, until, sandbox } = rig;
  const one = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => one.confirmed(A) === 1);
  const from = trace.length;
  one.subscription.unsubscribe();
  const again = new Seen<WatchEvent>(client.watch(A));
  await until('to watch again', () => again.confirmed(A) === 1);
  const item = sandbox.addItem(A);
  await until('an item', () => again.items.includes(item));
  await held(rig);
  t.deepEqual(posted(trace, 'Unsubscribe', from), []);
  await assertHealthy(t, rig, [A]);
});

test('watch: torn down on its way, the server is left as it was', async (t) => {
  const rig = await createRig(t);
  const { client, clock, trace, until, sandbox } = rig;
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'delay', ms: 600_000 });
  const one = new Seen<WatchEvent>(client.watch(A));
  await until('the POST', () => sandbox.subscriptions().length === 1);
  one.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 0);
  t.deepEqual(one.events, []);
  t.deepEqual(posted(trace, 'Unsubscribe'), [[A]]);
  await client.close();
  t.is(clock.armed, 0);
});

for (const again of ['watch', 'subscribe'] as const) {
  for (const when of ['on its way', 'accepted'] as const) {
    test(`watch: an Unsubscribe of its own that is ${when} and never confirmed holds up no ${again}()`, async (t) => {
      const rig = await createRig(t);
      const { client, clock, trace, until, sandbox } = rig;
      sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'push', copies: 0 });
      const left = new Seen<WatchEvent>(client.watch(A));
      await until('to watch', () => left.confirmed(A) === 1);
      const at = clock.now();
      left.subscription.unsubscribe();
      const leaves = ({ operationName, status }: SandboxRequest): boolean =>
        operationName === 'Unsubscribe' && (when === 'on its way' || status === 200);
      await sandbox.request(leaves);
      // What is answered after it has come after it.
      if (when === 'accepted') await firstValueFrom(client.list(), { defaultValue: [] });
      const seen = new Seen<WatchEvent>(client[again](A));
      await until('to be confirmed', () => seen.confirmed(A) === 1);
      t.deepEqual(seen.types, ['accepted', 'Subscribed']);
      t.is(clock.now(), at, 'no time had to pass');
      const operations = trace.flatMap(({ phase, request }) => (phase === 'arrived' && request.operationName) || []);
      t.deepEqual(operations, ['Subscribe', 'Unsubscribe', 'Subscribe']);
      t.false(left.hasEnded);
      await held(rig);
      await assertHealthy(t, rig, [A]);
    });
  }
}

test('watch: watched again while an Unsubscribe of its own is on its way, it waits for the reply', async (t) => {
  const rig = await createRig(t);
  const { client, trace, until, sandbox } = rig;
  sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'delay', ms: 50 });
  const left = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => left.confirmed(A) === 1);
  left.subscription.unsubscribe();
  await sandbox.request(({ operationName }) => operationName === 'Unsubscribe');
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to be confirmed', () => seen.confirmed(A) === 1);
  const order = trace.map(({ phase, request }) => `${request.operationName ?? ''} ${phase}`);
  t.true(order.includes('Unsubscribe answered'));
  t.true(order.indexOf('Unsubscribe answered') < order.lastIndexOf('Subscribe arrived'));
  await held(rig);
  await assertHealthy(t, rig, [A]);
});

test('watch: completes when unsubscribe() has taken the last of its workbins', async (t) => {
  const rig = await createRig(t);
  const { client, until } = rig;
  const both = new Seen<WatchEvent>(client.watch([A, B]));
  const alone = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => both.confirmed(A) + both.confirmed(B) + alone.confirmed(A) === 3);
  const first = new Seen(client.unsubscribe(A));
  await until('the first', () => first.hasEnded && alone.hasEnded);
  t.true(alone.isComplete);
  t.is(alone.types.at(-1), 'Unsubscribed');
  t.false(both.hasEnded);
  t.is(both.types.at(-1), 'Unsubscribed');
  await held(rig);
  await assertHealthy(t, rig, [B]);
  const second = new Seen(client.unsubscribe(B));
  await until('the second', () => second.hasEnded && both.hasEnded);
  t.true(both.isComplete);
});

test('watch: one of several that cannot be had is told, and the others go on', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const seen = new Seen<WatchEvent>(client.watch([A, 'unknown', B]));
  await until('to watch', () => seen.confirmed(A) + seen.confirmed(B) === 2 && seen.types.includes('failed'));
  const failed = seen.events.find((event) => event.type === 'failed');
  t.like(failed, { type: 'failed', workbinId: 'unknown', scope: { kind: 'me' } });
  t.true(failed?.type === 'failed' && isApiError(failed.error));
  const item = sandbox.addItem(B);
  await until('an item', () => seen.items.includes(item));
  await held(rig);
  await assertHealthy(t, rig, [A, B]);
});

test('watch: errors with the account of all when none can be had', async (t) => {
  const { client, until, sandbox } = await createRig(t);
  const seen = new Seen<WatchEvent>(client.watch(['unknown', 'neither', '']));
  await until('the end', () => seen.hasEnded);
  if (!isSubscriptionError(seen.error)) throw new Error(String(seen.error));
  t.deepEqual([...seen.error.failed.keys()].sort(), ['', 'neither', 'unknown']);
  t.true(isArgumentError(seen.error.failed.get('')));
  t.true(isApiError(seen.error.failed.get('neither')));
  t.deepEqual(seen.error.subscribed, []);
  t.deepEqual(sandbox.subscriptions(), []);
});

test('watch: an id that cannot be sent fails first, the others go on', async (t) => {
  const { client, until } = await createRig(t);
  const seen = new Seen<WatchEvent>(client.watch([A, 'x,y', '..']));
  await until('to watch', () => seen.confirmed(A) === 1);
  t.deepEqual(seen.types, ['failed', 'failed', 'accepted', 'Subscribed']);
  const none = new Seen<WatchEvent>(client.watch(''));
  t.true(isSubscriptionError(none.error) && isArgumentError(none.error.failed.get('')));
  t.true(new Seen<WatchEvent>(client.watch([])).isComplete);
});

test('watch: its timeout is that of the first subscription only', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, clock, until } = rig;
  sandbox.fault({ workbinId: B }, { kind: 'push', copies: 0 });
  const slow = new Seen<WatchEvent>(client.watch(B, { timeout: 2_000 }));
  const seen = new Seen<WatchEvent>(client.any.watch(A, { timeout: 2_000 }));
  await until('to watch', () => seen.confirmed(A) === 1 && slow.events.length === 1);
  clock.advance(2_000);
  t.true(isSubscriptionError(slow.error) && isTimeoutError(slow.error.failed.get(B)));
  sandbox.fault({ operation: 'Subscribe', times: 1 }, { kind: 'delay', ms: 600_000 });
  sandbox.killBayeuxSessions();
  await until('the POST', () => posted(rig.trace, 'Subscribe').length === 3);
  clock.advance(10_000);
  t.false(seen.hasEnded);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  t.false(seen.hasEnded);
});

const media: readonly Medium[] = ['chat', 'email', 'facebook', 'facebooksession', 'tweet', 'workitem', 'openmedia'];
test('watch: names medium and interaction of each documented resource', async (t) => {
  const { sandbox, client, until } = await createRig(t);
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  for (const medium of media) {
    const id = sandbox.addItem(A, { medium, interaction: { id: `one of ${medium}`, subject: 'so' } });
    sandbox.removeItem(A, id);
  }
  await until('the items', () => seen.items.length === 2 * media.length);
  t.deepEqual(
    seen.events.flatMap((event) =>
      event.type === 'item'
        ? [[event.medium, event.action, event.interaction?.id, event.interaction?.['subject']]]
        : [],
    ),
    media.flatMap((medium) => [
      [medium, 'ItemAdded', `one of ${medium}`, 'so'],
      [medium, 'ItemRemoved', `one of ${medium}`, 'so'],
    ]),
  );
});

test('watch: an item without a resource, or with one that is none, is delivered all the same', async (t) => {
  const { sandbox, client, until } = await createRig(t);
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  const message = { messageType: 'WorkbinStateChangeMessage', id: A, action: 'Shaken' };
  sandbox.push(message);
  sandbox.push({ ...message, chatStateResourceV2: null });
  sandbox.push({ ...message, pigeonStateResourceV9: { id: 'p' } });
  await until('the items', () => seen.items.length === 3);
  t.deepEqual(
    seen.events.slice(2).map((event) => event.type === 'item' && [event.action, event.medium, event.interaction?.id]),
    [
      ['Shaken', undefined, undefined],
      ['Shaken', 'chat', undefined],
      ['Shaken', 'pigeon', 'p'],
    ],
  );
});

interface ScopeCase {
  readonly of: (client: WorkbinClient) => Workbins;
  readonly id: string;
  readonly name: string;
  /** Where an item lies that this scope is told of. */
  readonly own: SandboxItem;
  /** And one that it is not. */
  readonly other?: SandboxItem;
}
const cases: Readonly<Record<string, ScopeCase>> = {
  me: { of: (client) => client, id: A, name: 'me', own: { userId: AGENT }, other: { userId: COLLEAGUE } },
  any: { of: (client) => client.any, id: A, name: 'any', own: { userId: COLLEAGUE } },
  user: {
    of: (client) => client.forUser(COLLEAGUE),
    id: A,
    name: `users/${COLLEAGUE}`,
    own: { userId: COLLEAGUE },
    other: { userId: AGENT },
  },
  'agent group': {
    of: (client) => client.forAgentGroup('Claims, north & south'),
    id: GROUP,
    name: 'agentGroup/Claims, north & south',
    own: { agentGroup: 'Claims, north & south' },
    other: { agentGroup: 'Claims' },
  },
  'place group': {
    of: (client) => client.forPlaceGroup('1st floor'),
    id: PLACES,
    name: 'placeGroup/1st floor',
    own: { placeGroup: '1st floor' },
    other: { placeGroup: '2nd floor' },
  },
};
for (const [title, { of, id, name, own, other }] of Object.entries(cases)) {
  test(`watch: scope ${title}: items, a loss, leaving`, async (t) => {
    const rig = await createRig(t);
    const { sandbox, client, until, trace } = rig;
    const seen = new Seen<WatchEvent>(of(client).watch(id));
    await until('to watch', () => seen.confirmed(id) === 1);
    if (other !== undefined) {
      // Nobody's at the server: pushed all the same, as to somebody who watches both.
      const { userId, ...groups } = other;
      sandbox.push({
        messageType: 'WorkbinStateChangeMessage',
        id,
        action: 'ItemAdded',
        ...(userId === undefined ? {} : { workbinUserId: userId }),
        ...groups,
        chatStateResourceV2: { id: 'of somebody else' },
      });
    }
    const item = sandbox.addItem(id, own);
    await until('an item', () => seen.items.includes(item));
    t.deepEqual(seen.items, [item]);
    await held(rig);
    sandbox.killBayeuxSessions();
    await until('the gap', () => seen.gaps.length === 1);
    const next = sandbox.addItem(id, own);
    await until('another', () => seen.items.includes(next));
    t.deepEqual(seen.items, [item, next]);
    await held(rig);
    await assertHealthy(t, rig, [id], name);
    t.is(acceptedSince(trace).get(id), 1);
    seen.subscription.unsubscribe();
    await until('to leave', () => sandbox.subscriptions().length === 0);
  });
}

test('watch: the same workbin in two scopes is two subscriptions', async (t) => {
  const { sandbox, client, until } = await createRig(t);
  const mine = new Seen<WatchEvent>(client.watch(A));
  const theirs = new Seen<WatchEvent>(client.forUser(COLLEAGUE).watch(A));
  await until('both', () => mine.confirmed(A) + theirs.confirmed(A) === 2);
  const one = sandbox.addItem(A, { userId: AGENT });
  const other = sandbox.addItem(A, { userId: COLLEAGUE });
  await until('the items', () => mine.items.length + theirs.items.length === 2);
  t.deepEqual([mine.items, theirs.items], [[one], [other]]);
  mine.subscription.unsubscribe();
  await until('to leave', () => sandbox.subscriptions().length === 1);
  const more = sandbox.addItem(A, { userId: COLLEAGUE });
  await until('another', () => theirs.items.includes(more));
});

test('watch: close() completes it where it watches, and errors it where it waits', async (t) => {
  const { sandbox, client, clock, until } = await createRig(t);
  const watching = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => watching.confirmed(A) === 1);
  sandbox.fault({ operation: 'Subscribe' }, { kind: 'push', copies: 0 });
  const waiting = new Seen<WatchEvent>(client.watch(B));
  await until('accepted', () => waiting.events.length === 1);
  await client.close();
  t.true(watching.isComplete);
  t.true(isSubscriptionError(waiting.error) && isClosedError(waiting.error.failed.get(B)));
  t.is(clock.armed, 0);
  await until('to leave', () => sandbox.bayeuxSessions === 0);
});

for (const when of ['lost', 'posted again'] as const) {
  test(`watch: close() completes it in the middle of a recovery (${when})`, async (t) => {
    const rig = await createRig(t);
    const { sandbox, client, clock, until, trace } = rig;
    const seen = new Seen<WatchEvent>(client.watch(A));
    await until('to watch', () => seen.confirmed(A) === 1);
    await held(rig);
    if (when === 'lost') {
      await sandbox.refuseConnections();
      await until('to be lost', () => rig.states.at(-1) === 'reconnecting');
    } else {
      sandbox.fault({ operation: 'Subscribe' }, { kind: 'hang' });
      sandbox.killBayeuxSessions();
      await until('the POST', () => posted(trace, 'Subscribe').length === 2);
    }
    let isClosed = false;
    void client.close().then(() => {
      isClosed = true;
    });
    await until('to be closed', () => {
      clock.advance(100);
      return isClosed;
    });
    t.true(seen.isComplete);
    t.is(clock.armed, 0);
  });
}

test.serial('watch: a listener that throws breaks neither the session nor others, and RxJS reports it', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  const reported: unknown[] = [];
  config.onUnhandledError = (error) => reported.push(error);
  t.teardown(() => {
    config.onUnhandledError = null;
  });
  client.watch(A).subscribe((event) => {
    throw new Error(`oops ${event.type}`);
  });
  client.notifications$.subscribe(() => {
    throw new Error('oops notification');
  });
  const states = client.connection$.subscribe(() => {
    throw new Error('oops state');
  });
  const seen = new Seen<WatchEvent>(client.watch(A));
  await until('to watch', () => seen.confirmed(A) === 1);
  const item = sandbox.addItem(A);
  await until('the item', () => seen.items.includes(item));
  await held(rig);
  sandbox.killBayeuxSessions();
  await until('the gap', () => seen.gaps.length === 1);
  await held(rig);
  await assertHealthy(t, rig, [A]);
  await until('reports', () =>
    ['item', 'notification', 'state'].every((what) => reported.some((error) => String(error).includes(what))),
  );
  t.true(reported.every((error) => String(error).includes('oops')));
  states.unsubscribe();
});

test('watch: one session and one topic subscription for all of it', async (t) => {
  const { client, until, trace, sandbox } = await createRig(t);
  const all = [client.watch(A), client.watch(B), client.any.watch(A), client.forUser(COLLEAGUE).watch(B)].map(
    (events$) => new Seen<WatchEvent>(events$),
  );
  await until('all', () => all.every((seen) => seen.types.includes('Subscribed')));
  for (const channel of ['/meta/handshake', '/meta/subscribe']) {
    t.is(trace.filter(({ phase, request }) => phase === 'arrived' && has(channel)(request)).length, 1);
  }
  t.is(sandbox.bayeuxSessions, 1);
  t.is(sandbox.httpSessions, 1);
});

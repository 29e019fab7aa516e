// The server ends subscriptions that nobody here asked it to end: another client of the same HTTP session left them.
import test from 'ava';
import { type Wire, A, AGENT, COLLEAGUE, all, brief, open, posts, record, state } from './wire.js';

/** What a watcher who comes now is told at once: what is known to be subscribed. */
const toldAtOnce = ({ client }: Wire): readonly string[] => record(client.watch(A)).values.map(brief);
const stands = [`accepted ${A}`, `Subscribed ${A}`];

for (const owner of [{}, { workbinUserId: AGENT }]) {
  test(`watch: Unsubscribed ${JSON.stringify(owner)}, though nobody asked for that, is a gap, and subscribed again`, async (t) => {
    const wire = await open(t);
    const { sandbox, client, clock } = wire;
    const watching = record(client.watch(A));
    await watching.count(2);
    clock.advance(1_000);
    sandbox.push(state('Unsubscribed', A, owner));
    await clock.pass(500);
    const gap = await watching.until(({ type }) => type === 'gap');
    t.like(gap, { from: 1_000, to: 1_500 });
    sandbox.addItem(A);
    await watching.count(6);
    t.deepEqual(watching.values.map(brief), [...stands, ...stands, `gap ${A}`, `ItemAdded ${A}`]);
    t.is(posts(sandbox).length, 2);
    t.deepEqual(toldAtOnce(wire), stands);
  });
}

test("watch: Unsubscribed of another user's workbin of that id changes nothing", async (t) => {
  const wire = await open(t);
  const watching = record(wire.client.watch(A));
  await watching.count(2);
  wire.sandbox.push(state('Unsubscribed', A, { workbinUserId: COLLEAGUE }));
  wire.sandbox.addItem(A);
  await watching.count(3);
  t.deepEqual(watching.values.map(brief), [...stands, `ItemAdded ${A}`]);
  t.deepEqual(toldAtOnce(wire), stands);
});

test('watch: Unsubscribed while an Unsubscribe of another scope is on its way is the answer to that', async (t) => {
  const wire = await open(t);
  const { sandbox, client } = wire;
  const watching = record(client.watch(A));
  await watching.count(2);
  await all(client.any.subscribe(A));
  sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'push', copies: 0 });
  const leaving = record(client.any.unsubscribe(A));
  await leaving.count(1);
  sandbox.push(state('Unsubscribed', A));
  t.is((await leaving.ended).outcome, 'complete');
  t.deepEqual(watching.values.map(brief), stands);
  t.deepEqual(toldAtOnce(wire), stands);
});

test('watch: Unsubscribed after a watcher of another scope has left is the answer to that', async (t) => {
  const wire = await open(t);
  const { sandbox, client } = wire;
  const watching = record(client.watch(A));
  await watching.count(2);
  const other = record(client.any.watch(A));
  await other.count(2);
  sandbox.fault({ operation: 'Unsubscribe' }, { kind: 'push', copies: 0 });
  other.subscription.unsubscribe();
  await sandbox.request(({ operationName, status }) => operationName === 'Unsubscribe' && status === 200);
  // One round trip more: the reply has come.
  await all(client.list());
  sandbox.push(state('Unsubscribed', A));
  sandbox.addItem(A);
  await watching.count(3);
  t.deepEqual(watching.values.map(brief), [...stands, `ItemAdded ${A}`]);
  t.deepEqual(toldAtOnce(wire), stands);
});

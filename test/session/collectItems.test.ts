// The operator over the wire; its marble tests are elsewhere.
import test from 'ava';
import { type Item, type WatchEvent, collectItems } from '../../src/index.js';
import { A, B, type Rig, createRig, held } from '../recovery/rig.js';

interface Collected {
  readonly maps: ReadonlyMap<string, Item>[];
  readonly errors: unknown[];
  ids(): readonly string[];
}

const collect = ({ client }: Rig, ids: readonly string[]): Collected => {
  const maps: ReadonlyMap<string, Item>[] = [];
  const errors: unknown[] = [];
  client
    .watch(ids)
    .pipe(collectItems({ from: client }))
    .subscribe({ next: (map) => maps.push(map), error: (error: unknown) => errors.push(error) });
  return { maps, errors, ids: () => [...(maps.at(-1)?.keys() ?? [])].sort() };
};

const isContent = ({ path }: { readonly path: string }): boolean => path.includes('subresources');
const contents = ({ trace }: Rig, from = 0): readonly string[] =>
  trace
    .slice(from)
    .filter(({ phase, request }) => phase === 'arrived' && isContent(request))
    .map(({ request }) => request.path.split('?')[0] ?? '');

test('collectItems: what is in the workbins, then each change, new maps all', async (t) => {
  const rig = await createRig(t);
  const { sandbox, until } = rig;
  const before = sandbox.addItem(A, { medium: 'email' });
  const there = sandbox.addItem(B);
  const seen = collect(rig, [A, B]);
  await until('what is there', () => seen.ids().length === 2);
  t.like(seen.maps.at(-1)?.get(before), { workbinId: A, medium: 'email', interaction: { id: before } });
  const added = sandbox.addItem(A, { medium: 'workitem' });
  await until('an item', () => seen.ids().length === 3);
  t.like(seen.maps.at(-1)?.get(added), { workbinId: A, medium: 'workitem' });
  sandbox.removeItem(B, there);
  await until('one less', () => seen.ids().length === 2);
  t.deepEqual(seen.ids(), [before, added].sort());
  t.is(new Set(seen.maps).size, seen.maps.length);
  t.deepEqual(seen.errors, []);
});

test('collectItems: after a loss the content is fetched anew', async (t) => {
  const rig = await createRig(t);
  const { sandbox, until, trace } = rig;
  const before = sandbox.addItem(A);
  const stays = sandbox.addItem(B);
  const seen = collect(rig, [A, B]);
  await until('what is there', () => seen.ids().length === 2);
  await held(rig);
  await sandbox.refuseConnections();
  await until('to be lost', () => rig.states.at(-1) === 'reconnecting');
  sandbox.removeItem(A, before);
  const meanwhile = [sandbox.addItem(A), sandbox.addItem(B, { medium: 'tweet' })];
  const from = trace.length;
  await sandbox.restart();
  await until('the truth', () => JSON.stringify(seen.ids()) === JSON.stringify([stays, ...meanwhile].sort()));
  t.is(contents(rig, from).length, 2);
  const after = sandbox.addItem(A);
  await until('an item after it', () => seen.ids().includes(after));
  t.deepEqual(seen.errors, []);
});

test('collectItems: right when items come and go while the content is on its way', async (t) => {
  const rig = await createRig(t);
  const { sandbox, until } = rig;
  const goes = sandbox.addItem(A);
  const stays = sandbox.addItem(A);
  sandbox.fault({ path: /subresources/, method: 'GET' }, { kind: 'delay', ms: 80 });
  const seen = collect(rig, [A]);
  await until('the fetch', () => contents(rig).length === 1);
  sandbox.removeItem(A, goes);
  const comes = sandbox.addItem(A);
  const passes = sandbox.addItem(A);
  sandbox.removeItem(A, passes);
  await until('the truth', () => JSON.stringify(seen.ids()) === JSON.stringify([stays, comes].sort()));
  await held(rig);
  sandbox.killBayeuxSessions();
  await until('the second fetch', () => contents(rig).length === 2);
  sandbox.removeItem(A, stays);
  await until('the truth again', () => JSON.stringify(seen.ids()) === JSON.stringify([comes]));
  await until(
    'the answer',
    () => rig.trace.filter(({ phase, request }) => phase === 'answered' && isContent(request)).length === 2,
  );
  await held(rig);
  t.deepEqual(seen.ids(), [comes]);
});

test('collectItems: a second loss while the content is fetched', async (t) => {
  const rig = await createRig(t);
  const { sandbox, until } = rig;
  const seen = collect(rig, [A]);
  await until('the first map', () => seen.maps.length === 1);
  for (let i = 0; i < 5; i++) {
    await held(rig);
    const lift = sandbox.fault({ path: /subresources/, method: 'GET' }, { kind: 'delay', ms: 60 });
    const count = contents(rig).length;
    sandbox.killBayeuxSessions();
    await until('a fetch', () => contents(rig).length > count);
    const poll = rig.trace.length;
    sandbox.killBayeuxSessions(i % 2 === 0 ? 'unknown' : 'unknown-without-advice');
    sandbox.addItem(A);
    await until('a second fetch', () => contents(rig, poll).length > 0);
    lift();
    await until('all items', () => seen.ids().length === i + 1);
  }
  t.deepEqual(seen.errors, []);
});

test('collectItems: without a place to fetch from, what comes is all there is', async (t) => {
  const rig = await createRig(t);
  const { sandbox, client, until } = rig;
  sandbox.addItem(A);
  const sizes: number[] = [];
  let confirmed = 0;
  client.watch(A).subscribe((event: WatchEvent) => {
    if (event.type === 'state') confirmed++;
  });
  client
    .watch(A)
    .pipe(collectItems())
    .subscribe((map) => sizes.push(map.size));
  await until('to watch', () => confirmed === 1);
  const item = sandbox.addItem(A);
  await until('an item', () => sizes.length === 1);
  sandbox.removeItem(A, item);
  await until('none', () => sizes.length === 2);
  t.deepEqual(sizes, [1, 0]);
  t.deepEqual(contents(rig), []);
});

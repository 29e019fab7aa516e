import test from 'ava';
import { config, map, merge, type Observable } from 'rxjs';
import { A, all, B, brief, open, record } from './wire.js';

/** What RxJS would throw where nobody catches it. */
const thrown: unknown[] = [];
config.onUnhandledError = (error: unknown) => {
  thrown.push(error);
};

test('a next that throws: is told to RxJS, and breaks neither the session nor others', async (t) => {
  const { sandbox, client } = await open(t);
  const next = (): never => {
    throw new Error('mine');
  };
  const streams: Observable<unknown>[] = [
    client.watch(A),
    client.subscribe([A, B]),
    client.notifications$,
    client.connection$,
  ];
  for (const each$ of streams) {
    each$.subscribe({ next, error: next, complete: next });
  }
  const others = record(client.watch(A));
  await all(client.subscribe([A, B]));
  sandbox.addItem(A);
  await others.until(({ type }) => type === 'item');
  t.true(thrown.length >= 4);
  t.is(sandbox.bayeuxSessions, 1);
});

test('an operator that throws: breaks neither the session nor others', async (t) => {
  const { sandbox, client } = await open(t);
  const poison =
    <V>(): ((value: V) => V) =>
    () => {
      throw new Error('mine');
    };
  const broken = [
    client.watch(A).pipe(map(poison())),
    client.subscribe(A).pipe(map(poison())),
    client.notifications$.pipe(map(poison())),
    client.connection$.pipe(map(poison())),
  ].map((each$) => record<unknown>(each$));
  const others = record(merge(client.watch(A), client.subscribe(A)).pipe(map(brief)));
  for (const { ended } of broken) t.like((await ended).error, { message: 'mine' });
  await others.count(4);
  const id = sandbox.addItem(A);
  sandbox.removeItem(A, id);
  await others.count(6);
  t.deepEqual(others.values.slice(4), [`ItemAdded ${A}`, `ItemRemoved ${A}`]);
  t.is(sandbox.bayeuxSessions, 1);
});

import test from 'ava';
import { Dispatch, type Target } from '../../src/core/dispatch.js';
import type { WorkbinScope } from '../../src/scope.js';
import { ann, anyone, bob, chat, me, oddIds, state } from './marbles.js';

interface Noting extends Target<Noting> {
  readonly name: string;
}

/** A target that notes what it is given under its name. */
const target = (log: string[], name: string, workbinId: string, scope: WorkbinScope, then?: () => void): Noting => ({
  name,
  scope,
  workbinId,
  deliver: (message) => {
    log.push(`${name} ${message.id}`);
    then?.();
  },
});

test('Dispatch: a message goes to each scope that it may speak of, to no other workbin', (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  dispatch.add(target(log, 'ann', 'a', ann));
  dispatch.add(target(log, 'bob', 'a', bob));
  dispatch.add(target(log, 'any', 'a', anyone));
  dispatch.add(target(log, 'ann', 'b', ann));
  dispatch.push(state('a', 'Subscribed', { workbinUserId: 'ann' }), undefined);
  t.deepEqual(log.splice(0).sort(), ['ann a', 'any a']);
  dispatch.push(chat('a', 'c1'), undefined);
  t.deepEqual(log.splice(0).sort(), ['ann a', 'any a', 'bob a']);
  dispatch.push(state('c'), undefined);
  t.deepEqual(log, []);
});

test("Dispatch: scope me gets its own user's messages", (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  dispatch.add(target(log, 'me', 'a', me));
  dispatch.push(state('a', 'Subscribed', { workbinUserId: 'me-1' }), 'me-1');
  dispatch.push(state('a', 'Subscribed', { workbinUserId: 'ann' }), 'me-1');
  dispatch.push(state('a', 'Subscribed', { workbinUserId: 'me-1' }), undefined);
  t.deepEqual(log, ['me a']);
});

for (const id of oddIds) {
  test(`Dispatch: the id ${id} is found when it is there, and only then`, (t) => {
    const log: string[] = [];
    const dispatch = new Dispatch<Noting>();
    dispatch.push(state(id), undefined);
    const own = target(log, 'own', id, me);
    dispatch.add(own);
    dispatch.push(state(id), undefined);
    dispatch.remove(own);
    dispatch.push(state(id), undefined);
    t.deepEqual(log, [`own ${id}`]);
  });
}

const names = ['first', 'second', 'third'] as const;

// Every order of removing three that share a workbin: whoever is left still gets the message.
for (const [one, two] of names.flatMap((one) => names.flatMap((two) => (one === two ? [] : [[one, two] as const])))) {
  test(`Dispatch: whoever is left after the ${one} and the ${two} of three still gets its messages`, (t) => {
    const log: string[] = [];
    const dispatch = new Dispatch<Noting>();
    const targets = new Map(names.map((name) => [name, target(log, name, 'a', anyone)]));
    for (const each of targets.values()) dispatch.add(each);
    const left = new Set<string>(names);
    for (const name of [one, two]) {
      const gone = targets.get(name);
      if (gone !== undefined) dispatch.remove(gone);
      left.delete(name);
      dispatch.push(state('a'), undefined);
      t.deepEqual(log.splice(0).sort(), [...left].map((each) => `${each} a`).sort());
    }
  });
}

test('Dispatch: one is found by its id and its scope, and all are gone through', (t) => {
  const dispatch = new Dispatch<Noting>();
  const some = [target([], 'ann', 'a', ann), target([], 'bob', 'a', { ...bob }), target([], 'any', 'b', anyone)];
  for (const each of some) dispatch.add(each);
  t.is(dispatch.find(bob, 'a')?.name, 'bob');
  t.is(dispatch.find(ann, 'a')?.name, 'ann');
  t.is(dispatch.find(me, 'a'), undefined);
  t.is(dispatch.find(anyone, 'c'), undefined);
  t.deepEqual(Array.from(dispatch, ({ name }) => name).sort(), ['ann', 'any', 'bob']);
  dispatch.clear();
  t.deepEqual([...dispatch], []);
});

test('Dispatch: removing one that is not there changes nothing', (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  dispatch.remove(target(log, 'stranger', 'a', me));
  dispatch.add(target(log, 'own', 'a', me));
  dispatch.remove(target(log, 'stranger', 'a', me));
  dispatch.push(state('a'), undefined);
  t.deepEqual(log, ['own a']);
});

test('Dispatch: one that is removed and added again gets a message once', (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  const own = target(log, 'own', 'a', anyone);
  dispatch.add(target(log, 'other', 'a', anyone));
  dispatch.add(own);
  dispatch.remove(own);
  dispatch.add(own);
  dispatch.push(state('a'), undefined);
  t.deepEqual(log.sort(), ['other a', 'own a']);
});

test('Dispatch: one that leaves while it is told leaves the others their message', (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  const leaving: Noting = target(log, 'leaving', 'a', anyone, () => dispatch.remove(leaving));
  dispatch.add(target(log, 'first', 'a', anyone));
  dispatch.add(leaving);
  dispatch.add(target(log, 'last', 'a', anyone));
  dispatch.push(state('a'), undefined);
  t.deepEqual(log.splice(0).sort(), ['first a', 'last a', 'leaving a']);
  dispatch.push(state('a'), undefined);
  t.deepEqual(log.sort(), ['first a', 'last a']);
});

test('Dispatch: one that is added while another is told waits for the next message', (t) => {
  const log: string[] = [];
  const dispatch = new Dispatch<Noting>();
  const added = target(log, 'added', 'a', anyone);
  dispatch.add(target(log, 'first', 'a', anyone, () => (log.length === 1 ? dispatch.add(added) : undefined)));
  dispatch.push(state('a'), undefined);
  t.deepEqual(log.splice(0), ['first a']);
  dispatch.push(state('b'), undefined);
  t.deepEqual(log, []);
  log.push('');
  dispatch.push(state('a'), undefined);
  t.deepEqual(log.slice(1).sort(), ['added a', 'first a']);
});

test('Dispatch: those of one workbin are found in every scope, and no others', (t) => {
  const dispatch = new Dispatch<Noting>();
  const namesOf = (workbinId: string): readonly string[] => dispatch.of(workbinId).map(({ name }) => name);
  t.deepEqual(namesOf('a'), []);
  const own = target([], 'me', 'a', me);
  for (const each of [own, target([], 'any', 'a', anyone), target([], 'ann', 'b', ann)]) dispatch.add(each);
  t.deepEqual([...namesOf('a')].sort(), ['any', 'me']);
  t.deepEqual(namesOf('b'), ['ann']);
  t.deepEqual(namesOf('c'), []);
  dispatch.remove(own);
  t.deepEqual(namesOf('a'), ['any']);
});

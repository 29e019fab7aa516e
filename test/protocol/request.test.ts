import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { contentPath, cut, idFault, listPath, operationPath, scopeFault } from '../../src/protocol/request.js';
import { type WorkbinScope, ownerOf, scopeKey } from '../../src/scope.js';
import { ann, anyone, me, oddIds } from '../core/marbles.js';

const seed = 20_260_102;
const uuid1 = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const uuid2 = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const user: WorkbinScope = { kind: 'user', userId: 'e6f2ad1b26ea4e9b8dd907eabe167522' };
const sales: WorkbinScope = { kind: 'agentGroup', name: 'Sales & more' };
const desk: WorkbinScope = { kind: 'placeGroup', name: 'Desk #1/2' };

const is = test.macro<[string, string]>({
  title: (_, path, expected) => `paths: ${path} is ${expected === path ? 'documented' : expected}`,
  exec: (t, path, expected) => t.is(path, expected),
});
test(is, operationPath(me, [uuid1]), `/api/v2/me/workbins/${uuid1}`);
test(is, operationPath(anyone, [uuid1]), `/api/v2/workbins/${uuid1}`);
test(is, operationPath(user, [uuid1]), `/api/v2/users/e6f2ad1b26ea4e9b8dd907eabe167522/workbins/${uuid1}`);
test(is, operationPath(me, [uuid1, uuid2]), `/api/v2/me/workbins?workbinIds=${uuid1},${uuid2}`);
test(is, operationPath(anyone, [uuid1, uuid2]), `/api/v2/workbins?workbinIds=${uuid1},${uuid2}`);
test(
  is,
  operationPath(user, [uuid1, uuid2]),
  `/api/v2/users/e6f2ad1b26ea4e9b8dd907eabe167522/workbins?workbinIds=${uuid1},${uuid2}`,
);
test(is, operationPath(me, ['a/b+c==', 'ü?&#%']), '/api/v2/me/workbins?workbinIds=a%2Fb%2Bc%3D%3D,%C3%BC%3F%26%23%25');
test(is, operationPath(sales, [uuid1]), `/api/v2/me/workbins/${uuid1}?agentGroup=Sales%20%26%20more`);
test(is, operationPath(desk, [uuid1]), `/api/v2/me/workbins/${uuid1}?placeGroup=Desk%20%231%2F2`);
test(is, operationPath({ kind: 'user', userId: 'a/b?c' }, ['x']), '/api/v2/users/a%2Fb%3Fc/workbins/x');
test(is, listPath(me), '/api/v2/me/workbins?fields=*');
test(is, listPath(anyone), '/api/v2/workbins?fields=*');
test(is, listPath(ann), '/api/v2/users/ann/workbins?fields=*');
test(is, listPath(sales), '/api/v2/me/workbins?fields=*&agentGroup=Sales%20%26%20more');
test(is, contentPath(me, 'a/b+c=='), '/api/v2/me/workbins/a%2Fb%2Bc%3D%3D?subresources=*');
test(is, contentPath(anyone, uuid1), `/api/v2/workbins/${uuid1}?subresources=*`);
test(is, contentPath(desk, 'x'), '/api/v2/me/workbins/x?subresources=*&placeGroup=Desk%20%231%2F2');

const sendable = fc.oneof(fc.constantFrom(...oddIds), fc.string({ unit: 'binary', minLength: 1 }));
/** No empty segment, and none that a URL resolves away. */
const routable = sendable.filter((id) => id !== '.' && id !== '..');
const scopes: fc.Arbitrary<WorkbinScope> = fc.oneof(
  fc.constantFrom(me, anyone),
  routable.map((userId): WorkbinScope => ({ kind: 'user', userId })),
  sendable.map((name): WorkbinScope => ({ kind: 'agentGroup', name })),
  sendable.map((name): WorkbinScope => ({ kind: 'placeGroup', name })),
);
const urlOf = (path: string): URL => new URL(`https://gws.example.com/base${path}`);

test('operationPath: any scope and id come back out of the URL as they went in', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(scopes, routable, (scope, id) => {
        const url = urlOf(operationPath(scope, [id]));
        const segments = url.pathname.split('/').slice(1).map(decodeURIComponent);
        const owner = scope.kind === 'user' ? ['users', scope.userId] : scope.kind === 'any' ? [] : ['me'];
        assert.deepEqual(segments, ['base', 'api', 'v2', ...owner, 'workbins', id]);
        assert.deepEqual([...url.searchParams], 'name' in scope ? [[scope.kind, scope.name]] : []);
        assert.equal(url.hash, '');
      }),
      { seed },
    ),
  );
});

test('operationPath: any ids of several without a comma come back out of the URL as they went in', (t) => {
  const withoutComma = sendable.filter((id) => !id.includes(','));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(withoutComma, { minLength: 2, maxLength: 20 }), (ids) => {
        const url = urlOf(operationPath(me, ids));
        assert.equal(url.pathname, '/base/api/v2/me/workbins');
        assert.deepEqual(url.search.replace('?workbinIds=', '').split(',').map(decodeURIComponent), ids);
      }),
      { seed },
    ),
  );
});

test('cut: no id is lost, doubled or out of order, and each URL keeps to the limit unless one id alone exceeds it', (t) => {
  const origin = 'https://gws.example.com';
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(me, anyone, ann),
        fc.array(
          routable.filter((id) => !id.includes(',')),
          { maxLength: 80 },
        ),
        fc.integer({ min: 1, max: 600 }),
        (scope, ids, maxLength) => {
          const chunks = cut(scope, ids, origin.length, maxLength);
          assert.deepEqual(chunks.flat(), ids);
          const lengthOf = (chunk: readonly string[]): number => (origin + operationPath(scope, chunk)).length;
          for (const [at, chunk] of chunks.entries()) {
            assert.ok(chunk.length > 0);
            assert.ok(chunk.length === 1 || lengthOf(chunk) <= maxLength);
            // As few requests as the limit allows: the next id would have been too much.
            const [next] = chunks[at + 1] ?? [];
            assert.ok(next === undefined || lengthOf([...chunk, next]) > maxLength);
          }
        },
      ),
      { seed },
    ),
  );
});

test('cut: an id with a comma goes alone, the others keep their order', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.oneof(routable, fc.constantFrom('a,b', ',')), { maxLength: 40 }), (ids) => {
        const chunks = cut(me, ids, 20, 200);
        assert.deepEqual([...chunks.flat()].sort(), [...ids].sort());
        assert.ok(chunks.every((chunk) => chunk.length === 1 || chunk.every((id) => !id.includes(','))));
        const plain = (id: string): boolean => !id.includes(',');
        assert.deepEqual(chunks.flat().filter(plain), ids.filter(plain));
      }),
      { seed },
    ),
  );
});

test("cut: a group's workbins go one by one", (t) => {
  t.deepEqual(cut(sales, ['a', 'b', 'c'], 20, 8000), [['a'], ['b'], ['c']]);
  t.deepEqual(cut(desk, ['a', 'b'], 20, 8000), [['a'], ['b']]);
});

test('cut: a limit that is met exactly is kept to, one character less is not enough', (t) => {
  const length = operationPath(me, ['aa', 'bb', 'cc']).length + 10;
  t.deepEqual(cut(me, ['aa', 'bb', 'cc'], 10, length), [['aa', 'bb', 'cc']]);
  t.deepEqual(cut(me, ['aa', 'bb', 'cc'], 10, length - 1), [['aa', 'bb'], ['cc']]);
});

test('cut: no ids are no requests', (t) => {
  t.deepEqual(cut(me, [], 20, 8000), []);
});

const faults = test.macro<[unknown, boolean, RegExp | undefined]>({
  title: (_, id, several, expected) =>
    `idFault: ${typeof id === 'string' ? JSON.stringify(id) : String(id)} ${several ? 'of several' : 'alone'} is ${expected === undefined ? 'fine' : 'refused'}`,
  exec: (t, id, several, expected) => {
    // Who calls without types may give anything.
    const fault = idFault(id as string, several);
    if (expected === undefined) t.is(fault, undefined);
    else {
      t.is(fault?.code, 'argument');
      t.regex(fault?.message ?? '', expected);
    }
  },
});
test(faults, 'a', false, undefined);
test(faults, 'a', true, undefined);
test(faults, 'a,b', false, undefined);
test(faults, 'a,b', true, /comma/);
test(faults, '', false, /empty/);
test(faults, '', true, /empty/);
test(faults, '.', false, /URL path/);
test(faults, '..', true, /URL path/);
test(faults, '...', false, undefined);
test(faults, ' ', false, undefined);
test(faults, '\ud800', false, /surrogate/);
test(faults, undefined, false, /string/);
test(faults, 7, true, /string/);
for (const id of oddIds) test(faults, id, true, undefined);

const scoped = test.macro<[WorkbinScope, RegExp | undefined]>({
  title: (_, scope, expected) =>
    `scopeFault: ${JSON.stringify(scope)} is ${expected === undefined ? 'fine' : 'refused'}`,
  exec: (t, scope, expected) => {
    const fault = scopeFault(scope);
    if (expected === undefined) t.is(fault, undefined);
    else {
      t.is(fault?.code, 'argument');
      t.regex(fault?.message ?? '', expected);
    }
  },
});
test(scoped, me, undefined);
test(scoped, anyone, undefined);
test(scoped, ann, undefined);
test(scoped, { kind: 'user', userId: '' }, /user id/);
test(scoped, { kind: 'user', userId: '.' }, /user id/);
test(scoped, { kind: 'user', userId: '..' }, /user id/);
test(scoped, { kind: 'agentGroup', name: '' }, /group name/);
test(scoped, { kind: 'placeGroup', name: '' }, /group name/);
test(scoped, { kind: 'agentGroup', name: '..' }, undefined);
test(scoped, { kind: 'placeGroup', name: 'a,b' }, undefined);

test('scopeKey: two scopes share a key if, and only if, they are the same', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(scopes, scopes, (one, other) => {
        const isSame = one.kind === other.kind && ownerOf(one) === ownerOf(other);
        assert.equal(scopeKey(one) === scopeKey(other), isSame);
        assert.equal(scopeKey({ ...one }), scopeKey(one));
      }),
      { seed },
    ),
  );
});

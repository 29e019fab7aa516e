import test from 'ava';
import { type Observable, Subject, defer, of, throwError } from 'rxjs';
import { takeApart } from '../../src/core/coalesce.js';
import type { Accepted, FailedEvent } from '../../src/core/events.js';
import { ApiError, HttpError, NetworkError, type WorkbinError } from '../../src/errors.js';
import { accepted, marbles, me, oddIds } from './marbles.js';

const api = (statusCode: number, status = 200): ApiError => new ApiError('refused', status, statusCode, undefined, '');
const idsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `w${at}`);

/** A server that rejects a request as a whole when a bad id is in it, and remembers what it was asked. */
const server = (bad: readonly string[], error: unknown = api(6)) => {
  const asked: (readonly string[])[] = [];
  const post = (ids: readonly string[]): Observable<Accepted> =>
    defer(() => {
      asked.push(ids);
      return ids.some((id) => bad.includes(id))
        ? throwError(() => error)
        : of(
            accepted(
              ids,
              ids.map((_, at) => at),
            ),
          );
    });
  return { asked, post };
};

const outcomeOf = (source$: Observable<Accepted | FailedEvent>) => {
  const good: string[] = [];
  const failed = new Map<string, WorkbinError>();
  let end: unknown;
  source$.subscribe({
    next: (event) => {
      if (event.type === 'accepted') good.push(...event.workbinIds);
      else failed.set(event.workbinId, event.error);
    },
    error: (error: unknown) => (end = error),
    complete: () => (end = 'complete'),
  });
  return { good, failed, end };
};

test('takeApart: a request that is accepted goes out as it is', (t) => {
  const { asked, post } = server([]);
  const { good, end } = outcomeOf(takeApart(post, me, idsOf(5)));
  t.deepEqual(asked, [idsOf(5)]);
  t.deepEqual(good, idsOf(5));
  t.is(end, 'complete');
});

const alone = test.macro<[readonly string[], readonly string[]]>({
  title: (title = '') => `takeApart: ${title} fails alone`,
  exec: (t, ids, bad) => {
    const error = api(6);
    const { asked, post } = server(bad, error);
    const { good, failed } = outcomeOf(takeApart(post, me, ids));
    t.deepEqual(
      good,
      ids.filter((id) => !bad.includes(id)),
    );
    t.deepEqual([...failed.keys()], bad);
    t.true([...failed.values()].every((each) => each === error));
    t.true(asked.length <= 33);
    t.deepEqual(new Set(asked.flat()), new Set(ids));
  },
});
test('a bad id at the front', alone, idsOf(200), ['w0']);
test('a bad id in the middle', alone, idsOf(200), ['w100']);
test('a bad id at the end', alone, idsOf(200), ['w199']);
test('a bad id of three', alone, idsOf(3), ['w1']);
test('each of two bad ids', alone, idsOf(200), ['w3', 'w190']);
test('each of ten, all bad,', alone, idsOf(10), idsOf(10));
for (const id of oddIds) test(`the bad id ${id}`, alone, ['a', id, 'b'], [id]);

test('takeApart: the budget of 32 requests is spent, then the joint error stands for the rest', (t) => {
  const ids = idsOf(200);
  const error = api(6);
  const { asked, post } = server(ids, error);
  const { good, failed, end } = outcomeOf(takeApart(post, me, ids));
  t.is(asked.length, 1 + 32);
  t.deepEqual(good, []);
  t.deepEqual([...failed.keys()].sort(), [...ids].sort());
  t.true([...failed.values()].every((each) => each === error));
  t.is(end, 'complete');
});

test('takeApart: what a spent budget has separated stays accepted', (t) => {
  const ids = idsOf(200);
  const bad = ids.filter((_, at) => at % 7 === 0);
  const { asked, post } = server(bad);
  const { good, failed } = outcomeOf(takeApart(post, me, ids));
  t.is(asked.length, 33);
  t.true(bad.every((id) => failed.has(id)));
  t.true(good.length > 0);
  t.deepEqual([...good, ...failed.keys()].sort(), [...ids].sort());
});

test('takeApart: each subscription has a budget of its own', (t) => {
  const ids = idsOf(100);
  const { asked, post } = server(ids);
  const accepted$ = takeApart(post, me, ids);
  t.is(asked.length, 0);
  outcomeOf(accepted$);
  outcomeOf(accepted$);
  t.is(asked.length, 66);
});

const divides = test.macro<[unknown, number]>({
  title: (title = '', _, requests) => `takeApart: ${title} ${requests > 1 ? 'is taken apart' : 'stands for all'}`,
  exec: (t, error, requests) => {
    const { asked, post } = server(['w1'], error);
    const { failed } = outcomeOf(takeApart(post, me, idsOf(2)));
    t.is(asked.length, requests);
    t.deepEqual([...failed.keys()], requests > 1 ? ['w1'] : ['w0', 'w1']);
  },
});
test('statusCode 5', divides, api(5, 403), 3);
test('statusCode 6', divides, api(6, 404), 3);
test('statusCode 4 with HTTP status 500', divides, api(4, 500), 3);
test('statusCode 20', divides, api(20, 401), 1);
test('HTTP status 403', divides, new HttpError('no', 403), 3);
test('HTTP status 404', divides, new HttpError('no', 404), 3);
test('HTTP status 414', divides, new HttpError('too long', 414), 3);
test('HTTP status 401', divides, new HttpError('no', 401), 1);
test('HTTP status 429', divides, new HttpError('too many', 429), 1);
test('statusCode 4 with HTTP status 429', divides, api(4, 429), 1);
test('HTTP status 500', divides, new HttpError('no', 500), 3);
test('HTTP status 302', divides, new HttpError('elsewhere', 302), 1);
test('HTTP status 503', divides, new HttpError('no', 503), 1);
test('statusCode 4 with HTTP status 503', divides, api(4, 503), 1);
test('statusCode 4 with HTTP status 504', divides, api(4, 504), 1);
test('no answer', divides, new NetworkError('refused'), 1);

test('takeApart: a fault that is no error of the library goes its own way', (t) => {
  const fault = new TypeError('a bug');
  const { asked, post } = server(['w1'], fault);
  t.is(outcomeOf(takeApart(post, me, idsOf(4))).end, fault);
  t.is(asked.length, 1);
});

test('takeApart: halves are asked for at the same time, and what fails is told when it fails', (t) => {
  marbles(t, ({ cold, expectObservable }) => {
    const error = api(6);
    const F = accepted(['a', 'b'], [0, 1]);
    const post = (ids: readonly string[]): Observable<Accepted> =>
      ids.length === 3
        ? cold<Accepted>('--#', {}, error)
        : ids.length === 2
          ? cold('        ----(F|)', { F })
          : cold<Accepted>('--#', {}, error);
    expectObservable(takeApart(post, me, ['a', 'b', 'c'])).toBe('----c-(F|)', {
      F,
      c: { type: 'failed', scope: me, workbinId: 'c', error },
    });
  });
});

test('takeApart: what is not waited for any more does not go into the next request', (t) => {
  const asked: (readonly string[])[] = [];
  const wanted = new Set(idsOf(6));
  const answer = new Subject<Accepted>();
  const post = (ids: readonly string[]): Observable<Accepted> => {
    asked.push(ids);
    return ids.length === 6 ? answer : throwError(() => api(6));
  };
  const events: unknown[] = [];
  takeApart(post, me, idsOf(6), (ids) => ids.filter((id) => wanted.has(id))).subscribe((event) => {
    events.push(event.type === 'failed' ? event.workbinId : event);
  });
  for (const id of ['w0', 'w3', 'w4', 'w5']) wanted.delete(id);
  answer.error(api(6));
  t.deepEqual(asked, [idsOf(6), ['w1', 'w2'], ['w1'], ['w2']]);
  t.deepEqual(events, ['w1', 'w2']);
});

test('takeApart: unsubscribing leaves what is in flight', (t) => {
  const flights: Subject<Accepted>[] = [];
  const subscription = takeApart(
    (ids) => {
      if (ids.length === 4) return throwError(() => api(6));
      const flight$ = new Subject<Accepted>();
      flights.push(flight$);
      return flight$;
    },
    me,
    idsOf(4),
  ).subscribe();
  t.deepEqual(
    flights.map(({ observed }) => observed),
    [true, true],
  );
  subscription.unsubscribe();
  t.deepEqual(
    flights.map(({ observed }) => observed),
    [false, false],
  );
});

import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { type Observable, defer, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ApiError, ConnectionError, DecodeError, HttpError, NetworkError, isTransient } from '../../src/errors.js';
import { type RetryOptions, backoff, retryTransient } from '../../src/transport/retry.js';

const seed = 20_260_105;
const options = (rest: RetryOptions = {}): Required<RetryOptions> => ({
  maxAttempts: 5,
  initialDelay: 100,
  maxDelay: 1000,
  random: () => 1,
  ...rest,
});
const api = (status: number, retryAfter?: number): ApiError => new ApiError('m', status, 4, undefined, '', retryAfter);

const transient = test.macro<[unknown, boolean]>({
  title: (title = '', _, expected) => `isTransient: ${title} ${expected ? 'may pass' : 'stays'}`,
  exec: (t, error, expected) => t.is(isTransient(error), expected),
});
test('no answer', transient, new NetworkError('refused'), true);
for (const status of [429, 502, 503, 504]) {
  test(`HTTP status ${status}`, transient, new HttpError('m', status), true);
  test(`a statusCode with HTTP status ${status}`, transient, api(status), true);
}
for (const status of [0, 200, 302, 400, 401, 403, 404, 413, 500, 501]) {
  test(`HTTP status ${status}`, transient, new HttpError('m', status), false);
  test(`a statusCode with HTTP status ${status}`, transient, api(status), false);
}
test('an answer that is not documented', transient, new DecodeError('m', []), false);
test('a session that cannot be had', transient, new ConnectionError('m'), false);
test('a bug', transient, new TypeError('m'), false);

test('backoff: the ceiling doubles with each failure, up to the longest delay', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 60, 1000].map((failures) => backoff(options(), failures)),
    [100, 200, 400, 800, 1000, 1000, 1000, 1000],
  );
});

test('backoff: the jitter is full, from 0 to the ceiling', (t) => {
  t.is(backoff(options({ random: () => 0 }), 3), 0);
  t.is(backoff(options({ random: () => 0.5 }), 3), 200);
});

test('backoff: what the server asks for is the least, and may be longer than the longest delay', (t) => {
  t.is(backoff(options(), 1, new HttpError('m', 503, 60_000)), 60_000);
  t.is(backoff(options(), 1, api(429, 60_000)), 60_000);
  t.is(backoff(options(), 4, new HttpError('m', 503, 1)), 800);
  t.is(backoff(options(), 4, new HttpError('m', 503)), 800);
});

test('backoff: each delay stays within its bounds', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.record({
          initialDelay: fc.double({ min: 0, max: 1e6, noNaN: true }),
          maxDelay: fc.double({ min: 0, max: 1e6, noNaN: true }),
          jitter: fc.double({ min: 0, max: 1, noNaN: true }),
          failures: fc.integer({ min: 1, max: 1000 }),
          asked: fc.option(fc.integer({ min: 0, max: 1e7 }), { nil: undefined }),
        }),
        ({ initialDelay, maxDelay, jitter, failures, asked }) => {
          const delay = backoff(
            { maxAttempts: 5, initialDelay, maxDelay, random: () => jitter },
            failures,
            new HttpError('m', 503, asked),
          );
          const ceiling = Math.min(maxDelay, initialDelay * 2 ** (failures - 1));
          assert.ok(delay >= (asked ?? 0));
          assert.ok(delay <= Math.max(asked ?? 0, ceiling));
        },
      ),
      { seed, numRuns: 1000 },
    ),
  );
});

/** A request that fails with each of the errors in turn, then answers; when it was tried, in virtual ms. */
const failing = (cold: (marbles: string) => Observable<string>, errors: readonly unknown[], now: () => number) => {
  const tries: number[] = [];
  const request$ = defer(() => {
    const error = errors[tries.length];
    tries.push(now());
    // Errors, and what is none.
    // eslint-disable-next-line rxjs-x/throw-error
    return error === undefined ? cold('(r|)') : throwError(() => error);
  });
  return { tries, request$ };
};

interface Line {
  readonly errors: readonly unknown[];
  readonly options?: RetryOptions;
  readonly tries: readonly number[];
  readonly result: string;
  readonly error?: unknown;
  readonly unsubscription?: string;
}

const retries = test.macro<[Line]>({
  title: (title = '') => `retryTransient: ${title}`,
  exec: (t, line) => {
    let tried: readonly number[] = [];
    const scheduler = new TestScheduler((actual, expected) => t.deepEqual(actual, expected));
    scheduler.run(({ cold, expectObservable }) => {
      const { tries, request$ } = failing(
        (text) => cold(text),
        line.errors,
        () => scheduler.now(),
      );
      tried = tries;
      expectObservable(request$.pipe(retryTransient(options(line.options), scheduler)), line.unsubscription).toBe(
        line.result,
        undefined,
        line.error,
      );
    });
    t.deepEqual(tried, line.tries);
  },
});

const refused = new NetworkError('refused');
const busy = new HttpError('busy', 503, 5000);
const gone = new HttpError('gone', 404);

test('what answers is asked once', retries, { errors: [], tries: [0], result: '(r|)' });
test('what fails in passing is tried again after each delay', retries, {
  errors: [refused, refused, refused],
  tries: [0, 100, 300, 700],
  result: '700ms (r|)',
});
test('the last of the tries is the error', retries, {
  errors: [refused, refused, refused, refused, refused],
  tries: [0, 100, 300, 700, 1500],
  result: '1500ms #',
  error: refused,
});
test('one try in all is none again', retries, {
  errors: [refused],
  options: { maxAttempts: 1 },
  tries: [0],
  result: '#',
  error: refused,
});
test('Retry-After is waited for', retries, { errors: [busy], tries: [0, 5000], result: '5s (r|)' });
test('what stays is an error at once', retries, { errors: [gone], tries: [0], result: '#', error: gone });
test('what stays is an error at once after what may pass', retries, {
  errors: [refused, gone],
  tries: [0, 100],
  result: '100ms #',
  error: gone,
});
test('unsubscribing ends the waiting', retries, {
  errors: [refused, refused],
  unsubscription: '50ms !',
  tries: [0],
  result: '100ms -',
});

test('retryTransient: each subscription has all its tries', (t) => {
  const scheduler = new TestScheduler((actual, expected) => t.deepEqual(actual, expected));
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source$ = cold('#', undefined, refused);
    const request$ = source$.pipe(retryTransient(options({ maxAttempts: 2 }), scheduler));
    expectObservable(request$, '^').toBe('     100ms #', undefined, refused);
    expectObservable(request$, '500ms ^').toBe('600ms #', undefined, refused);
    expectSubscriptions(source$.subscriptions).toBe(['(^!)', '100ms (^!)', '500ms (^!)', '600ms (^!)']);
  });
});

import test from 'ava';
import { NEVER, VirtualTimeScheduler, timeout } from 'rxjs';
import * as errors from '../../src/errors.js';
import type { WorkbinError, WorkbinErrorCode } from '../../src/errors.js';
import { oddIds } from '../core/marbles.js';

const notification = { id: 'a', stateResource: 'RequestFailed' };
const samples: readonly (readonly [WorkbinError, string, WorkbinErrorCode, (error: unknown) => boolean])[] = [
  [new errors.ArgumentError('m', 'c'), 'ArgumentError', 'argument', errors.isArgumentError],
  [new errors.ApiError('m', 404, 6, 'gone', 'resource not found', 5), 'ApiError', 'api', errors.isApiError],
  [new errors.HttpError('m', 503, 5), 'HttpError', 'http', errors.isHttpError],
  [new errors.NetworkError('m', 'c'), 'NetworkError', 'network', errors.isNetworkError],
  [new errors.DecodeError('m', ['id: missing']), 'DecodeError', 'decode', errors.isDecodeError],
  [new errors.ConnectionError('m', 'c'), 'ConnectionError', 'connection', errors.isConnectionError],
  [
    new errors.RequestFailedError('m', notification),
    'RequestFailedError',
    'request-failed',
    errors.isRequestFailedError,
  ],
  [new errors.TimeoutError('m', 30_000, 'c'), 'TimeoutError', 'timeout', errors.isTimeoutError],
  [new errors.ClosedError('m'), 'ClosedError', 'closed', errors.isClosedError],
  [new errors.SubscriptionError([], new Map()), 'SubscriptionError', 'subscription', errors.isSubscriptionError],
];

for (const [error, name, code, guard] of samples) {
  test(`${name}: has its name, its code and its guard`, (t) => {
    t.true(error instanceof Error && error instanceof errors.WorkbinError);
    t.is(error.name, name);
    t.is(error.code, code);
    t.true(String(error).startsWith(`${name}: `));
    t.true(guard(error) && errors.isWorkbinError(error));
    for (const [other, otherName, , otherGuard] of samples) {
      t.is(guard(other), otherName === name);
      t.is(otherGuard(error), otherName === name);
    }
  });
}

test('errors: each has the fields of its documentation', (t) => {
  t.like(new errors.ApiError('m', 404, 6, 'gone', 'resource not found', 5), {
    message: 'm',
    status: 404,
    statusCode: 6,
    statusMessage: 'gone',
    meaning: 'resource not found',
    retryAfter: 5,
  });
  t.like(new errors.HttpError('m', 503, 5), { message: 'm', status: 503, retryAfter: 5 });
  t.deepEqual(new errors.DecodeError('m', ['id: missing']).reasons, ['id: missing']);
  t.is(new errors.RequestFailedError('m', notification).notification, notification);
  t.is(new errors.TimeoutError('m', 30_000).timeout, 30_000);
});

test('errors: the cause is what was given, and absent where nothing was', (t) => {
  const cause = new Error('deep');
  t.is(new errors.NetworkError('m', cause).cause, cause);
  t.is(new errors.ConnectionError('m', cause).cause, cause);
  t.is(new errors.TimeoutError('m', 1, cause).cause, cause);
  t.false('cause' in new errors.NetworkError('m'));
  t.false('cause' in new errors.ClosedError('m'));
});

test('guards: what is no error of the library is refused', (t) => {
  const scheduler = new VirtualTimeScheduler();
  let late: unknown;
  NEVER.pipe(timeout({ first: 1, scheduler })).subscribe({ error: (error: unknown) => (late = error) });
  scheduler.flush();
  t.like(late, { name: 'TimeoutError' });
  const strangers = [undefined, null, 'timeout', {}, { code: 'timeout', name: 'TimeoutError' }, new Error('m'), late];
  for (const stranger of [...strangers, Object.assign(new Error('m'), { code: 'timeout', name: 'TimeoutError' })]) {
    t.false(errors.isWorkbinError(stranger));
    for (const [, , , guard] of samples) t.false(guard(stranger));
  }
});

test('guards: the errors of a second copy of the package are known by brand and code', async (t) => {
  // Another address makes another module: a query is enough. The types are those of the first copy.
  const address = new URL('../../src/errors.ts?second', import.meta.url).href;
  const second = (await import(address)) as typeof errors;
  const theirs = new second.TimeoutError('m', 5);
  t.false(theirs instanceof errors.WorkbinError);
  t.true(errors.isWorkbinError(theirs));
  t.true(errors.isTimeoutError(theirs));
  t.false(errors.isApiError(theirs));
  t.true(second.isTimeoutError(new errors.TimeoutError('m', 5)));
  t.true(errors.isSubscriptionError(new second.SubscriptionError([], new Map([['a', theirs]]))));
});

test('errors: the brand is not seen in a log', (t) => {
  t.deepEqual(Object.keys(new errors.ClosedError('m')).sort(), ['code', 'name']);
});

test('SubscriptionError: the message says how many of how many, and which', (t) => {
  const refused = new errors.NetworkError('refused');
  const late = new errors.TimeoutError('nothing came', 5);
  const error = new errors.SubscriptionError(
    ['c'],
    new Map<string, WorkbinError>([
      ['a', refused],
      ['b', late],
    ]),
  );
  t.is(error.message, 'Subscribe: 2 of 3 workbins failed: "a" (refused), "b" (nothing came)');
  t.is(error.cause, refused);
  t.deepEqual(error.subscribed, ['c']);
  t.deepEqual(
    [...error.failed],
    [
      ['a', refused],
      ['b', late],
    ],
  );
});

test('SubscriptionError: the message names the operation', (t) => {
  const error = new errors.SubscriptionError([], new Map([['a', new errors.ClosedError('closed')]]), 'Unsubscribe');
  t.is(error.message, 'Unsubscribe: 1 of 1 workbins failed: "a" (closed)');
});

test('SubscriptionError: the message of a thousand names a few, and says how many more', (t) => {
  const refused = new errors.NetworkError('refused');
  const failed = new Map(Array.from({ length: 1000 }, (_, at) => [`w${at}`, refused]));
  const { message, failed: all } = new errors.SubscriptionError([], failed);
  t.is(all.size, 1000);
  t.regex(message, /^Subscribe: 1000 of 1000 workbins failed: "w0" \(refused\), .*"w4" \(refused\), and 995 more$/);
});

for (const id of oddIds) {
  test(`SubscriptionError: ${id} is an id like any other`, (t) => {
    const refused = new errors.NetworkError('refused');
    const error = new errors.SubscriptionError([], new Map([[id, refused]]));
    t.is(error.failed.get(id), refused);
    t.true(error.message.includes(id));
  });
}

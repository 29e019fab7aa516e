import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type Observable, asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { NetworkError } from '../../src/errors.js';
import type { HttpReply } from '../../src/protocol/reply.js';
import { longestDelay, send } from '../../src/transport/http.js';
import { createPlatform } from '../../src/transport/platform.node.js';

/** A tiny server that remembers what it was asked. */
const listen = async (t: ExecutionContext, answer: RequestListener) => {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on a port has an address of this form.
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

const answerOf = (reply$: Observable<HttpReply>): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    reply$.subscribe({ next: resolve, error: reject });
  });

const ask = (url: string, init: RequestInit = {}): Promise<HttpReply> =>
  answerOf(
    send(
      createPlatform(url).fetch,
      url,
      { method: 'GET', headers: { authorization: 'Basic x' }, ...init },
      Infinity,
      asyncScheduler,
    ),
  );

test('send: the answer comes whatever its status, with its headers and its text', async (t) => {
  const { url, asked } = await listen(t, (_, response) => {
    response.writeHead(503, { 'x-csrf-header': 'X-TOKEN', 'retry-after': '7' }).end('{"statusCode": 4}');
  });
  const reply = await ask(`${url}/api?x=1`, { method: 'POST', body: '{}' });
  t.like(reply, { status: 503, text: '{"statusCode": 4}', retryAfter: 7000 });
  t.is(reply.headers.get('x-csrf-header'), 'X-TOKEN');
  t.deepEqual(
    asked.map(({ method, url: path, headers }) => [method, path, headers.authorization]),
    [['POST', '/api?x=1', 'Basic x']],
  );
});

test('send: nothing happens before subscription, and each subscription asks', async (t) => {
  const { url, asked } = await listen(t, (_, response) => response.end('ok'));
  const reply$ = send(createPlatform(url).fetch, url, { method: 'GET' }, Infinity, asyncScheduler);
  t.is(asked.length, 0);
  await answerOf(reply$);
  await answerOf(reply$);
  t.is(asked.length, 2);
});

/** Sends `/first`, which redirects with the given status to where `to` says; where each request of both servers went. */
const redirects = test.macro<[{ status: number; method: string; to: string; paths: readonly string[]; reply: number }]>(
  {
    title: (_, { status, method, to, reply }) =>
      `send: a ${status} of a ${method} to ${to} is ${reply === 200 ? 'followed' : 'the answer'}`,
    exec: async (t, { status, method, to, paths, reply }) => {
      const other = await listen(t, (_, response) => response.end('elsewhere'));
      const own = await listen(t, (request, response) => {
        request.resume();
        if (request.url === '/first') response.writeHead(status, { location: to.replace('other:', other.url) }).end();
        else response.end('there');
      });
      const result = await ask(`${own.url}/first`, { method, ...(method === 'POST' ? { body: 'body' } : {}) });
      t.is(result.status, reply);
      t.deepEqual(
        own.asked.map(({ method: sent, url }) => `${sent ?? ''} ${url ?? ''}`),
        paths,
      );
      t.true(own.asked.every(({ headers }) => headers.authorization === 'Basic x'));
      t.deepEqual(other.asked, []);
    },
  },
);
for (const status of [307, 308]) {
  for (const method of ['GET', 'POST']) {
    test(redirects, { status, method, to: '/second', paths: [`${method} /first`, `${method} /second`], reply: 200 });
    test(redirects, { status, method, to: 'other:/second', paths: [`${method} /first`], reply: status });
  }
}
for (const status of [301, 302, 303]) {
  test(redirects, { status, method: 'GET', to: '/second?x=1', paths: ['GET /first', 'GET /second?x=1'], reply: 200 });
  test(redirects, { status, method: 'GET', to: 'other:/second', paths: ['GET /first'], reply: status });
  test(redirects, { status, method: 'POST', to: '/second', paths: ['POST /first'], reply: status });
}
test(redirects, { status: 302, method: 'GET', to: '//127.0.0.2/second', paths: ['GET /first'], reply: 302 });
test(redirects, { status: 302, method: 'GET', to: 'http://[', paths: ['GET /first'], reply: 302 });
test(redirects, { status: 304, method: 'GET', to: '/second', paths: ['GET /first'], reply: 304 });

test('send: a redirect without end becomes the answer', async (t) => {
  const { url, asked } = await listen(t, (_, response) => response.writeHead(302, { location: '/again' }).end());
  t.is((await ask(url)).status, 302);
  t.is(asked.length, 6);
});

test('send: the first hop may lead on within the origin, and the second not out of it', async (t) => {
  const other = await listen(t, (_, response) => response.end('elsewhere'));
  const { url } = await listen(t, (request, response) =>
    response.writeHead(307, { location: request.url === '/first' ? '/second' : other.url }).end(),
  );
  t.is((await ask(`${url}/first`)).status, 307);
  t.deepEqual(other.asked, []);
});

test('send: a request that nobody takes is a NetworkError, with its cause', async (t) => {
  const { url, server } = await listen(t, (_, response) => response.end());
  await new Promise((resolve) => server.close(resolve));
  const error = await t.throwsAsync(ask(url), { instanceOf: NetworkError });
  t.true(error.cause instanceof Error);
});

test('send: a connection that breaks in the middle of the answer is a NetworkError', async (t) => {
  const { url } = await listen(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  await t.throwsAsync(ask(url), { instanceOf: NetworkError });
});

test('send: unsubscribing aborts the request', async (t) => {
  let arrived = (): void => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  let left = (): void => undefined;
  const leaving = new Promise<void>((resolve) => (left = resolve));
  const { url } = await listen(t, (request, response) => {
    response.on('close', left);
    request.resume();
    arrived();
  });
  const seen: unknown[] = [];
  const subscription = send(createPlatform(url).fetch, url, { method: 'GET' }, Infinity, asyncScheduler).subscribe({
    next: (reply) => seen.push(reply),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  await arrival;
  subscription.unsubscribe();
  await leaving;
  t.deepEqual(seen, []);
});

/** A fetch that never answers, and the signal that it was given. */
const endless = () => {
  const signals: AbortSignal[] = [];
  const fetch: typeof globalThis.fetch = (_, init) => {
    if (init?.signal != null) signals.push(init.signal);
    return new Promise(() => undefined);
  };
  return { signals, fetch };
};

test('send: no answer within the limit is a NetworkError, and aborts', (t) => {
  const scheduler = new TestScheduler((actual, expected) => t.deepEqual(actual, expected));
  const { fetch, signals } = endless();
  scheduler.run(({ flush }) => {
    const seen: unknown[] = [];
    send(fetch, 'http://gws/', { method: 'GET' }, 5000, scheduler).subscribe({
      error: (error: unknown) => seen.push([error instanceof NetworkError, scheduler.now()]),
    });
    t.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false],
    );
    flush();
    t.deepEqual(seen, [[true, 5000]]);
    t.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
  });
});

test('send: no limit, and none beyond what a timer can wait, schedules nothing', (t) => {
  for (const limit of [Infinity, longestDelay + 1]) {
    const scheduler = new TestScheduler(() => undefined);
    send(endless().fetch, 'http://gws/', { method: 'GET' }, limit, scheduler).subscribe();
    t.is(scheduler.actions.length, 0);
  }
});

test('send: unsubscribing leaves no timer', (t) => {
  const scheduler = new TestScheduler(() => undefined);
  const { fetch, signals } = endless();
  send(fetch, 'http://gws/', { method: 'GET' }, 5000, scheduler).subscribe().unsubscribe();
  t.deepEqual(scheduler.actions, []);
  t.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

test('send: a fetch that throws instead of rejecting is a NetworkError', async (t) => {
  const cause = new TypeError('a bad URL');
  const throwing: typeof globalThis.fetch = () => {
    throw cause;
  };
  const error = await t.throwsAsync(answerOf(send(throwing, 'x', { method: 'GET' }, 5000, asyncScheduler)), {
    instanceOf: NetworkError,
  });
  t.is(error.cause, cause);
});

test('send: the redirect is left to its own fetch, the cache and the cookies of others are not used', async (t) => {
  const inits: (RequestInit | undefined)[] = [];
  const fetch: typeof globalThis.fetch = (_, init) => {
    inits.push(init);
    return Promise.resolve(new Response('ok'));
  };
  await answerOf(send(fetch, 'http://gws/', { method: 'GET' }, 5000, asyncScheduler));
  t.like(inits[0], { redirect: 'manual', cache: 'no-store', credentials: 'include' });
});

const waits = test.macro<[string | undefined, (ms: number | undefined) => boolean]>({
  title: (title = '') => `send: Retry-After ${title}`,
  exec: async (t, value, expected) => {
    const fetch: typeof globalThis.fetch = () =>
      Promise.resolve(
        new Response('', { status: 503, ...(value === undefined ? {} : { headers: { 'retry-after': value } }) }),
      );
    const { retryAfter } = await answerOf(send(fetch, 'http://gws/', { method: 'GET' }, 5000, asyncScheduler));
    t.true(expected(retryAfter), String(retryAfter));
  },
});
const nothing = (ms: number | undefined): boolean => ms === undefined || ms === 0;
test('may be seconds', waits, '120', (ms) => ms === 120_000);
test('may be a date', waits, 'Fri, 31 Dec 2999 23:59:59 GMT', (ms) => ms === longestDelay);
test('in the past is no wait', waits, 'Fri, 31 Dec 1999 23:59:59 GMT', nothing);
test('of 0 is no wait', waits, '0', nothing);
test('that cannot be read is none', waits, 'soon', nothing);
test('that is negative is none', waits, '-5', nothing);
test('that is absent is none', waits, undefined, nothing);
test('beyond what a timer can wait is cut to that', waits, '99999999999', (ms) => ms === longestDelay);

import { Observable, type SchedulerLike, asyncScheduler, of, switchMap } from 'rxjs';
import { NetworkError } from '../errors.js';
import type { HttpReply } from '../protocol/reply.js';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const redirectsAtMost = 5;
/** setTimeout's own limit: beyond it a timer fires at once. */
export const longestDelay = 2 ** 31 - 1;

/** ms until the server wants the next try: `Retry-After` is a number of seconds or a date. */
const retryAfterOf = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestDelay);
};

/** The request that a redirect asks for, if it may be followed: credentials stay with their origin. */
const redirected = (request: HttpRequest, { status, headers }: HttpReply): HttpRequest | undefined => {
  const location = headers.get('location');
  if (
    location === null ||
    !(status === 307 || status === 308 || (status > 300 && status < 304 && request.method === 'GET'))
  ) {
    return undefined;
  }
  try {
    const url = new URL(location, request.url);
    return url.origin === new URL(request.url).origin ? { ...request, url: url.href } : undefined;
  } catch {
    return undefined;
  }
};

const exchange = (
  fetch: typeof globalThis.fetch,
  { method, url, headers, body }: HttpRequest,
  limit: number,
  scheduler: SchedulerLike,
): Observable<HttpReply> =>
  new Observable((subscriber) => {
    const abort = new AbortController();
    const run = async (): Promise<HttpReply> => {
      const response = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: abort.signal,
        credentials: 'include',
        // Followed by hand: a redirect must not carry credentials to another origin.
        redirect: 'manual',
        cache: 'no-store',
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, retryAfter: retryAfterOf(response.headers) };
    };
    run().then(
      (reply) => {
        subscriber.next(reply);
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(new NetworkError('the request never got an answer: check baseUrl and the network', error));
      },
    );
    subscriber.add(
      scheduler.schedule(() => {
        subscriber.error(new NetworkError(`the request got no answer within ${limit} ms`));
      }, limit),
    );
    subscriber.add(() => {
      abort.abort();
    });
  });

/**
 * One HTTP exchange: emits the answer, whatever its status, and completes.
 *
 * Nothing happens before subscription; unsubscribing aborts. Follows redirects within the origin, and only those that
 * keep the method.
 *
 * @param limit - ms to wait for the answer
 * @throws {@link NetworkError} through the error channel when there is no answer
 */
export const send = (
  fetch: typeof globalThis.fetch,
  request: HttpRequest,
  limit: number,
  scheduler: SchedulerLike = asyncScheduler,
  redirects = redirectsAtMost,
): Observable<HttpReply> =>
  exchange(fetch, request, limit, scheduler).pipe(
    switchMap((reply) => {
      const next = redirects > 0 ? redirected(request, reply) : undefined;
      return next === undefined ? of(reply) : send(fetch, next, limit, scheduler, redirects - 1);
    }),
  );

import { Observable, type SchedulerLike } from 'rxjs';
import { NetworkError } from '../errors.js';
import type { Fetch } from './platform.js';

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** ms until the server wants the next try (`Retry-After`). */
  readonly retryAfter: number | undefined;
}

/** setTimeout's own limit: beyond it a timer fires at once. */
export const longestDelay = 2 ** 31 - 1;

/** ms until the server wants the next try: `Retry-After` is a number of seconds or a date. */
const retryAfterOf = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, longestDelay) : undefined;
};

/** What the platform calls the trouble (`ECONNREFUSED`), where it does: in the error, or in what caused it. */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
};

/**
 * One HTTP exchange: emits the answer, whatever its status, and completes.
 *
 * Nothing happens before subscription; unsubscribing aborts.
 *
 * @param limit - ms to wait for the answer
 * @throws {@link NetworkError} through the error channel when there is no answer
 */
export const send = (
  fetch: Fetch,
  url: string,
  init: RequestInit,
  limit: number,
  scheduler: SchedulerLike,
): Observable<HttpAnswer> =>
  new Observable((subscriber) => {
    const abort = new AbortController();
    let isAnswered = false;
    const fail = (why: string, cause?: unknown): void => {
      subscriber.error(new NetworkError(`no answer (${why}): check baseUrl and the network`, cause));
    };
    const exchange = async (): Promise<void> => {
      try {
        const response = await fetch(url, {
          ...init,
          signal: abort.signal,
          credentials: 'include',
          redirect: 'manual',
          cache: 'no-store',
        });
        const { status, headers } = response;
        const text = await response.text();
        isAnswered = true;
        subscriber.next({ status, headers, text, retryAfter: retryAfterOf(headers) });
        subscriber.complete();
      } catch (error) {
        fail(codeOf(error) ?? 'the request failed', error);
      }
    };
    void exchange();
    if (limit < longestDelay)
      subscriber.add(
        scheduler.schedule(() => {
          fail(`${limit} ms`);
        }, limit),
      );
    subscriber.add(() => {
      if (!isAnswered) abort.abort();
    });
  });

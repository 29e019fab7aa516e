import { type MonoTypeOperatorFunction, type SchedulerLike, retry, throwError, timer } from 'rxjs';
import { ApiError, HttpError, isTransient } from '../errors.js';

/**
 * How transient failures are retried: exponential backoff with full jitter.
 *
 * @category client
 */
export interface RetryOptions {
  /** Tries in all, the first one included; default 5. A session that once stood is restored without this limit. */
  readonly maxAttempts?: number;
  /** ms: the ceiling of the first delay, doubled with each try; default 500. */
  readonly initialDelay?: number;
  /** ms: no delay is longer; default 30 000. What the server asks for in `Retry-After` is. */
  readonly maxDelay?: number;
  /** Where the jitter comes from: a number from 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

/** ms to wait after the given number of failures. */
export const backoff = (options: Required<RetryOptions>, failures: number, error?: unknown): number => {
  const ceiling = Math.min(options.maxDelay, options.initialDelay * 2 ** Math.min(failures - 1, 30));
  const asked = error instanceof HttpError || error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
  return Math.max(asked, options.random() * ceiling);
};

/** Tries again what failed in passing; any other error, and the last one, goes through. */
export const retryTransient = <T>(
  options: Required<RetryOptions>,
  scheduler: SchedulerLike,
): MonoTypeOperatorFunction<T> =>
  retry({
    delay: (error: unknown, failures) =>
      isTransient(error) && failures < options.maxAttempts
        ? timer(backoff(options, failures, error), scheduler)
        : throwError(() => error),
  });

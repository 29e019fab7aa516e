import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';
import { type WorkbinError, isApiError, isHttpError, isNetworkError } from '../index.js';

const attempts = 5;
const passing: readonly number[] = [429, 502, 503, 504];

/** ms that the server wants to be left alone, where the failure is one that passes; else undefined. */
const pauseOf = (error: unknown): number | undefined =>
  isNetworkError(error)
    ? 0
    : (isHttpError(error) || isApiError(error)) && passing.includes(error.status)
      ? (error.retryAfter ?? 0)
      : undefined;

/**
 * Tries again what failed in passing, as the library does by itself, and says each time why.
 *
 * The library keeps the reasons until its last try; a command whose time is over before that has to tell what it knows.
 */
export const patiently = <T>(hear: (reason: WorkbinError) => void): MonoTypeOperatorFunction<T> =>
  retry({
    delay: (error: WorkbinError, failures) => {
      const pause = pauseOf(error);
      if (pause === undefined || failures >= attempts) return throwError(() => error);
      hear(error);
      return timer(Math.max(pause, Math.random() * 500 * 2 ** (failures - 1)));
    },
  });

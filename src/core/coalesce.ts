import { type Observable, EMPTY, catchError, defer, from, merge, throwError } from 'rxjs';
import { ApiError, HttpError, isTransient, isWorkbinError } from '../errors.js';
import { notAuthenticated } from '../protocol/reply.js';
import type { WorkbinScope } from '../scope.js';
import type { Accepted, FailedEvent } from './events.js';

/** Requests that may be spent on taking one apart. */
const budgetOfRequests = 32;

/** Whether one id in a request may be what the server does not like: never for who has no time, or knows nobody. */
const isDivisible = (error: unknown): boolean =>
  !isTransient(error) &&
  (error instanceof ApiError
    ? error.statusCode !== notAuthenticated
    : error instanceof HttpError && error.status >= 400 && error.status !== 401);

/**
 * Posts for several ids at once. A request that is rejected as a whole is taken apart, half by half, so that a bad id
 * fails alone; when the budget is spent, the joint error stands for the rest.
 *
 * Emits each reply, and `failed` for each id that is rejected, as they come; completes when all are told.
 *
 * @param post - one request
 * @param wantedOf - those of some ids that are still waited for when their request goes out
 */
export const takeApart = (
  post: (ids: readonly string[]) => Observable<Accepted>,
  scope: WorkbinScope,
  workbinIds: readonly string[],
  wantedOf = (ids: readonly string[]): readonly string[] => ids,
): Observable<Accepted | FailedEvent> =>
  defer(() => {
    let budget = budgetOfRequests;
    const accept = (given: readonly string[]): Observable<Accepted | FailedEvent> => {
      const some = wantedOf(given);
      if (some.length === 0) return EMPTY;
      return post(some).pipe(
        catchError((error: unknown) => {
          // What is no error of ours is a fault of this program: it goes its own way.
          if (!isWorkbinError(error)) return throwError(() => error);
          if (some.length > 1 && budget >= 2 && isDivisible(error)) {
            budget -= 2;
            const middle = Math.ceil(some.length / 2);
            return merge(accept(some.slice(0, middle)), accept(some.slice(middle)));
          }
          return from(some.map((workbinId): FailedEvent => ({ type: 'failed', scope, workbinId, error })));
        }),
      );
    };
    return accept(workbinIds);
  });

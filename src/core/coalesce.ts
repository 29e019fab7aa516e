import { type Observable, EMPTY, catchError, concat, defer, merge, throwError } from 'rxjs';
import { ApiError, HttpError, SubscriptionError, type WorkbinError, isWorkbinError } from '../errors.js';
import type { WorkbinOperation } from '../protocol/request.js';
import { notAuthenticated } from '../protocol/reply.js';
import type { Accepted } from './events.js';

/** Requests that may be spent on taking one apart. */
const budgetOfRequests = 32;

/** Whether one id in a request may be what the server does not like: never for who asks too much (429). */
const isDivisible = (error: unknown): boolean =>
  error instanceof ApiError
    ? error.statusCode !== notAuthenticated && error.status !== 429
    : error instanceof HttpError && error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);

/**
 * Posts for several ids at once. A request that is rejected as a whole is taken apart, half by half, so that a bad id
 * fails alone; when the budget is spent, the joint error stands for the rest.
 *
 * Emits each reply; when all are there, errors with the account of the ids that were rejected, if any were.
 *
 * @param post - one request
 */
export const takeApart = (
  post: (ids: readonly string[]) => Observable<Accepted>,
  ids: readonly string[],
  operation: WorkbinOperation,
): Observable<Accepted> =>
  defer(() => {
    const rejected = new Map<string, WorkbinError>();
    let budget = budgetOfRequests;
    const accept = (some: readonly string[]): Observable<Accepted> =>
      post(some).pipe(
        catchError((error: unknown) => {
          // What is no error of ours is a fault of this program: it goes its own way.
          if (!isWorkbinError(error)) return throwError(() => error);
          if (some.length > 1 && budget >= 2 && isDivisible(error)) {
            budget -= 2;
            const middle = Math.ceil(some.length / 2);
            return merge(accept(some.slice(0, middle)), accept(some.slice(middle)));
          }
          for (const id of some) rejected.set(id, error);
          return EMPTY;
        }),
      );
    const end$ = defer(() =>
      rejected.size === 0 ? EMPTY : throwError(() => new SubscriptionError([], rejected, operation)),
    );
    return concat(accept(ids), end$);
  });

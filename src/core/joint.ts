import {
  type Observable,
  type OperatorFunction,
  EMPTY,
  catchError,
  concat,
  defer,
  mergeMap,
  tap,
  throwError,
} from 'rxjs';
import { SubscriptionError, type WorkbinError } from '../errors.js';
import type { SubscriptionEvent } from './events.js';

/** Subscribes for each value, and keeps one account for all: what fails does not end the others. */
export const joint =
  <A>(each: (value: A) => Observable<SubscriptionEvent>): OperatorFunction<A, SubscriptionEvent> =>
  (source$) =>
    defer(() => {
      const subscribed = new Set<string>();
      const failed = new Map<string, WorkbinError>();
      const events$ = source$.pipe(
        mergeMap((value) =>
          each(value).pipe(
            catchError((error: unknown) => {
              if (!(error instanceof SubscriptionError)) return throwError(() => error);
              for (const [id, cause] of error.failed) if (!failed.has(id)) failed.set(id, cause);
              return EMPTY;
            }),
          ),
        ),
        tap((event) => {
          if (event.type === 'state' && event.state === 'Subscribed') subscribed.add(event.workbinId);
        }),
      );
      const end$ = defer(() => {
        if (failed.size === 0) return EMPTY;
        for (const id of failed.keys()) subscribed.delete(id);
        return throwError(() => new SubscriptionError([...subscribed], failed));
      });
      return concat(events$, end$);
    });

import { type OperatorFunction, EMPTY, concat, concatMap, defer, of, throwError } from 'rxjs';
import { SubscriptionError, type WorkbinError } from '../errors.js';
import type { WorkbinOperation } from '../protocol/request.js';
import type { FailedEvent, SubscriptionEvent } from './events.js';

/** Keeps the account: what failed on the way is told at the end, in one error for all. */
export const account =
  (operation: WorkbinOperation): OperatorFunction<SubscriptionEvent | FailedEvent, SubscriptionEvent> =>
  (source$) =>
    defer(() => {
      const done = new Set<string>();
      const failed = new Map<string, WorkbinError>();
      const events$ = source$.pipe(
        concatMap((event) => {
          if (event.type === 'failed') {
            failed.set(event.workbinId, event.error);
            return EMPTY;
          }
          if (event.type === 'state' && event.state !== 'RequestFailed') done.add(event.workbinId);
          return of(event);
        }),
      );
      const end$ = defer(() =>
        failed.size === 0 ? EMPTY : throwError(() => new SubscriptionError([...done], failed, operation)),
      );
      return concat(events$, end$);
    });

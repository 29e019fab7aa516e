import type { Item } from 'rx-workbins';
import {
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  asyncScheduler,
  distinctUntilChanged,
  map,
  of,
  switchMap,
  timer,
} from 'rxjs';

/** Whether a backlog needs a person. */
export interface Alert {
  readonly level: 'ok' | 'alert';
  readonly items: number;
}

/**
 * Turns what is in the workbins into an alert once there have been more than `limit` items for `duration` ms without a
 * break, and into `ok` as soon as there are no longer.
 */
export const alertOnBacklog =
  (
    limit: number,
    duration: number,
    scheduler: SchedulerLike = asyncScheduler,
  ): OperatorFunction<ReadonlyMap<string, Item>, Alert> =>
  (items$) =>
    items$.pipe(
      map(({ size }) => size),
      map((items) => ({ items, isOver: items > limit })),
      // Up and down on the same side of the limit changes nothing: the clock runs on.
      distinctUntilChanged((before, after) => before.isOver === after.isOver),
      switchMap(({ items, isOver }): Observable<Alert> =>
        isOver
          ? timer(duration, scheduler).pipe(
              map(() => ({ level: 'alert', items })),
            )
          : of({ level: 'ok', items }),
      ),
      distinctUntilChanged((before, after) => before.level === after.level),
    );

import { type Observable, filter } from 'rxjs';
import type { WatchEvent } from '../core/events.js';
import type { WorkbinNotification } from '../protocol/notification.js';

/** Whether a notification or an event speaks of one of some workbins. */
const speaksOf = (value: WorkbinNotification | WatchEvent, ids: ReadonlySet<string>): boolean =>
  'messageType' in value
    ? ids.has(value.id)
    : 'workbinIds' in value
      ? value.workbinIds.some((id) => ids.has(id))
      : ids.has(value.workbinId);

/**
 * Passes on what speaks of the given workbins: notifications as decoded (by `id`), or events (by `workbinId`; an
 * `accepted` or a `gap` passes if it names one of them).
 *
 * @example
 * ```ts
 * import { ofWorkbin, type WorkbinNotification } from 'rx-workbins';
 * import { of } from 'rxjs';
 *
 * const added = (id: string): WorkbinNotification => ({ messageType: 'WorkbinStateChangeMessage', id, action: 'ItemAdded' });
 * of(added('a'), added('b'))
 *   .pipe(ofWorkbin('a'))
 *   .subscribe(({ id }) => console.log(id)); // a
 * ```
 *
 * @see {@link ofUser}
 * @category operators
 */
export const ofWorkbin =
  (
    ...ids: readonly string[]
  ): (<T extends WorkbinNotification | WatchEvent>(source$: Observable<T>) => Observable<T>) =>
  (source$) => {
    const wanted = new Set(ids);
    return source$.pipe(filter((value) => speaksOf(value, wanted)));
  };

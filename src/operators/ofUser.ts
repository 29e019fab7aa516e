import { type Observable, filter } from 'rxjs';
import type { WatchEvent } from '../core/events.js';
import type { WorkbinNotification } from '../protocol/notification.js';

/** The user who owns the workbin that a notification or an event speaks of, as far as it can be told. */
const ownerOf = (value: WorkbinNotification | WatchEvent): string | undefined => {
  const said = 'workbinUserId' in value && typeof value.workbinUserId === 'string' ? value.workbinUserId : undefined;
  return (
    said ??
    ('scope' in value && !('messageType' in value) && value.scope.kind === 'user' ? value.scope.userId : undefined)
  );
};

/**
 * Passes on what speaks of workbins that the given user owns: by `workbinUserId`, and where an event has none, by its
 * scope. A notification that names no user does not pass: Web Services leaves the name out where it answers for several.
 *
 * @example
 * ```ts
 * import { ofUser, type WorkbinNotification } from 'rx-workbins';
 * import { of } from 'rxjs';
 *
 * const added = (workbinUserId: string): WorkbinNotification => ({
 *   messageType: 'WorkbinStateChangeMessage', id: 'a', action: 'ItemAdded', workbinUserId,
 * });
 * of(added('ann'), added('bob'))
 *   .pipe(ofUser('bob'))
 *   .subscribe(({ workbinUserId }) => console.log(workbinUserId)); // bob
 * ```
 *
 * @see {@link ofWorkbin}
 * @category operators
 */
export const ofUser =
  (userId: string): (<T extends WorkbinNotification | WatchEvent>(source$: Observable<T>) => Observable<T>) =>
  (source$) =>
    source$.pipe(filter((value) => ownerOf(value) === userId));

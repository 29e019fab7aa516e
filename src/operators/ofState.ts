import { type Observable, filter } from 'rxjs';
import type { StateChanged, WatchEvent } from '../core/events.js';
import type { WorkbinNotification, WorkbinSubscriptionStateChangeMessage } from '../protocol/notification.js';

type State = StateChanged['state'];

const stateOf = (value: WorkbinNotification | WatchEvent): State | undefined =>
  'messageType' in value
    ? value.messageType === 'WorkbinSubscriptionStateChangeMessage'
      ? value.stateResource
      : undefined
    : value.type === 'state'
      ? value.state
      : undefined;

/**
 * Passes on subscription states only, those given; with none given, all of them.
 *
 * @example
 * ```ts
 * import { ofState, type WorkbinNotification } from 'rx-workbins';
 * import { of } from 'rxjs';
 *
 * const state = (stateResource: 'Subscribed' | 'RequestFailed'): WorkbinNotification => ({
 *   messageType: 'WorkbinSubscriptionStateChangeMessage', id: 'a', stateResource,
 * });
 * of(state('RequestFailed'), state('Subscribed'))
 *   .pipe(ofState('Subscribed'))
 *   .subscribe(({ stateResource }) => console.log(stateResource)); // Subscribed
 * ```
 *
 * @category operators
 */
export const ofState =
  (
    ...states: readonly State[]
  ): (<T extends WorkbinNotification | WatchEvent>(
    source$: Observable<T>,
  ) => Observable<Extract<T, StateChanged | WorkbinSubscriptionStateChangeMessage>>) =>
  <T extends WorkbinNotification | WatchEvent>(source$: Observable<T>) =>
    source$.pipe(
      filter((value): value is Extract<T, StateChanged | WorkbinSubscriptionStateChangeMessage> => {
        const state = stateOf(value);
        return state !== undefined && (states.length === 0 || states.includes(state));
      }),
    );

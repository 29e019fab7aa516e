import { type WorkbinNotification, untilSubscribed } from 'rx-workbins';
import { from } from 'rxjs';

const says = (
  id: string,
  stateResource: 'Subscribed' | 'RequestFailed',
): WorkbinNotification => ({
  messageType: 'WorkbinSubscriptionStateChangeMessage',
  id,
  stateResource,
});

// Any source of notifications will do: a log that is played again, a test, an application's own CometD listener.
const notifications$ = from([
  says('c', 'Subscribed'),
  says('b', 'RequestFailed'),
  says('a', 'Subscribed'),
]);

notifications$.pipe(untilSubscribed(['c', 'a'])).subscribe({
  next: ({ id }) => console.log(id),
  complete: () => console.log('complete'),
});
notifications$.pipe(untilSubscribed(['b', 'c'])).subscribe({
  error: (error: unknown) => console.log(String(error)),
});

/* prints
c
b
a
complete
SubscriptionError: Subscribe: 1 of 2 workbins failed: "b" (CometD said RequestFailed: try again later)
*/

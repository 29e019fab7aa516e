import {
  type Accepted,
  type WorkbinNotification,
  mergeSubscription,
} from 'rx-workbins';
import { NEVER, concat, map, of, timer } from 'rxjs';

const scope = { kind: 'me' } as const;
const subscribed = (id: string): WorkbinNotification => ({
  messageType: 'WorkbinSubscriptionStateChangeMessage',
  id,
  stateResource: 'Subscribed',
});

// Both confirmations overtake the reply that names them: they wait, and follow at once.
const notifications$ = concat(
  of(subscribed('b'), subscribed('somebody-elses'), subscribed('a')),
  NEVER,
);
const reply$ = timer(20).pipe(
  map((): Accepted => {
    const referenceIds = { a: 57, b: 56 };
    return {
      type: 'accepted',
      scope,
      workbinIds: ['a', 'b'],
      referenceIds: new Map(Object.entries(referenceIds)),
      response: { statusCode: 0, referenceIds },
    };
  }),
);

await mergeSubscription(reply$, notifications$, {
  scope,
  workbinIds: ['a', 'b'],
  operation: 'Subscribe',
}).forEach((event) =>
  console.log(
    event.type === 'state' ? `${event.workbinId} ${event.state}` : event.type,
  ),
);
console.log('complete');

/* prints
accepted
b Subscribed
a Subscribed
complete
*/

import {
  type ItemEvent,
  type WatchEvent,
  createWorkbinClient,
} from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import {
  type Observable,
  bufferTime,
  concatMap,
  defer,
  filter,
  retry,
  takeWhile,
  tap,
} from 'rxjs';

/** As much of a broker's client as this needs: NATS' `publish`, Kafka's `send`, … in three lines each. */
interface Broker {
  publish(subject: string, messages: readonly string[]): Promise<void>;
}

/**
 * Hands item events to a broker, in order and in batches: the next batch leaves when the broker has the one before, and one
 * that it refuses is offered again. What comes meanwhile waits in memory.
 */
const publishTo =
  (broker: Broker, { every = 100, attempts = 10 } = {}) =>
  (events$: Observable<WatchEvent>): Observable<void> =>
    events$.pipe(
      filter((event): event is ItemEvent => event.type === 'item'),
      bufferTime(every),
      filter((batch) => batch.length > 0),
      concatMap((batch) =>
        defer(() =>
          broker.publish(
            'workbins.items',
            batch.map(({ workbinId, action, interaction }) =>
              JSON.stringify({
                workbinId,
                action,
                interactionId: interaction?.id,
              }),
            ),
          ),
        ).pipe(retry({ count: attempts, delay: 20 })),
      ),
    );

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

let refusals = 1;
const broker: Broker = {
  publish: (subject, messages) => {
    if (refusals-- > 0) return Promise.reject(new Error('no leader just now'));
    for (const message of messages) console.log(subject, message);
    return Promise.resolve();
  },
};

await client
  .watch(drafts)
  .pipe(
    tap((event) => {
      if (event.type === 'state')
        sandbox.addItem(drafts, { interaction: { id: 'mail-1' } });
      if (event.type === 'item' && event.action === 'ItemAdded')
        sandbox.removeItem(drafts, 'mail-1');
    }),
    takeWhile(
      (event) => !(event.type === 'item' && event.action === 'ItemRemoved'),
      true,
    ),
    publishTo(broker),
  )
  .forEach(() => undefined);

/* prints
workbins.items {"workbinId":"aee812a5-7396-4dd9-b180-230f1c1fb085","action":"ItemAdded","interactionId":"mail-1"}
workbins.items {"workbinId":"aee812a5-7396-4dd9-b180-230f1c1fb085","action":"ItemRemoved","interactionId":"mail-1"}
*/

import { createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { takeWhile, tap } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .watch(drafts)
  .pipe(
    tap((event) => {
      // As soon as the workbin is watched, a customer's mail comes into it, and goes.
      if (event.type === 'state')
        sandbox.addItem(drafts, {
          medium: 'email',
          interaction: { id: 'mail-1' },
        });
      if (event.type === 'item' && event.action === 'ItemAdded')
        sandbox.removeItem(drafts, 'mail-1');
    }),
    takeWhile(
      (event) => !(event.type === 'item' && event.action === 'ItemRemoved'),
      true,
    ),
  )
  .forEach((event) => {
    if (event.type === 'state') console.log(event.type, event.state);
    else if (event.type === 'item')
      console.log(
        event.type,
        event.action,
        event.medium,
        event.interaction?.id,
      );
    else console.log(event.type);
  });

/* prints
accepted
state Subscribed
item ItemAdded email mail-1
item ItemRemoved email mail-1
*/

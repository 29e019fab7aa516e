import { collectItems, createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { take, tap } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});
sandbox.addItem(drafts, { medium: 'email', interaction: { id: 'mail-1' } }); // it lies there before anybody looks

await client
  .watch(drafts)
  .pipe(
    collectItems({ from: client }),
    tap((items) => {
      if (items.size === 1)
        sandbox.addItem(drafts, {
          medium: 'chat',
          interaction: { id: 'chat-2' },
        });
    }),
    take(2),
  )
  .forEach((items) =>
    console.log(
      [...items].map(([id, { medium }]) => `${id} (${medium})`).join(', '),
    ),
  );

/* prints
mail-1 (email)
mail-1 (email), chat-2 (chat)
*/

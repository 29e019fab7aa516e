import { createWorkbinClient, ofWorkbin } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .subscribe([drafts, inProgress])
  .pipe(ofWorkbin(inProgress))
  .forEach((event) =>
    console.log(
      event.type,
      event.type === 'state' ? event.workbinId : event.workbinIds.length,
    ),
  );

/* prints
accepted 2
state a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4
*/

import { createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

// A Web Services to try things on. Yours is at 'https://gws.example.com'.
const sandbox = await createSandbox();
const client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

const workbins = [
  'aee812a5-7396-4dd9-b180-230f1c1fb085',
  'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4',
];
await client.subscribe(workbins).forEach((event) => {
  if (event.type === 'state')
    console.log('CometD', event.workbinId, event.state);
  else console.log('HTTP reply', Object.fromEntries(event.referenceIds));
});
console.log('complete');

await client.close();
await sandbox.close();

/* prints
HTTP reply {
  'aee812a5-7396-4dd9-b180-230f1c1fb085': 1,
  'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4': 2
}
CometD aee812a5-7396-4dd9-b180-230f1c1fb085 Subscribed
CometD a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4 Subscribed
complete
*/

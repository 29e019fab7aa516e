import { createWorkbinClient, settle } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .subscribe(['aee812a5-7396-4dd9-b180-230f1c1fb085', 'no-such-workbin'])
  .pipe(settle())
  .forEach(({ subscribed, failed }) => {
    console.log('subscribed', [...subscribed.keys()]);
    for (const [id, { code }] of failed) console.log('failed', id, code);
  });

/* prints
subscribed [ 'aee812a5-7396-4dd9-b180-230f1c1fb085' ]
failed no-such-workbin api
*/

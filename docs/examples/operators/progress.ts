import { createWorkbinClient, progress } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

const ids = ['drafts', 'in-progress', 'callbacks'];

await using sandbox = await createSandbox({ acceptAnyWorkbin: true });
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .subscribe(ids)
  .pipe(progress(ids))
  .forEach(({ subscribed, failed, pending }) =>
    console.log(
      `${'#'.repeat(subscribed.length)}${'x'.repeat(failed.length)}${'.'.repeat(pending.length)}`,
    ),
  );

/* prints
...
#..
##.
###
*/

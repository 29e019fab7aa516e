import { createWorkbinClient, ofState, subscribeWorkbins } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { from } from 'rxjs';

await using sandbox = await createSandbox({ acceptAnyWorkbin: true });
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

// Ids from anywhere: a route's parameters, a file, a queue, `client.list()`.
await from(['drafts', ['in-progress', 'callbacks']])
  .pipe(subscribeWorkbins(client.any), ofState('Subscribed'))
  .forEach(({ workbinId, state }) => console.log(workbinId, state));

/* prints
drafts Subscribed
in-progress Subscribed
callbacks Subscribed
*/

import { createWorkbinClient, ofState } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { map } from 'rxjs';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .subscribe('aee812a5-7396-4dd9-b180-230f1c1fb085')
  .pipe(
    ofState('Subscribed'),
    map(({ workbinId, state }) => `${workbinId}: ${state}`), // only state events from here on, for the compiler too
  )
  .forEach((line) => console.log(line));

/* prints
aee812a5-7396-4dd9-b180-230f1c1fb085: Subscribed
*/

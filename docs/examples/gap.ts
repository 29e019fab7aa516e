import { createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { distinctUntilChanged, takeWhile } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
  retry: { initialDelay: 50 },
});

const states = client.connection$
  .pipe(distinctUntilChanged())
  .subscribe((state) => console.log(`      ${state}`));
let restarted = false;
await client
  .watch(drafts)
  .pipe(takeWhile((event) => event.type !== 'gap', true))
  .forEach((event) => {
    console.log(event.type);
    if (event.type !== 'state' || restarted) return;
    restarted = true;
    void sandbox.restart(); // the server forgets all its sessions
  });
states.unsubscribe();

/* prints
      idle
      connecting
      connected
accepted
state
      reconnecting
      connected
accepted
state
gap
*/

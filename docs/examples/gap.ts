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

const states = client.connection$.pipe(distinctUntilChanged()).subscribe((state) => console.log(`      ${state}`));
let restarted = false;
await client
  .watch(drafts)
  .pipe(takeWhile((event) => event.type !== 'gap', true))
  .forEach((event) => {
    if (event.type === 'gap') console.log('gap:', event.to >= event.from ? 'anything may have come and gone' : '');
    else console.log(event.type);
    if (event.type !== 'state' || restarted) return;
    restarted = true;
    void sandbox.restart(); // all that the server knew of this session is gone
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
gap: anything may have come and gone
*/

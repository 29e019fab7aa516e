import { createWorkbinClient, ofState, ofUser } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { merge } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const colleague = 'e6f2ad1b26ea4e9b8dd907eabe167522';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

// My drafts and a colleague's have the same id: whose is whose?
await merge(
  client.subscribe(drafts),
  client.forUser(colleague).subscribe(drafts),
)
  .pipe(ofUser(colleague), ofState('Subscribed'))
  .forEach(({ scope, state }) => console.log(scope, state));

/* prints
{ kind: 'user', userId: 'e6f2ad1b26ea4e9b8dd907eabe167522' } Subscribed
*/

import { createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { forkJoin, ignoreElements } from 'rxjs';

await using sandbox = await createSandbox({ acceptAnyWorkbin: true });
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

// Three parts of a program ask in the same turn of the event loop, none of them knowing of the others.
const parts = ['drafts', 'in-progress', 'callbacks'].map((id) =>
  client.subscribe(id).pipe(ignoreElements()),
);
await forkJoin(parts).forEach(() => undefined);

for (const { operationName, path } of sandbox.requests)
  if (operationName === 'Subscribe') console.log('POST', path);

/* prints
POST /api/v2/me/workbins?workbinIds=drafts,in-progress,callbacks
*/

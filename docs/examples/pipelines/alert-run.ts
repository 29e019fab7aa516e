import { collectItems, createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { take } from 'rxjs';
import { alertOnBacklog } from './alert.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await client
  .watch(drafts)
  .pipe(collectItems({ from: client }), alertOnBacklog(2, 50), take(3))
  .forEach(({ level, items }) => {
    console.log(level, items);
    if (level === 'ok')
      for (const id of ['a', 'b', 'c'])
        sandbox.addItem(drafts, { interaction: { id } });
    else sandbox.removeItem(drafts, 'b');
  });

/* prints
ok 0
alert 3
ok 2
*/

import assert from 'node:assert/strict';
import test from 'node:test';
import { collectItems, createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { filter, firstValueFrom } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

test('the list is right again after the server has lost the session', async () => {
  await using sandbox = await createSandbox({ push: 'before' }); // CometD overtakes HTTP: the order that breaks things
  await using client = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    retry: { initialDelay: 10 },
  });
  sandbox.addItem(drafts, { interaction: { id: 'before' } });

  const sizes: number[] = [];
  const watching = client.watch(drafts).pipe(collectItems({ from: client }));
  await firstValueFrom(
    watching.pipe(
      filter((items) => {
        sizes.push(items.size);
        if (items.size === 1) {
          sandbox.killBayeuxSessions();
          sandbox.addItem(drafts, { interaction: { id: 'in the gap' } }); // nobody is told of this one
        }
        return items.size === 2;
      }),
    ),
  );
  assert.deepEqual(sizes, [1, 2]);
});

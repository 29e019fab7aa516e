import assert from 'node:assert/strict';
import test from 'node:test';
import { collectItems, createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { map, takeWhile } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

await test('the list is right again after the server has lost the session', async () => {
  await using sandbox = await createSandbox({ push: 'before' }); // CometD overtakes HTTP: the order that breaks things
  await using client = createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    retry: { initialDelay: 10 },
  });
  sandbox.addItem(drafts, { interaction: { id: 'before' } });

  const sizes: number[] = [];
  await client
    .watch(drafts)
    .pipe(
      collectItems({ from: client }),
      map((items) => items.size),
      takeWhile((size) => size < 2, true),
    )
    .forEach((size) => {
      sizes.push(size);
      if (size > 1) return;
      sandbox.killBayeuxSessions();
      sandbox.addItem(drafts, { interaction: { id: 'in the gap' } }); // nobody is told of this one
    });
  assert.deepEqual(sizes, [1, 2]);
});

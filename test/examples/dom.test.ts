import test from 'ava';
import { showWorkbins } from '../../docs/examples/dom/workbin-list.js';
import { createWorkbinClient } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { openPage, shows } from './page.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

openPage('http://localhost/');

test('dom/workbin-list.ts: shows counters that follow the workbins, and leaves nothing behind', async (t) => {
  const sandbox = await createSandbox();
  const client = createWorkbinClient({ baseUrl: sandbox.url, auth: sandbox });
  t.teardown(async () => {
    await client.close();
    await sandbox.close();
  });
  sandbox.addItem(drafts, { interaction: { id: 'first' } });
  const element = document.createElement('main');
  document.body.append(element);

  const subscription = showWorkbins(element, client, [drafts, 'no-such-workbin']);
  t.is(element.querySelector('progress')?.value, 0);
  await shows(element, (text) => text.includes(`${drafts} 1`));
  t.true(element.querySelector('progress')?.hidden);
  sandbox.addItem(drafts, { interaction: { id: 'second' } });
  await shows(element, (text) => text.includes(`${drafts} 2`));
  sandbox.removeItem(drafts, 'first');
  await shows(element, (text) => text.includes(`${drafts} 1`));

  const unsubscribed = sandbox.request(
    ({ operationName, status }) => operationName === 'Unsubscribe' && status !== undefined,
  );
  subscription.unsubscribe();
  t.is(element.textContent, '');
  await unsubscribed;
  t.deepEqual(sandbox.subscriptions(), []);
});

test('dom/workbin-list.ts: says why nothing can be shown', async (t) => {
  const sandbox = await createSandbox();
  const client = createWorkbinClient({ baseUrl: sandbox.url, auth: { username: 'agent', password: 'wrong' } });
  t.teardown(async () => {
    await client.close();
    await sandbox.close();
  });
  const element = document.createElement('main');
  document.body.append(element);
  showWorkbins(element, client, [drafts]);
  await shows(element, (text) => text.startsWith('Subscribe: 1 of 1 workbins failed'));
  t.pass();
});

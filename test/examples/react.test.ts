import test from 'ava';
import { openPage, shows } from './page.js';

openPage('http://localhost/');

const [{ StrictMode, createElement }, { createRoot }, { renderToString }, { WorkbinList }] = await Promise.all([
  import('react'),
  import('react-dom/client'),
  import('react-dom/server'),
  import('../../docs/examples/react/workbin-list.js'),
]);
const { createWorkbinClient } = await import('../../src/index.js');
const { createSandbox } = await import('../../src/sandbox/index.js');

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';

test('react/workbin-list.ts: shows counters that follow the workbins, also under StrictMode', async (t) => {
  const sandbox = await createSandbox();
  const client = createWorkbinClient({ baseUrl: sandbox.url, auth: sandbox });
  t.teardown(async () => {
    await client.close();
    await sandbox.close();
  });
  sandbox.addItem(drafts, { interaction: { id: 'first' } });
  const element = document.createElement('main');
  document.body.append(element);
  const root = createRoot(element);
  const ids = [drafts, inProgress];
  root.render(createElement(StrictMode, null, createElement(WorkbinList, { workbins: client, ids })));

  await shows(element, (text) => text.includes(`${drafts} 1`) && text.includes(`${inProgress} 0`));
  sandbox.addItem(inProgress, { interaction: { id: 'second' } });
  await shows(element, (text) => text.includes(`${inProgress} 1`));

  const unsubscribed = sandbox.request(
    ({ operationName, status }) => operationName === 'Unsubscribe' && status !== undefined,
  );
  root.unmount();
  await unsubscribed;
  t.deepEqual(sandbox.subscriptions(), []);
});

test('react/workbin-list.ts: says why nothing can be shown', async (t) => {
  const sandbox = await createSandbox();
  const client = createWorkbinClient({ baseUrl: sandbox.url, auth: { username: 'agent', password: 'wrong' } });
  const element = document.createElement('main');
  document.body.append(element);
  const root = createRoot(element);
  t.teardown(async () => {
    root.unmount();
    await client.close();
    await sandbox.close();
  });
  root.render(createElement(WorkbinList, { workbins: client, ids: [drafts] }));
  await shows(element, (text) => text.startsWith('Subscribe: 1 of 1 workbins failed'));
  t.is(element.querySelector('[role=alert]')?.tagName, 'P');
});

test('react/workbin-list.ts: renders on a server, without a request', async (t) => {
  const sandbox = await createSandbox();
  const client = createWorkbinClient({ baseUrl: sandbox.url });
  t.is(
    renderToString(createElement(WorkbinList, { workbins: client, ids: [drafts] })).replaceAll('<!-- -->', ''),
    `<ul><li>${drafts} <output>…</output></li></ul>`,
  );
  t.is(sandbox.requests.length, 0);
  await client.close();
  await sandbox.close();
});

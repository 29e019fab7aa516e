import test from 'ava';
import { openPage, shows } from './page.js';

openPage('http://localhost/');

// The compiler comes first: templates are compiled in this process, as `ng serve` does with JIT.
await import('@angular/compiler');
const [{ provideZonelessChangeDetection }, { bootstrapApplication }, example] = await Promise.all([
  import('@angular/core'),
  import('@angular/platform-browser'),
  import('../../docs/examples/angular/workbin-list.js'),
]);
const { createWorkbinClient } = await import('../../src/index.js');
const { createSandbox } = await import('../../src/sandbox/index.js');

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';

const follows = test.macro({
  title: (_, name: 'WorkbinList' | 'WorkbinTotal') => `angular/workbin-list.ts: ${name} follows the workbins`,
  exec: async (
    t,
    name: 'WorkbinList' | 'WorkbinTotal',
    selector: string,
    atFirst: (text: string) => boolean,
    then: (text: string) => boolean,
  ) => {
    const sandbox = await createSandbox();
    const client = createWorkbinClient({ baseUrl: sandbox.url, auth: sandbox });
    t.teardown(async () => {
      await client.close();
      await sandbox.close();
    });
    sandbox.addItem(drafts, { interaction: { id: 'first' } });
    const element = document.createElement(selector);
    document.body.append(element);
    const app = await bootstrapApplication(example[name], {
      providers: [
        provideZonelessChangeDetection(),
        { provide: example.WORKBINS, useValue: client },
        { provide: example.WORKBIN_IDS, useValue: [drafts, inProgress] },
      ],
    });
    await shows(element, atFirst);
    sandbox.addItem(inProgress, { interaction: { id: 'second' } });
    sandbox.addItem(inProgress, { interaction: { id: 'third' } });
    await shows(element, then);

    const unsubscribed = sandbox.request(
      ({ operationName, status }) => operationName === 'Unsubscribe' && status !== undefined,
    );
    app.destroy();
    await unsubscribed;
    t.deepEqual(sandbox.subscriptions(), []);
  },
});

test(
  follows,
  'WorkbinList',
  'workbin-list',
  (text) => text.includes(`${drafts} 1`) && text.includes(`${inProgress} 0`),
  (text) => text.includes(`${drafts} 1`) && text.includes(`${inProgress} 2`),
);
test(
  follows,
  'WorkbinTotal',
  'workbin-total',
  (text) => text.includes(`1 items, ${drafts}`),
  (text) => text.includes(`3 items, ${inProgress}`),
);

import { type SubscriptionEvent, createWorkbinClient } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import type { Observable } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const claims = '1c979a85-edd7-4540-8a58-b74fbc8328af';
const colleague = 'e6f2ad1b26ea4e9b8dd907eabe167522';

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

/** Subscribes, and shows the request that it became. */
const show = async (
  title: string,
  events$: Observable<SubscriptionEvent>,
): Promise<void> => {
  await events$.forEach(() => undefined);
  const request = sandbox.requests
    .filter(({ operationName }) => operationName === 'Subscribe')
    .at(-1);
  console.log(`${title.padEnd(16)} POST ${request?.path ?? ''}`);
};

await show('mine', client.subscribe(drafts));
await show('mine, several', client.subscribe([drafts, inProgress]));
await show('any', client.any.subscribe(drafts));
await show("a user's", client.forUser(colleague).subscribe(drafts));
await show(
  "a user's several",
  client.forUser(colleague).subscribe([drafts, inProgress]),
);
await show(
  "an agent group's",
  client.forAgentGroup('Claims & more').subscribe(claims),
);

/* prints
mine             POST /api/v2/me/workbins/aee812a5-7396-4dd9-b180-230f1c1fb085
mine, several    POST /api/v2/me/workbins?workbinIds=aee812a5-7396-4dd9-b180-230f1c1fb085,a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4
any              POST /api/v2/workbins/aee812a5-7396-4dd9-b180-230f1c1fb085
a user's         POST /api/v2/users/e6f2ad1b26ea4e9b8dd907eabe167522/workbins/aee812a5-7396-4dd9-b180-230f1c1fb085
a user's several POST /api/v2/users/e6f2ad1b26ea4e9b8dd907eabe167522/workbins?workbinIds=aee812a5-7396-4dd9-b180-230f1c1fb085,a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4
an agent group's POST /api/v2/me/workbins/1c979a85-edd7-4540-8a58-b74fbc8328af?agentGroup=Claims%20%26%20more
*/

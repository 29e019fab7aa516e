import { createWorkbinClient, isSubscriptionError } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

const [drafts, inProgress] = [
  'aee812a5-7396-4dd9-b180-230f1c1fb085',
  'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4',
];

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});
// Two things go wrong: one id does not exist, and of another CometD says that it failed.
sandbox.fault(
  { workbinId: inProgress },
  { kind: 'request-failed', workbinIds: [inProgress] },
);

try {
  await client
    .subscribe([drafts, inProgress, 'no-such-workbin'])
    .forEach((event) => console.log(event.type));
} catch (error) {
  if (!isSubscriptionError(error)) throw error;
  console.log('works:', error.subscribed);
  for (const [id, cause] of error.failed)
    console.log('failed:', id, cause.name);
}

/* prints
accepted
state
state
works: [ 'aee812a5-7396-4dd9-b180-230f1c1fb085' ]
failed: no-such-workbin ApiError
failed: a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4 RequestFailedError
*/

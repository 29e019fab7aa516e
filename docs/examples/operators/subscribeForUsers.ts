import { createWorkbinClient, ofState, subscribeForUsers } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { from } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const team = [
  '9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31',
  'e6f2ad1b26ea4e9b8dd907eabe167522',
];

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

const lines: string[] = [];
await from(team)
  .pipe(subscribeForUsers(client, drafts), ofState('Subscribed'))
  .forEach(
    ({ scope, state }) =>
      void lines.push(`${scope.kind === 'user' ? scope.userId : ''} ${state}`),
  );
console.log(lines.sort().join('\n')); // each user is a request of its own: they may end in any order

/* prints
9d5c1f0a7b3e4c6f8a2d1e0b5c7f9a31 Subscribed
e6f2ad1b26ea4e9b8dd907eabe167522 Subscribed
*/

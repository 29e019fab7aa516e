import { createWorkbinClient, settle } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { from, map, mergeMap, toArray } from 'rxjs';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const team = ['e6f2ad1b26ea4e9b8dd907eabe167522', 'no-such-user'];

await using sandbox = await createSandbox();
await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
});

await from(team)
  .pipe(
    mergeMap((userId) =>
      client
        .forUser(userId)
        .subscribe(drafts)
        .pipe(
          settle(),
          map((settlement) => ({ userId, ...settlement })),
        ),
    ),
    toArray(), // each user is a request of its own: they may end in any order
  )
  .forEach((accounts) => {
    for (const userId of team)
      for (const { subscribed, failed } of accounts.filter(
        (account) => account.userId === userId,
      ))
        console.log(userId, [...subscribed.keys()], [...failed.keys()]);
  });

/* prints
e6f2ad1b26ea4e9b8dd907eabe167522 [ 'aee812a5-7396-4dd9-b180-230f1c1fb085' ] []
no-such-user [] [ 'aee812a5-7396-4dd9-b180-230f1c1fb085' ]
*/

import { type AuthProvider, createWorkbinClient, ofState } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';

await using sandbox = await createSandbox();
let tokens = 0;

/** Asked at first need, and again after a 401. In an application: a call to the identity provider. */
const signIn: AuthProvider = async () => {
  tokens += 1;
  console.log(`token ${String(tokens)}`);
  // The sandbox knows Basic alone; elsewhere this is `Bearer …`, or whatever the gateway wants.
  return Promise.resolve({ authorization: `Basic ${btoa('agent:secret')}` });
};

await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: signIn,
});
const subscribe = (id: string): Promise<void> =>
  client
    .subscribe(id)
    .pipe(ofState('Subscribed'))
    .forEach(({ state }) => console.log(state));

await subscribe('aee812a5-7396-4dd9-b180-230f1c1fb085');
sandbox.fault(
  { operation: 'Subscribe', times: 1 },
  { kind: 'reply', status: 401 },
); // the token has expired
await subscribe('a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4');

/* prints
token 1
Subscribed
token 2
Subscribed
*/

// Loaded before an example of a comment in src: puts a sandbox where it says https://gws.example.com.
import { createSandbox, defaultUsers } from 'rx-workbins/sandbox';

const [agent] = defaultUsers;
const sandbox = await createSandbox({ acceptAnyWorkbin: true, users: [{ ...agent, password: '' }] });
const reach = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${btoa(`${agent.userName}:`)}`);
  return reach(String(input).replace('https://gws.example.com', sandbox.url), { ...init, headers });
};

/* global Headers, btoa */
// Loaded before an example of a comment in src: puts a sandbox where it says https://gws.example.com.
import { createSandbox, defaultUsers } from 'rx-workbins/sandbox';

const [agent] = defaultUsers;
const others = ['e6f2ad1b', '05a5d28e'].map((id) => ({ id, userName: id, password: '' }));
const sandbox = await createSandbox({ acceptAnyWorkbin: true, users: [{ ...agent, password: '' }, ...others] });
const reach = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${btoa(`${agent.userName}:`)}`);
  return reach(String(input).replace('https://gws.example.com', sandbox.url), { ...init, headers });
};

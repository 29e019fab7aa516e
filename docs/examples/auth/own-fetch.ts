// Needs a cookie jar: npm install tough-cookie
import { createWorkbinClient, ofState } from 'rx-workbins';
import { createSandbox } from 'rx-workbins/sandbox';
import { CookieJar } from 'tough-cookie';

await using sandbox = await createSandbox();
const jar = new CookieJar();

/** A fetch of one's own: a proxy, a client certificate, a trace id. It owns its cookies, which the session hangs on. */
const tracedFetch: typeof fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  const headers = new Headers(init?.headers);
  headers.set('cookie', await jar.getCookieString(url));
  headers.set('x-trace-id', 'monitor-7');
  const response = await fetch(input, { ...init, headers });
  for (const cookie of response.headers.getSetCookie())
    await jar.setCookie(cookie, url, { ignoreError: true });
  return response;
};

await using client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: 'agent', password: 'secret' },
  fetch: tracedFetch,
});
await client
  .subscribe('aee812a5-7396-4dd9-b180-230f1c1fb085')
  .pipe(ofState('Subscribed'))
  .forEach(({ state }) => console.log(state));
console.log(
  sandbox.requests.every(({ headers }) => headers['x-trace-id'] === 'monitor-7')
    ? 'all traced'
    : 'not traced',
);

/* prints
Subscribed
all traced
*/

import { CookieJar } from 'tough-cookie';
import type { Platform } from './platform.js';

type Fetch = typeof globalThis.fetch;

const sessionCookie = 'JSESSIONID';

/** The platform's fetch, cross-fetch where there is none: loaded only then. */
const platformFetch: Fetch = async (input, init) =>
  (globalThis.fetch ?? (await import('cross-fetch')).default)(input, init);

/** Every `Set-Cookie` of an answer; node-fetch, which cross-fetch is in Node, keeps them in `raw()`. */
const setCookiesOf = (headers: Headers & { raw?: () => Record<string, string[]> }): readonly string[] =>
  typeof headers.getSetCookie === 'function' ? headers.getSetCookie() : (headers.raw?.()['set-cookie'] ?? []);

/** Fetch with a cookie jar of its own, for one client: REST and CometD are one HTTP session. */
export const createPlatform = (baseUrl: string): Platform => {
  // Contact centres live under names of their own (`http://gws/`), which a list of public suffixes would refuse.
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  const cookiesFor = (url: string): string[] => {
    const cookies = jar.getCookiesSync(url);
    // Jetty answers 400 to two JSESSIONIDs: the one with the longest path, which comes first, is meant.
    const session = cookies.find(({ key }) => key === sessionCookie);
    return cookies
      .filter((cookie) => cookie.key !== sessionCookie || cookie === session)
      .map((cookie) => cookie.cookieString());
  };
  const apiUrl = `${baseUrl}/api/v2/me`;
  return {
    fetch: async (input, init) => {
      const url = String(input);
      const headers = new Headers(init?.headers);
      const cookies = cookiesFor(url);
      if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
      const response = await platformFetch(url, { ...init, headers: Object.fromEntries(headers) });
      for (const cookie of setCookiesOf(response.headers)) jar.setCookieSync(cookie, url, { ignoreError: true });
      return response;
    },
    sessionId: () => jar.getCookiesSync(apiUrl).find(({ key }) => key === sessionCookie)?.value,
    forgetSession: () => {
      for (const cookie of jar.getCookiesSync(apiUrl)) {
        if (cookie.key === sessionCookie && cookie.domain !== null && cookie.path !== null) {
          jar.store.removeCookie(cookie.domain, cookie.path, cookie.key, () => undefined);
        }
      }
    },
  };
};

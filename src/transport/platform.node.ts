import { CookieJar } from 'tough-cookie';
import type { Fetch, Platform } from './platform.js';

const sessionCookie = 'JSESSIONID';
const redirectsAtMost = 5;

/** The platform's fetch, cross-fetch where there is none: loaded only then. */
const platformFetch: Fetch = async (url, init) => {
  // The types say that it is always there.
  const fetch = globalThis.fetch as Fetch | undefined;
  return fetch === undefined ? (await import('cross-fetch')).default(url, init) : fetch(url, init);
};

/** Every `Set-Cookie` of an answer; node-fetch, which cross-fetch is in Node, keeps them in `raw()`. */
const setCookiesOf = (headers: Headers & { raw?: () => Record<string, string[]> }): readonly string[] =>
  typeof headers.getSetCookie === 'function' ? headers.getSetCookie() : (headers.raw?.()['set-cookie'] ?? []);

/** Where a redirect leads, if it may be followed: within its origin, and with the same method. */
const redirectOf = (url: string, method: string | undefined, { status, headers }: Response): string | undefined => {
  const location = headers.get('location');
  const keepsMethod = status === 307 || status === 308 || (status > 300 && status < 304 && method === 'GET');
  if (location === null || !keepsMethod || !URL.canParse(location, url)) return undefined;
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
};

/** Follows the redirects that stay within their origin; any other one is the answer. */
const following =
  (fetch: Fetch): Fetch =>
  async (url, init) => {
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(url, { ...init, redirect: 'manual' });
      const next = redirects < redirectsAtMost ? redirectOf(url, init?.method, response) : undefined;
      if (next === undefined) return response;
      await response.body?.cancel();
      url = next;
    }
  };

/** Fetch with a cookie jar of its own, for one client: REST and CometD are one HTTP session. */
export const createPlatform = (baseUrl: string, given?: Fetch): Platform => {
  if (given !== undefined) return { fetch: following(given) };
  // Contact centres live under names of their own (`http://gws/`), which a list of public suffixes would refuse.
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  const cookiesFor = (url: string): string[] => {
    const cookies = jar.getCookiesSync(url);
    // Jetty answers 400 to two JSESSIONIDs: the one with the longest path, which comes first, is meant.
    const session = cookies.find(({ key }) => key === sessionCookie);
    return cookies
      .filter((cookie) => cookie.key !== '' && (cookie.key !== sessionCookie || cookie === session))
      .map((cookie) => cookie.cookieString());
  };
  const sessions = () => jar.getCookiesSync(`${baseUrl}/api/v2/me`).filter(({ key }) => key === sessionCookie);
  return {
    fetch: following(async (url, init) => {
      const headers = new Headers(init?.headers);
      const cookies = cookiesFor(url);
      const isSession = (cookie: string): boolean => cookie.startsWith(`${sessionCookie}=`);
      const sent = cookies.find(isSession);
      // Behind those that are given: a `Cookie` of the application's auth, say.
      if (cookies.length > 0) headers.set('cookie', [headers.get('cookie') ?? [], cookies].flat().join('; '));
      const response = await platformFetch(url, { ...init, headers: Object.fromEntries(headers) });
      // An answer to what was sent in another session, or before there was one, takes no session's place.
      const isStale = cookiesFor(url).find(isSession) !== sent;
      for (const cookie of setCookiesOf(response.headers))
        if (!isStale || !isSession(cookie)) jar.setCookieSync(cookie, url, { ignoreError: true });
      return response;
    }),
    sessionId: () => sessions()[0]?.value,
    forgetSession: () => {
      for (const { domain, path, key } of sessions()) {
        if (domain !== null && path !== null) jar.store.removeCookie(domain, path, key, () => undefined);
      }
    },
  };
};

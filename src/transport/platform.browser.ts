import type { Fetch, Platform } from './platform.js';

/** The browser's own fetch, whose cookies no script sees, and which shows nothing of where a redirect leads. */
export const createPlatform = (_baseUrl: string, given?: Fetch): Platform => ({
  fetch: given ?? ((url, init) => globalThis.fetch(url, init)),
});

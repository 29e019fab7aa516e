import type { Platform } from './platform.js';

/** The browser's own fetch, whose cookies no script sees. */
export const createPlatform = (_baseUrl: string): Platform => ({
  fetch: (input, init) => globalThis.fetch(input, init),
});

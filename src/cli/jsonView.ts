import { printJson } from './json.js';
import type { View } from './view.js';

/** NDJSON: each event a line, as it happens. */
export const createJsonView = (): View => ({
  event: printJson,
  connection: () => undefined,
  items: () => undefined,
  settled: () => undefined,
  close: () => undefined,
});

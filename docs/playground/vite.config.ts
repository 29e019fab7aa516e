import { join, resolve } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, '..', '..');

/** The package as it is built, by its own name; for work on the page its source, where `RX_WORKBINS_SOURCE` says it is. */
const source = process.env['RX_WORKBINS_SOURCE'];
const alias: Readonly<Record<string, string>> =
  source === undefined
    ? {}
    : {
        'rx-workbins': resolve(root, source, 'index.ts'),
        '#platform': resolve(root, source, 'transport/platform.browser.ts'),
      };

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: { alias },
  build: {
    outDir: process.env['PLAYGROUND_OUT'] ?? join(root, 'docs/site/playground'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's Content-Security-Policy allows no inline code.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});

// Builds dist/: the CometD copy for Node first (source imports it as '#bayeux'), then the library by plain tsc.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vendor = join(root, 'dist', 'vendor');
const cometd = dirname(createRequire(import.meta.url).resolve('cometd'));
const vendorOnly = process.argv.includes('--vendor');

if (!vendorOnly) rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });

// The package reads the global `window`, which Node does not have; every one of those reads is served by `globalThis`.
await build({
  stdin: { contents: "export { CometD, RequestTransport } from 'cometd';", resolveDir: root },
  outfile: join(vendor, 'cometd.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  define: { window: 'globalThis' },
  banner: {
    js: '// A copy of the npm package `cometd` (Apache-2.0, see cometd-LICENSE) in which `window` reads `globalThis`.',
  },
  logLevel: 'warning',
});
copyFileSync(join(cometd, 'LICENSE'), join(vendor, 'cometd-LICENSE'));

if (!vendorOnly) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit', cwd: root });
}

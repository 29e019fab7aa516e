// Builds dist/: the copy of CometD first (source imports it as '#bayeux'), then the library by plain tsc.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vendor = join(root, 'dist', 'vendor');
const cometd = dirname(createRequire(import.meta.url).resolve('cometd'));
const vendorOnly = process.argv.includes('--vendor');

if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });

/** What CometD tells its own log is left out: the library has a logger of its own, and prints nothing uninvited. */
const withoutLog = (path) => {
  const text = readFileSync(path, 'utf8');
  const isLog = /^(this|self)\._(debug|info|warn)$/;
  const kept = [];
  let end = 0;
  const visit = (node) => {
    if (ts.isExpressionStatement(node) && isLog.test(node.expression.expression?.getText() ?? '')) {
      kept.push(text.slice(end, node.getStart()));
      end = node.end;
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return [...kept, text.slice(end)].join(';');
};

// The package reads the global `window`, which Node does not have; every one of those reads is served by `globalThis`. The
// library brings a transport of its own, over the `fetch` and the cookies of its REST calls: CometD's are left out.
const { outputFiles } = await build({
  write: false,
  stdin: { contents: "export { CometD } from 'cometd';", resolveDir: root },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  define: { window: 'globalThis' },
  plugins: [
    {
      name: 'what the library uses',
      setup: ({ onLoad }) => {
        onLoad({ filter: /(CallbackPolling|LongPolling|WebSocket)Transport\.js$/ }, ({ path }) => ({
          contents: `export class ${basename(path, '.js')} {}`,
        }));
        onLoad({ filter: /cometd.Client\.js$/ }, ({ path }) => ({ contents: withoutLog(path) }));
      },
    },
  ],
  banner: {
    js:
      '// A copy of the npm package `cometd` (Apache-2.0, see cometd-LICENSE) in which `window` reads `globalThis`,\n' +
      '// without its transports and its log.',
  },
  logLevel: 'warning',
});
const copy = join(vendor, 'cometd.js');
for (const { text } of outputFiles) {
  // Left alone where it is the same: a test run may be reading it.
  if (!existsSync(copy) || readFileSync(copy, 'utf8') !== text) writeFileSync(copy, text);
}
copyFileSync(join(cometd, 'LICENSE'), join(vendor, 'cometd-LICENSE'));

if (!vendorOnly) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  mkdirSync(join(root, 'dist', 'transport'), { recursive: true });
  copyFileSync(join(root, 'src/transport/cometd.d.ts'), join(root, 'dist/transport/cometd.d.ts'));
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit', cwd: root });
  execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs')], { stdio: 'inherit' });
}

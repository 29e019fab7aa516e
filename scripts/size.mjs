// What the library weighs in a browser: three bundles against their limits, and what must not be in them.
//   npm run size              a table
//   npm run --silent size -- --json    the same as JSON
//   npm run size -- --uncounted own    what is known to be over its limit is told, and fails nothing
// Ends with status 1 over a limit, or when a bundle holds what belongs to Node alone.
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const {
  values: { json: asJson, uncounted },
} = parseArgs({ options: { json: { type: 'boolean' }, uncounted: { type: 'string', multiple: true, default: [] } } });
const peers = ['rxjs', 'fp-ts', 'io-ts'];
const client = "export { createWorkbinClient } from 'rx-workbins';";

const bundles = [
  { key: 'whole', name: 'the client, with all dependencies', entry: client, external: [], limit: 29 * 1024 },
  { key: 'own', name: 'the client, our own part', entry: client, external: [...peers, '#bayeux'], limit: 7.5 * 1024 },
  {
    key: 'operators',
    name: 'ofWorkbin and ofState, beyond the peers',
    entry: "export { ofWorkbin, ofState } from 'rx-workbins';",
    external: peers,
    limit: 1024,
  },
];

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const unwanted = [
  { name: 'the sandbox', pattern: /(^|\/)(dist|src)\/sandbox\// },
  { name: 'the command', pattern: /(^|\/)(dist|src)\/cli\// },
  // The copy of it in dist/vendor is the one.
  { name: 'a second CometD', pattern: /(^|\/)node_modules\/cometd\// },
  ...['tough-cookie', 'tldts', 'tldts-core', 'cross-fetch', 'cometd-nodejs-server'].map((name) => ({
    name,
    pattern: new RegExp(`(^|/)node_modules/${name}/`),
  })),
];

/** The package a bundled file is of, or what the file is of ours. */
const packageOf = (path) =>
  /dist\/vendor\/(\w+)\.js$/.exec(path)?.[1] ?? /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'rx-workbins';

const measure = async ({ key, name, entry, external, limit }) => {
  // Node's own modules stay external instead of failing the bundle, so that the report says all of it.
  const { metafile, outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'entry.js' },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
    external: [...external, ...builtins],
  });
  const inputs = Object.entries(Object.values(metafile.outputs)[0].inputs);
  const packages = {};
  for (const [path, { bytesInOutput }] of inputs) {
    packages[packageOf(path)] = (packages[packageOf(path)] ?? 0) + bytesInOutput;
  }
  const [{ contents }] = outputFiles;
  const imported = Object.values(metafile.outputs)[0].imports.map(({ path }) => path);
  const foreign = [
    ...unwanted.filter(({ pattern }) => inputs.some(([path]) => pattern.test(path))).map((one) => one.name),
    ...imported.filter((path) => builtins.has(path)),
  ];
  const gzip = gzipSync(contents, { level: 9 }).byteLength;
  return {
    key,
    name,
    gzip,
    limit,
    minified: contents.byteLength,
    packages: Object.fromEntries(Object.entries(packages).sort(([, a], [, b]) => b - a)),
    unwanted: foreign,
    empty: !inputs.some(([path]) => path !== 'entry.js'),
    ok:
      (gzip <= limit || uncounted.includes(key)) &&
      foreign.length === 0 &&
      inputs.some(([path]) => path !== 'entry.js'),
  };
};

const results = [];
for (const bundle of bundles) results.push(await measure(bundle));

if (asJson) {
  console.log(JSON.stringify(results, null, 2));
} else {
  const bytes = (count) => count.toLocaleString('en').padStart(9);
  console.log(`${'bundle'.padEnd(42)}${'minified'.padStart(9)} ${'gzip -9'.padStart(9)} ${'limit'.padStart(9)}`);
  for (const { name, minified, gzip, limit, ok } of results) {
    console.log(
      `${name.padEnd(42)}${bytes(minified)} ${bytes(gzip)} ${bytes(limit)}  ${gzip > limit ? 'OVER' : ok ? 'ok' : 'FAILED'}`,
    );
  }
  console.log(`\n${results[0].name}: bytes of each package, minified`);
  for (const [name, count] of Object.entries(results[0].packages)) {
    const share = Math.round((100 * count) / results[0].minified);
    console.log(`  ${name.padEnd(40)}${bytes(count)} ${`${share} %`.padStart(9)}`);
  }
}
for (const { name, gzip, limit, unwanted: foreign, empty } of results) {
  if (gzip > limit) console.error(`${name}: ${gzip} bytes, ${gzip - limit} over the limit`);
  if (foreign.length > 0) console.error(`${name}: holds ${foreign.join(', ')}`);
  if (empty) console.error(`${name}: holds nothing, so nothing was measured`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

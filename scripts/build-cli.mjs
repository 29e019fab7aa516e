// Puts dist/cli/, as tsc wrote it, into few files: the command then starts without looking for hundreds of modules, those
// of rxjs, io-ts and tough-cookie among them. The library is left alone. Run after tsc; changes nothing the second time.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = process.argv[2] ?? join(root, 'dist');
const cli = join(dist, 'cli');

const { outputFiles, metafile } = await build({
  entryPoints: [join(cli, 'main.js')],
  outdir: cli,
  write: false,
  allowOverwrite: true,
  metafile: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  // No maps: they would hold every package's source again, and the library's own files have theirs.
  // Loaded where they are needed, from where they are installed.
  external: ['cross-fetch', 'cometd-nodejs-server'],
  // For the CommonJS packages among them.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

/** The licence of each package that is in the files now. */
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
);
const licences = [...packages].sort().map((name) => {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? `Licence: ${license}\n` : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
});

const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
files.set(
  join(cli, 'LICENSES.txt'),
  `The files in this folder hold copies of these packages.\n\n${licences.join('\n----\n\n')}`,
);
for (const [path, text] of files) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}
for (const entry of readdirSync(cli, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !files.has(path)) rmSync(path);
}
rmSync(join(cli, 'doctor'), { recursive: true, force: true });

// Checks the package as its users get it: packed, installed in a project of its own, imported, required, type-checked.
//   npm run check:package             every check; ends with status 1 when one failed
//   npm run check:package -- --keep   keeps the temporary folder and says where it is
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const keep = process.argv.includes('--keep');
const folder = mkdtempSync(join(tmpdir(), 'rx-workbins-package-'));
const consumer = join(folder, 'consumer');
const installed = join(consumer, 'node_modules', 'rx-workbins');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const minutes = 60_000;

/** Runs a command to its end and returns what it wrote; throws with that text when it failed or took too long. */
const run = (command, args, { cwd = root, timeout = 2 * minutes, status = 0 } = {}) => {
  const result = spawnSync(command, args, {
    cwd,
    timeout,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    // npm hands its settings down to what it runs: a `--dry-run`, or this project as the prefix, would spoil the checks.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(cache|registry|userconfig))/i.test(name)),
    ),
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  if (result.error !== undefined) throw new Error(`${command} ${args.join(' ')}: ${result.error.message}\n${output}`);
  if (result.status !== status) {
    throw new Error(`${command} ${args.join(' ')}: status ${result.status ?? result.signal}\n${output}`);
  }
  return output;
};
const node = (args, options) => run(process.execPath, args, options);
const bin = (name) => join(root, 'node_modules', '.bin', name);
const versionOf = (name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', ...name.split('/'), 'package.json'), 'utf8')).version;

const assert = (condition, message) => {
  if (!condition) throw new Error(message);
};
const write = (name, text) => {
  const file = join(consumer, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

let failed = 0;
/** One check: a line of its own; what it throws is the reason. */
const check = (name, body) => {
  const start = performance.now();
  try {
    const note = body();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`ok      ${name}${note === undefined ? '' : ` (${note})`}, ${seconds} s`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${String(error.message).replace(/^/gm, '        ')}`);
    return false;
  }
};

const tarball = () => {
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  assert(name !== undefined, 'npm pack left no tarball');
  return join(folder, name);
};

const filesUnder = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !name.startsWith('node_modules/'));

/** Every file that a map of conditions leads to, `rx-workbins:source` aside: that one is for this checkout. */
const targetsOf = (entry) =>
  typeof entry === 'string'
    ? [entry]
    : Object.entries(entry).flatMap(([condition, target]) =>
        condition === 'rx-workbins:source' ? [] : targetsOf(target),
      );

const checkFiles = () => {
  const files = filesUnder(installed);
  const stray = files.filter(
    (name) =>
      !/^(dist\/.+|docs\/(guides\/)?[\w-]+\.md|docs\/guides\/images\/\w+\.svg|(README|CHANGELOG|CONTRIBUTING)\.md|LICENSE|package\.json)$/.test(
        name,
      ) || /(^|\/)(test|src)\/|\.test\.|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(name),
  );
  assert(stray.length === 0, `does not belong in the package: ${stray.join(', ')}`);
  const wanted = [
    ...['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/vendor/cometd.js', 'dist/vendor/cometd-LICENSE'],
    ...[manifest.exports, manifest.imports, manifest.bin ?? {}]
      .flatMap(targetsOf)
      .filter((target) => /^(\.\/)?dist\//.test(target))
      .map((target) => target.replace(/^\.\//, '')),
  ];
  // What a page of the package leads to: other pages, and images.
  for (const page of files.filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(installed, page), 'utf8').replace(/^(```+)[^]*?^\1\s*$/gm, '');
    for (const [, link] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
      if (!/^[a-z]+:/.test(link)) wanted.push(posix.join(posix.dirname(page), link));
    }
  }
  const missing = [...new Set(wanted)].filter((name) => !files.includes(name));
  assert(missing.length === 0, `missing: ${missing.join(', ')}`);
  return `${files.length} files`;
};

const checkSourceMaps = () => {
  const maps = filesUnder(join(installed, 'dist')).filter((name) => name.endsWith('.js.map'));
  assert(maps.length > 0, 'the package has no source maps');
  for (const name of maps) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(installed, 'dist', name), 'utf8'));
    const held = sources.length > 0 && sources.every((_, index) => typeof sourcesContent?.[index] === 'string');
    assert(held, `dist/${name} does not hold its source, which is not in the package`);
  }
  // An error thrown inside the library is traced to the line of TypeScript it was written in.
  const stack = node(
    [
      '--enable-source-maps',
      '--input-type=module',
      '--eval',
      `import { createWorkbinClient } from 'rx-workbins';
       try { createWorkbinClient({}); } catch (error) { console.log(error.stack); }`,
    ],
    { cwd: consumer },
  );
  assert(/\bsrc[\\/][\w.\\/-]+\.ts:\d+/.test(stack), `no TypeScript line in the stack of an ArgumentError:\n${stack}`);
  return `${maps.length} maps`;
};

const importAll = `
import assert from 'node:assert/strict';
const globals = Reflect.ownKeys(globalThis);
const library = await import('rx-workbins');
assert.equal(typeof library.createWorkbinClient, 'function');
assert.equal(library.default, undefined, 'a default export');
const sandbox = await import('rx-workbins/sandbox');
assert.equal(typeof sandbox.createSandbox, 'function');
assert.equal(globalThis.window, undefined, 'globalThis.window is there after import');
const created = Reflect.ownKeys(globalThis).filter((name) => !globals.includes(name));
assert.deepEqual(created, [], 'globals were created by import');
await assert.rejects(import('rx-workbins/dist/index.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
const client = library.createWorkbinClient({ baseUrl: 'http://localhost:9' });
await client.close();
assert.equal(globalThis.window, undefined, 'globalThis.window is there after use');
`;
const requireAll = `
const assert = require('node:assert/strict');
const library = require('rx-workbins');
assert.equal(typeof library.createWorkbinClient, 'function');
assert.equal(typeof require('rx-workbins/sandbox').createSandbox, 'function');
assert.equal(require('rx-workbins/package.json').name, 'rx-workbins');
assert.equal(globalThis.window, undefined);
import('rx-workbins').then((imported) => assert.equal(imported.createWorkbinClient, library.createWorkbinClient));
`;
const sandboxTypes = `
import { createSandbox, type Sandbox } from 'rx-workbins/sandbox';
export const sandbox: Promise<Sandbox> = createSandbox({});
export const url: Promise<string> = sandbox.then((opened) => String(opened.url));
// @ts-expect-error a sandbox comes as a Promise
export const direct: Sandbox = createSandbox({});
`;
const compilerOptions = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true };

/** The consumer's files of test/types, importing the package where they import the source. */
const consumerTypes = () =>
  readdirSync(join(root, 'test', 'types'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(join(root, 'test', 'types', name), 'utf8');
      const [turned, left] = [text.replaceAll('../../src/index.js', 'rx-workbins'), '../../src'];
      assert(!turned.includes(left), `test/types/${name} imports something of src that users cannot`);
      return [name, turned];
    });

const typecheck = (name, options, files) => {
  write(
    `${name}/tsconfig.json`,
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include: ['.'] }),
  );
  for (const [file, text] of files) write(`${name}/${file}`, text);
  node([join(consumer, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', name], { cwd: consumer });
};

try {
  const packed = check('npm pack builds the tarball', () => {
    run('npm', ['pack', '--silent', '--pack-destination', folder], { timeout: 5 * minutes });
    return relative(folder, tarball());
  });
  if (packed) {
    check('publint', () => void run(bin('publint'), [tarball(), '--strict']));
    check('attw, profile esm-only', () => void run(bin('attw'), [tarball(), '--profile', 'esm-only', '--no-color']));
    const ready = check('a project of its own installs it', () => {
      write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
      const others = [...Object.keys(manifest.peerDependencies), 'typescript', '@types/node'];
      const wanted = [tarball(), ...others.map((name) => `${name}@${versionOf(name)}`)];
      run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...wanted], {
        cwd: consumer,
        timeout: 5 * minutes,
      });
      assert(existsSync(installed), 'npm install left nothing in node_modules');
    });
    if (ready) {
      check('the tarball holds what it should and nothing else', checkFiles);
      write('import.mjs', importAll);
      check('import, no global changed', () => void node(['import.mjs'], { cwd: consumer }));
      write('require.cjs', requireAll);
      check('require', () => void node(['require.cjs'], { cwd: consumer }));
      check('source maps', checkSourceMaps);
      check('types under nodenext, in Node, libraries checked', () => {
        const options = { module: 'nodenext', lib: ['es2022', 'dom', 'dom.iterable'], types: ['node'] };
        typecheck('nodenext', { ...options, skipLibCheck: false }, [...consumerTypes(), ['sandbox.ts', sandboxTypes]]);
      });
      check('types under bundler, in a browser, libraries checked', () => {
        const options = {
          module: 'esnext',
          moduleResolution: 'bundler',
          lib: ['es2022', 'dom', 'dom.iterable'],
          types: [],
        };
        typecheck('bundler', { ...options, skipLibCheck: false }, consumerTypes());
      });
      for (const [name, target] of Object.entries(manifest.bin ?? {})) {
        check(`the command ${name} says its usage`, () => {
          const text = node([join(installed, target), '--help'], { cwd: consumer, timeout: minutes / 2 });
          assert(text.includes(name), `--help does not name it:\n${text}`);
        });
      }
    }
  }
} finally {
  if (keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? 'The package is sound.' : `${failed} of the package's checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;

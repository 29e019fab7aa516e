import test from 'ava';
import { ESLint } from 'eslint';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

/** Lints a source tree of the given files, lines of text each, with this repository's own settings. */
const lint = async (files: Readonly<Record<string, readonly string[]>>): Promise<readonly Complaint[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'rx-workbins-lint-'));
  try {
    for (const name of ['eslint.config.js', 'package.json', 'tsconfig.json']) {
      copyFileSync(join(root, name), join(folder, name));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [name, lines] of Object.entries(files)) {
      const file = join(folder, 'src', name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${lines.join('\n')}\n`);
    }
    const results = await new ESLint({ cwd: folder }).lintFiles(['src']);
    return results.flatMap(({ filePath, messages }) =>
      messages.map(({ line, message, ruleId }) => ({
        file: relative(join(folder, 'src'), filePath),
        line,
        rule: ruleId ?? message,
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The picture in the design, written down a second time: the parts of src/, and whom each may import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: ['index', 'client', 'operators', 'session', 'core', 'sandbox', 'protocol', 'transport', 'scope', 'errors'],
  index: ['client', 'operators', 'session', 'core', 'protocol', 'transport', 'scope', 'errors'],
  client: ['operators', 'session', 'core', 'protocol', 'transport', 'scope', 'errors'],
  operators: ['core', 'protocol', 'transport', 'scope', 'errors'],
  session: ['core', 'protocol', 'transport', 'scope', 'errors'],
  core: ['protocol', 'scope', 'errors'],
  sandbox: ['protocol', 'transport', 'scope', 'errors'],
  protocol: ['scope', 'errors'],
  transport: ['scope', 'errors'],
  scope: [],
  errors: [],
};
const parts = Object.keys(allowed);
const leaves = ['index', 'client', 'scope', 'errors'];
const fileOf = (part: string): string => (leaves.includes(part) ? `${part}.ts` : `${part}/part.ts`);
const specifier = (from: string, to: string): string => {
  const path = relative(dirname(fileOf(from)), fileOf(to)).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
};

const upward = 'import-x/no-restricted-paths';
const cycle = 'import-x/no-cycle';
const restricted = '@typescript-eslint/no-restricted-imports';
const clock = 'no-restricted-syntax';
const global = 'no-restricted-globals';

test('the linter: lets a part of src import what the design allows it and refuses the rest, types included', async (t) => {
  // Everybody imports everybody, one a line, by value and then by type.
  const complaints = await lint(
    Object.fromEntries(
      parts.map((from) => [
        fileOf(from),
        [
          ...parts.map((to) =>
            from === to ? `export const ${to} = 1;` : `import { ${to} } from '${specifier(from, to)}';`,
          ),
          ...parts.map((to) => (from === to ? '' : `import type { ${to} as T${to} } from '${specifier(from, to)}';`)),
        ],
      ]),
    ),
  );
  for (const from of parts) {
    const refused = parts.map((to) => to !== from && !allowed[from]?.includes(to));
    const lines = new Set(
      complaints.filter(({ file, rule }) => file === fileOf(from) && rule === upward).map(({ line }) => line),
    );
    t.deepEqual(
      [...refused, ...refused].map((_, index) => lines.has(index + 1)),
      [...refused, ...refused],
      `${from}, of ${parts.join(', ')}`,
    );
  }
});

test('the linter: knows every part of src', (t) => {
  const unplaced = readdirSync(join(root, 'src'))
    .map((entry) => entry.replace(/\.ts$/, ''))
    .filter((entry) => !parts.includes(entry));
  t.deepEqual(unplaced, []);
});

const complaint = test.macro({
  exec: async (t, files: Readonly<Record<string, readonly string[]>>, ...expected: readonly string[]) => {
    const found = (await lint(files)).map(({ file, line, rule }) => `${file}:${String(line)} ${rule}`);
    for (const one of expected) t.true(found.includes(one), `${one}, of ${found.join(', ') || 'none'}`);
    const unexpected = found.filter(
      (one) => !expected.includes(one) && / (import-x|no-restricted|@.*imports)/.test(one),
    );
    t.deepEqual(unexpected, []);
  },
  title: (name) => `the linter: refuses ${name ?? ''}`,
});

test(
  'a cycle between neighbours',
  complaint,
  { 'core/a.ts': ["export { b } from './b.js';"], 'core/b.ts': ["import { a } from './a.js';", 'export const b = a;'] },
  `core/a.ts:1 ${cycle}`,
  `core/b.ts:1 ${cycle}`,
);
test(
  'CometD outside src/transport/bayeux.ts, but for its types',
  complaint,
  {
    'transport/bayeux.ts': ["import { CometD } from '#bayeux';", 'export { CometD };'],
    'transport/http.ts': ["import { CometD } from '#bayeux';", 'export { CometD };'],
    'session/a.ts': ["export { CometD } from 'cometd';", "export type { SubscriptionHandle } from 'cometd';"],
    'core/a.ts': ["export type { CometD } from 'cometd';"],
  },
  `transport/http.ts:1 ${restricted}`,
  `session/a.ts:1 ${restricted}`,
  `core/a.ts:1 ${restricted}`,
);
test(
  'a clock and a network in the pure core',
  complaint,
  {
    'core/a.ts': [
      'export const a = Date.now();',
      'export const b = new Date();',
      "export const c = fetch('/');",
      'export const d = setTimeout(() => undefined, 1);',
      "export const e = Date.parse('Thu, 01 Jan 1970 00:00:00 GMT');",
    ],
  },
  `core/a.ts:1 ${clock}`,
  `core/a.ts:2 ${clock}`,
  `core/a.ts:3 ${global}`,
  `core/a.ts:4 ${global}`,
);
test(
  'what only Node has, outside the files for Node',
  complaint,
  {
    'transport/platform.node.ts': ["export { CookieJar } from 'tough-cookie';"],
    'transport/http.ts': ["export { CookieJar } from 'tough-cookie';"],
    'client.ts': ["export { readFile } from 'node:fs/promises';"],
  },
  `transport/http.ts:1 ${restricted}`,
  `client.ts:1 ${restricted}`,
);

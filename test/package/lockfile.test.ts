import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

const text = readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8');

test('package-lock.json: names no registry, so that it serves behind any', (t) => {
  t.deepEqual(
    text.split('\n').filter((line) => line.includes('"resolved"')),
    [],
  );
});

test('package-lock.json: holds the optional packages of every platform, without which npm ci refuses it', (t) => {
  const { packages } = JSON.parse(text) as Lockfile; // npm wrote it
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  t.deepEqual(missing, []);
});

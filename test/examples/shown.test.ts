import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { included, pages } from '../../docs/examples/include.mjs';
import { examples, exampleFiles, promised, root, sourceOf, start } from './running.js';

for (const page of pages()) {
  const text = readFileSync(join(root, page), 'utf8');

  test(`${page}: shows the programs as they are in docs/examples (npm run docs:include)`, (t) => {
    t.is(included(text), text);
  });

  test(`${page}: has no program of its own, which nobody would run`, (t) => {
    const lines = text.split('\n');
    const alone = lines.filter(
      (line, index) =>
        /^```(ts|tsx|js|typescript)\b/.test(line) && !/^<!-- docs\/examples\//.test(lines[index - 1] ?? ''),
    );
    t.deepEqual(alone, []);
  });
}

test('every example is shown on a page', (t) => {
  const shown = pages()
    .map((page) => readFileSync(join(root, page), 'utf8'))
    .join('\n');
  t.deepEqual(
    exampleFiles().filter((name) => !shown.includes(`<!-- docs/examples/${name} -->`)),
    [],
  );
});

test("the README's program runs as it stands, in plain JavaScript", async (t) => {
  // Beside the package, so that its name is found as it is in a project that has it installed.
  const folder = mkdtempSync(join(root, 'test', '.first-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(examples, 'readme.ts'), join(folder, 'first.mjs'));
  const { status, stdout, stderr } = await start([join(folder, 'first.mjs')]).ended;
  t.is(stderr, '');
  t.is(stdout, promised(sourceOf('readme.ts')) ?? '');
  t.is(status, 0);
});

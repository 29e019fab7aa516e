import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import ts from 'typescript';
import { docstrings } from './docstrings.js';
import { root, start } from './running.js';

const folder = join(root, '.cache', `docstrings-${String(process.pid)}`);
const all = docstrings().map((docstring, index) => ({
  ...docstring,
  file: join(folder, `example-${String(index)}.ts`),
}));

test.before(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, program } of all) writeFileSync(file, program);
});
test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('every public function has an example', (t) => {
  t.true(all.length >= 10, `only ${String(all.length)} found`);
  for (const { where, program } of all) t.not(program, '', `${where}: no program in it`);
});

test('every example of a comment in src compiles', (t) => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(
    all.map(({ file }) => file),
    { ...options, noEmit: true, types: ['node'] },
  );
  const said = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const where = all.find((one) => one.file === file?.fileName)?.where ?? file?.fileName ?? '';
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  t.deepEqual(said, []);
});

for (const { where, file, prints } of all) {
  test(`${where} runs, and prints what it says`, async (t) => {
    const preload = join(root, 'test', 'examples', 'gws-example-com.mjs');
    const running = start(['--import=tsx', `--import=${preload}`, file]);
    t.teardown(() => running.kill('SIGKILL'));
    const lines = prints.length === 0 ? 1 : prints.length;
    await running.written((stdout) => stdout.split('\n').length > lines);
    running.kill('SIGKILL');
    const { stdout, stderr } = await running.ended;
    t.is(stderr, '');
    if (prints.length > 0) t.deepEqual(stdout.split('\n').slice(0, lines), prints);
  });
}

import test from 'ava';
import { exampleFiles, promised, runExample, sourceOf } from './running.js';

const runs = test.macro({
  title: (_, name: string | undefined = '') => `${name}: prints what its last comment says`,
  exec: async (t, name: string) => {
    const { status, stdout, stderr } = await runExample(name);
    t.is(stderr, '');
    t.is(stdout, promised(sourceOf(name)) ?? '');
    t.is(status, 0);
  },
});
const passes = test.macro({
  title: (_, name: string | undefined = '') => `${name}: its tests pass`,
  exec: async (t, name: string) => {
    const { status, stdout } = await runExample(name);
    t.is(status, 0, stdout);
    t.regex(stdout, /^# pass [1-9]/m);
    t.regex(stdout, /^# fail 0$/m);
  },
});

/** Run by other tests of this folder: what they need has to be set up, or they end only when they are told to. */
const elsewhere: readonly string[] = [
  'angular/workbin-list.ts', // angular.test.ts
  'auth/own-cometd.ts', // dom.test.ts
  'dom/workbin-list.ts', // dom.test.ts
  'node/monitor.ts', // scripts.test.ts
  'node/ndjson.ts', // scripts.test.ts
  'pipelines/alert.ts', // by pipelines/alert-run.ts and testing/marbles.ts
  'react/workbin-list.ts', // react.test.ts
];

for (const name of exampleFiles()) {
  if (promised(sourceOf(name)) !== undefined) test(runs, name);
  else if (name.startsWith('testing/')) test(passes, name);
  else test(`${name}: is run by another test`, (t) => t.true(elsewhere.includes(name)));
}

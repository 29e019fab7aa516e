// What the library costs, beside the other ways to do the same. Runs what is built: dist/.
//   npm run bench               a table, some minutes
//   npm run bench -- --quick    a rougher one, under a minute
//   npm run --silent bench -- --json     the numbers, and nothing else
//   npm run bench -- --markdown the table of the README and of docs/performance.md
// Ends with status 0 whatever the numbers are: a machine that others share is no judge. The limits stand beside them.
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureMessages } from './messages.mjs';
import { measureRoundTrips, measureSubscribing } from './requests.mjs';
import { markdown, text } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, markdown: { type: 'boolean' } },
});
const { quick = false } = options;

const say = (what) => {
  if (!options.json) console.error(what);
};
const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const run = (...args) => {
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 24 });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${args.join(' ')} gave no JSON: ${error ?? stderr}`);
  }
};

const results = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}`,
  load: [loadavg()[0]],
  quick,
  messagesPerFrame: 100,
  messages: [],
};

for (const workbins of [1, 100, 10_000]) {
  say(`messages, ${workbins} watched`);
  const common = { workbins, size: results.messagesPerFrame };
  const turns = quick ? { rounds: 9, sliceTime: 15, warmUp: 200 } : { rounds: 60, sliceTime: 30, warmUp: 1000 };
  const rows = await measureMessages({ ...common, ...turns, names: ['raw', 'library', 'libraryOverCometD'] });
  // Those that are far off need no precision, and must not take the time of the others.
  const few = { rounds: quick ? 2 : 5, sliceTime: 15, warmUp: quick ? 50 : 300 };
  const [, ...slow] = await measureMessages({ ...common, ...few, names: ['raw', 'filters', 'listeners'] });
  results.messages.push(...rows, ...slow);
}
say('requests');
results.roundTrips = await measureRoundTrips({ latency: 100, times: quick ? 3 : 9 });
results.subscribing = await measureSubscribing({ workbins: 1000, times: quick ? 3 : 9 });
say('memory');
results.memory = run('--expose-gc', fileOf('memory-worker.mjs'), '10000', quick ? '10000' : '100000');
say('size');
results.size = run(fileOf('../scripts/size.mjs'), '--json').map(({ name, gzip, limit }) => ({ name, gzip, limit }));
results.load.push(loadavg()[0]);

console.log(options.json ? JSON.stringify(results, null, 2) : (options.markdown ? markdown : text)(results));
process.exit();

import test from 'ava';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('../../bench/message-worker.mjs', import.meta.url));

// A contender that misses messages is a fast one.
const bringsAll = test.macro({
  title: (_, name: string) => `bench: ${name} brings each message to the one who waits for its workbin`,
  exec: async (t, name: string) => {
    const { stdout } = await run(process.execPath, [worker, name, '20', '10'], {
      env: { ...process.env, FRAMES: '5', NODE_OPTIONS: '' },
    });
    t.regex(stdout, /a message, 0 missed/);
    t.notRegex(stdout, /[1-9]\d* missed/);
  },
});

for (const name of ['raw', 'library', 'libraryOverCometD', 'filters', 'listeners']) test(bringsAll, name);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { Sandbox } from '../../src/sandbox/index.js';

export interface Child {
  readonly lines: readonly unknown[];
  /** Resolves with a line, past or future, that fits. */
  readonly until: (fits: (line: unknown) => boolean) => Promise<unknown>;
  /** Resolves when it has ended, by itself: status and what it said on stderr. */
  readonly ended: Promise<{ readonly status: unknown; readonly stderr: string }>;
}

/** Runs one of the programs beside this file in a Node of its own. */
export function run(t: ExecutionContext, program: string, sandbox: Sandbox): Child {
  const path = fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=rx-workbins:source', path], {
    env: { ...process.env, SANDBOX_URL: sandbox.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines: unknown[] = [];
  const looks = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line));
    for (const look of [...looks]) look();
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([status]: unknown[]) => ({ status, stderr }));
  return {
    lines,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines.some(fits)) resolve(lines.find(fits));
        };
        looks.add(look);
        look();
        void ended.then(() => reject(new Error(`the program ended first: ${stderr}`)));
      }),
  };
}

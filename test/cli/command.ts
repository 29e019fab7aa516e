import type { ExecutionContext } from 'ava';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/index.js';

export const root = join(import.meta.dirname, '..', '..');

/** The built command: `npm test` builds it first; while it is worked on, another build can be named. */
export const command = process.env['RX_WORKBINS_COMMAND'] ?? join(root, 'dist', 'cli', 'main.js');

export const WORKBIN_A = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
export const WORKBIN_B = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
export const COLLEAGUE = 'e6f2ad1b26ea4e9b8dd907eabe167522';

export type Data = Readonly<Record<string, unknown>>;

/** A sandbox that is closed with the test. */
export async function startSandbox(t: ExecutionContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  t.teardown(() => sandbox.close());
  return sandbox;
}

/** What the command finds around it: nothing of this process but the way to its programs. */
export const environment = (
  sandbox?: Sandbox,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  ...(process.env['NODE_V8_COVERAGE'] === undefined ? {} : { NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'] }),
  ...(sandbox === undefined
    ? {}
    : { GWS_URL: sandbox.url, GWS_USERNAME: sandbox.username, GWS_PASSWORD: sandbox.password }),
  ...more,
});

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout, which has to be JSON. */
  readonly data: readonly Data[];
}

/** A command that runs. */
export class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #listeners = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const listener of this.#listeners) listener();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        const { stdout, stderr } = this;
        resolve({
          status,
          signal,
          stdout,
          stderr,
          get data() {
            return dataOf(stdout);
          },
        });
      });
    });
  }

  /** Resolves with the first line of data that fits, past or future. */
  line(fits: (data: Data) => boolean): Promise<Data> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = dataOf(this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1)).find(fits);
        if (found === undefined) return;
        this.#listeners.delete(look);
        resolve(found);
      };
      this.#listeners.add(look);
      look();
      void this.ended.then(({ status, stderr }) => {
        reject(new Error(`ended with ${String(status)} before the line came: ${stderr}`));
      });
    });
  }

  /** Ends the command's stdin, with this text where there is one. */
  input(text: string): this {
    this.child.stdin?.end(text);
    return this;
  }
}

const dataOf = (text: string): readonly Data[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Data); // what the tests look at is read field by field

/** Starts the command; it does not outlive the test. */
export function start(t: ExecutionContext, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  return new Running(child);
}

/** Runs the command to its end, with nothing on stdin. */
export const run = (
  t: ExecutionContext,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> => start(t, args, env).input('').ended;

/** Resolves once the condition holds: asked whenever the sandbox has got a request, or answered one. */
export const until = async (sandbox: Sandbox, holds: () => boolean): Promise<void> => {
  await sandbox.request(holds);
};

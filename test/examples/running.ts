import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const examples = join(root, 'docs', 'examples');

/** What an example says in its last comment that it prints; undefined where it says nothing. */
export const promised = (source: string): string | undefined => /\/\* prints\n([^]*?)\*\//.exec(source)?.[1];

/** The files of docs/examples, as paths from there. */
export const exampleFiles = (): readonly string[] =>
  readdirSync(examples, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(examples, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

export const sourceOf = (name: string): string => readFileSync(join(examples, name), 'utf8');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves as soon as what was written to stdout fits. */
  written(fits: (stdout: string) => boolean): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  end(stdin: string): void;
}

/** The environment without what test runners and npm hand down. */
const environment = (more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|AVA|FORCE_COLOR)/i.test(name))),
  NO_COLOR: '1',
  ...more,
});

/** Starts Node on something, as a user would: on the package as it was built. */
export const start = (
  args: readonly string[],
  { env = {}, cwd = root }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Running => {
  const child = spawn(process.execPath, args, { cwd, env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  return {
    ended,
    written: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!fits(stdout)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended before it wrote what was waited for:\n${stdout}\n${stderr}`)));
      }),
    kill: (signal) => child.kill(signal),
    end: (stdin) => child.stdin.end(stdin),
  };
};

/** Runs an example to its end. */
export const runExample = (name: string): Promise<Ended> => start(['--import=tsx', join(examples, name)]).ended;

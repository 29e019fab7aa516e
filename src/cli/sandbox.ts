import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from '../sandbox/index.js';
import { durationOf } from './duration.js';
import { printJson } from './json.js';
import type { Leaving } from './leaving.js';
import { Misuse } from './misuse.js';
import { isForPeople } from './view.js';

/** The options of `sandbox`. */
export interface SandboxCommandOptions {
  readonly every: string;
  readonly port: string;
  readonly for?: string;
  readonly json?: boolean;
}

const portOf = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Misuse(`--port must be a number from 0 to 65535, got ${JSON.stringify(text)}`);
  }
  return port;
};

/** `sandbox`: a stand-in server in the foreground, with items that come and go. */
export const sandbox = async (options: SandboxCommandOptions, leaving: Leaving): Promise<number> => {
  const every = durationOf(options.every);
  const stay = options.for === undefined ? undefined : durationOf(options.for);
  const server = await createSandbox({ port: portOf(options.port), items: { every } });
  leaving.tidily();
  try {
    const { url, username, password, users, workbins } = server;
    if (isForPeople(options)) {
      const [first, second] = workbins;
      process.stdout.write(
        [
          `A stand-in for Genesys Web Services listens on ${url}, and something happens every ${options.every}.`,
          '',
          'In another terminal:',
          '',
          `  export GWS_URL=${url} GWS_USERNAME=${username} GWS_PASSWORD=${password}`,
          '  rx-workbins doctor',
          `  rx-workbins watch ${[first, second].flatMap((workbin) => (workbin === undefined ? [] : [workbin.id])).join(' ')}`,
          '',
          'Ctrl-C ends it.',
          '',
        ].join('\n'),
      );
    } else {
      const people = users.map(({ id, userName }) => ({ id, userName }));
      printJson({ type: 'sandbox', url, username, password, users: people, workbins });
    }
    const { signal } = leaving;
    // One turn of the timer after another: nothing else keeps the command busy.
    if (!signal.aborted) await sleep(stay ?? 2 ** 31 - 1, undefined, { signal }).catch(() => undefined);
  } finally {
    await server.close();
  }
  return 0;
};

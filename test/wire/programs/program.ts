/** What every program of the wire tests begins with: a client of the sandbox in `SANDBOX_URL`, and lines for the test. */
import { createWorkbinClient, type WorkbinClient } from '../../../src/index.js';

const url = process.env['SANDBOX_URL'] ?? '';

export const newClient = (): WorkbinClient =>
  createWorkbinClient({ baseUrl: url, auth: { username: 'agent', password: 'secret' } });

/** One line of JSON. */
export const tell = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

export const workbin = 'aee812a5-7396-4dd9-b180-230f1c1fb085';

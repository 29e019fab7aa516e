import { type Observable, defer, fromEvent, lastValueFrom, of, take, tap } from 'rxjs';
import {
  type Logger,
  type WorkbinClient,
  type WorkbinClientOptions,
  createWorkbinClient,
  isArgumentError,
} from '../index.js';
import { toJson } from './json.js';
import type { Leaving } from './leaving.js';
import { Misuse } from './misuse.js';
import type { Server, ServerOptions } from './server.js';

/** The options of every command that asks the server through the library. */
export interface ClientOptions extends ServerOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly channels?: string;
  readonly place?: string;
}

const log: Logger = (level, message, details) => {
  const more = details === undefined ? '' : ` ${toJson(details)}`;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${more}\n`);
};

const contactCenterSession = ({ channels, place }: ClientOptions): object => {
  if (place !== undefined && channels === undefined) throw new Misuse('--place goes with --channels');
  if (channels === undefined) return {};
  const names = channels.split(',').map((channel) => channel.trim());
  return { contactCenterSession: { channels: names, ...(place === undefined ? {} : { place }) } };
};

/**
 * A client of that server.
 *
 * @throws {@link Misuse} for a server that cannot be one
 */
export const clientOf = (
  server: Server,
  options: ClientOptions,
  more: Pick<WorkbinClientOptions, 'timeout' | 'retry'> = {},
): WorkbinClient => {
  try {
    const client = createWorkbinClient({
      ...server,
      ...contactCenterSession(options),
      ...more,
      ...(options.verbose === true ? { logger: log } : {}),
    });
    // Completes with the client.
    const told$ = client.connection$.pipe(tap((state) => log('info', `the session is ${state}`)));
    if (options.verbose === true) void lastValueFrom(told$, { defaultValue: undefined });
    return client;
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    const text = error.message.replace(/^createWorkbinClient: /, '');
    throw new Misuse(text.replace('baseUrl', 'GWS_URL').replace('auth.username', 'GWS_USERNAME'));
  }
};

/** Emits once it is time to leave. */
export const left = ({ signal }: Pick<Leaving, 'signal'>): Observable<unknown> =>
  defer(() => (signal.aborted ? of(undefined) : fromEvent(signal, 'abort').pipe(take(1))));

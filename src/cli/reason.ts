import { isConnectionError, isNetworkError } from '../index.js';
import { plain } from './json.js';

/** What to do where no session can be had, or no answer at all. */
export const doctorHint = '`rx-workbins doctor` goes through what a working session needs, step by step.';

/** What to do where the server knows no such workbin. */
export const listHint =
  'take the id from `rx-workbins list`, with the same --user, --any, --agent-group or --place-group';

/** The error, what caused it, and so on: no further than anybody reads. */
const chainOf = (error: unknown): readonly Error[] => {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 6; each = each.cause) chain.push(each);
  return chain;
};

/** What OpenSSL says, `…:SSL routines:ssl3_get_record:wrong version number:../deps/…`, as the code that Node makes of it. */
const sslCodeOf = (error: Error): string | undefined => {
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_SSL_')) return error.code;
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  return reason === undefined ? undefined : `ERR_SSL_${reason.trim().toUpperCase().replace(/\W+/g, '_')}`;
};

/** What one error of a chain says, where it says anything. */
const saidBy = (error: Error): readonly string[] => {
  const code = sslCodeOf(error);
  if (code !== undefined) return [code];
  // Several addresses of one host were tried: the message is empty, each try has its own.
  if (error.message === '' && error instanceof AggregateError) {
    return (error.errors as readonly unknown[]).flatMap((each) => (each instanceof Error ? saidBy(each) : []));
  }
  const isNoise = error.message === '' || (error.message === 'fetch failed' && error.cause instanceof Error);
  return isNoise ? [] : [error.message];
};

/** What an error and its causes say, each thing once. */
export const reasonsOf = (error: unknown): readonly string[] => {
  const reasons: string[] = [];
  for (const reason of chainOf(error).flatMap(saidBy)) {
    if (!reasons.some((other) => other.includes(reason))) reasons.push(reason);
  }
  return reasons;
};

/** Why something failed, in one line. */
export const causeText = (error: unknown): string => plain(reasonsOf(error).join(': ') || String(error));

/** Whether there was no session, or no answer, so that {@link doctorHint} helps. */
export const isOutOfReach = (error: unknown): boolean =>
  chainOf(error).some((each) => isConnectionError(each) || isNetworkError(each));

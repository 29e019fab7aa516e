import { createInterface } from 'node:readline';
import { Misuse } from './misuse.js';

/**
 * The ids of the command line, `-` replaced by those on stdin, one a line.
 *
 * @throws {@link Misuse} where there is none
 */
export const idsOf = async (given: readonly string[]): Promise<readonly string[]> => {
  const ids = new Set(given.filter((id) => id !== '-'));
  if (given.includes('-')) {
    for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') ids.add(line.trim());
  }
  if (ids.size === 0) throw new Misuse('no workbin ids on stdin');
  return [...ids];
};

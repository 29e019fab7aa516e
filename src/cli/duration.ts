import { Misuse } from './misuse.js';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest that a timer waits. */
const longest = 2 ** 31 - 1;

/**
 * The milliseconds of `500ms`, `30s`, `5m`, `2h`, `1d`.
 *
 * @throws {@link Misuse} for anything else: a number alone would be seconds to one reader, milliseconds to another
 */
export const durationOf = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (units[unit] ?? Number.NaN);
  if (number === '' || Number.isNaN(ms)) {
    throw new Misuse(`${JSON.stringify(text)} is no duration: write a number with its unit, as in 500ms, 30s, 5m, 2h`);
  }
  if (ms > longest) throw new Misuse(`${JSON.stringify(text)} is too long: 24d at most`);
  if (ms < 1) throw new Misuse(`${JSON.stringify(text)} is too short: 1ms at least`);
  return ms;
};

/** A duration, or `none` for no limit. */
export const limitOf = (text: string): number => (text.trim() === 'none' ? Infinity : durationOf(text));

/** A duration for people. */
export const durationText = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

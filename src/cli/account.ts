import { causeText, plain } from './json.js';
import type { Ledger, Row } from './ledger.js';

const reasonOf = ({ state, error }: Row): string => {
  if (state === 'pending') return 'not settled when the command left';
  return error === undefined ? 'RequestFailed' : `${causeText(error)} (${error.name})`;
};

/**
 * The account of what failed: one line for each workbin, with its cause; empty where nothing did.
 *
 * @param isInterrupted - whether what is not settled is no failure, because somebody ended the command
 */
export const accountOf = (ledger: Ledger, isInterrupted: boolean): string => {
  const unwell = ledger.unwell.filter(({ state }) => state === 'failed' || !isInterrupted);
  if (unwell.length === 0) return '';
  const noSession = unwell.some(({ error }) => error?.code === 'connection' || error?.code === 'network');
  return [
    `rx-workbins: ${unwell.length} of ${ledger.size} workbins failed`,
    ...unwell.map((row) => `  ${plain(row.workbinId)}: ${reasonOf(row)}`),
    ...(noSession ? ['`rx-workbins doctor` goes through what a working session needs, step by step.'] : []),
    '',
  ].join('\n');
};

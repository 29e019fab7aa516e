import { type WorkbinError, isApiError, isArgumentError } from '../index.js';
import { plain } from './json.js';
import type { Ledger, Row } from './ledger.js';
import { causeText, doctorHint, isOutOfReach, listHint } from './reason.js';

/** What became of a command: what to say on stderr, and the exit status. */
export interface Account {
  readonly text: string;
  readonly status: 0 | 1 | 2;
}

const reasonOf = ({ state, error }: Row): string => {
  if (state === 'pending') return 'not settled when the command left';
  return error === undefined ? 'RequestFailed' : `${causeText(error)} (${error.name})`;
};

/** Not found, or left out of the reply: that has the code of the reply, 7 for some and 0 where it owns up to nothing. */
const unknownWorkbin: readonly number[] = [0, 6, 7];

const isUnknown = (error: WorkbinError | undefined): boolean =>
  isApiError(error) && unknownWorkbin.includes(error.statusCode);

/**
 * The account of what failed: one line for each workbin, with its cause, and what to do; empty where nothing did.
 *
 * @param isInterrupted - whether what is not settled is no failure, because somebody ended the command
 */
export const accountOf = (ledger: Ledger, isInterrupted: boolean): Account => {
  const unwell = ledger.unwell.filter(({ state }) => state === 'failed' || !isInterrupted);
  if (unwell.length === 0) return { text: '', status: 0 };
  const text = [
    `rx-workbins: ${unwell.length} of ${ledger.size} workbins failed`,
    ...unwell.map((row) => `  ${plain(row.workbinId)}: ${reasonOf(row)}`),
    ...(unwell.some(({ error }) => isOutOfReach(error)) ? [doctorHint] : []),
    ...(unwell.every(({ error }) => isUnknown(error)) ? [listHint] : []),
    '',
  ].join('\n');
  return { text, status: unwell.every(({ error }) => isArgumentError(error)) ? 2 : 1 };
};

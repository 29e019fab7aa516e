/** How a step came out. */
export interface Finding {
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was seen. */
  readonly detail: string;
  /** What that means, where it is no good news. */
  readonly meaning?: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (detail: string): Finding => ({ outcome: 'ok', detail });
export const skipped = (detail: string): Finding => ({ outcome: 'skipped', detail });
export const warning = (detail: string, meaning: string, advice: string): Finding => ({
  outcome: 'warning',
  detail,
  meaning,
  advice,
});
export const failed = (detail: string, meaning: string, advice: string): Finding => ({
  outcome: 'failed',
  detail,
  meaning,
  advice,
});

import type { GapEvent, WatchEvent, WorkbinError, WorkbinScope } from '../index.js';
import { ownerText } from './scope.js';

/** What is known of one workbin. */
export interface Row {
  readonly workbinId: string;
  readonly owner: string;
  readonly state: 'pending' | 'Subscribed' | 'Unsubscribed' | 'failed';
  readonly referenceId?: number;
  /** Why it failed, where that is known. */
  readonly error?: WorkbinError;
  /** The last that happened, and when. */
  readonly change?: { readonly at: number; readonly what: string };
}

/** What has become of each workbin: what the table shows, what the exit status and the account at the end say. */
export class Ledger {
  readonly #rows: Map<string, Row>;
  readonly #isAny: boolean;
  readonly #counts = { pending: 0, Subscribed: 0, Unsubscribed: 0, failed: 0 };
  #gap: GapEvent | undefined;

  constructor(ids: readonly string[], scope: WorkbinScope) {
    const owner = scope.kind === 'any' ? '' : ownerText(scope);
    this.#isAny = scope.kind === 'any';
    this.#rows = new Map(ids.map((workbinId) => [workbinId, { workbinId, owner, state: 'pending' }]));
    this.#counts.pending = this.#rows.size;
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  get size(): number {
    return this.#rows.size;
  }

  /** How many workbins are in each state. */
  get counts(): Readonly<Record<Row['state'], number>> {
    return this.#counts;
  }

  /** The workbins that are not as they were wanted: failed, or not settled yet. */
  get unwell(): readonly Row[] {
    return this.rows.filter(({ state }) => state === 'failed' || state === 'pending');
  }

  /** The last time when notifications may have been missed. */
  get gap(): GapEvent | undefined {
    return this.#gap;
  }

  /** Whether the workbin's failure was told before. */
  hasFailed(workbinId: string): boolean {
    return this.#rows.get(workbinId)?.error !== undefined;
  }

  take(event: WatchEvent, at: number): void {
    switch (event.type) {
      case 'accepted':
        for (const [id, referenceId] of event.referenceIds) this.#set(id, { referenceId });
        return;
      case 'state': {
        const { workbinId, workbinUserId, state } = event;
        if (state === 'RequestFailed') {
          this.#set(workbinId, { state: 'failed', change: { at, what: state } });
        } else {
          this.#set(workbinId, { state, change: { at, what: state } }, workbinUserId);
        }
        return;
      }
      case 'item': {
        const { workbinId, workbinUserId, action, medium } = event;
        this.#set(
          workbinId,
          { change: { at, what: medium === undefined ? action : `${action} ${medium}` } },
          workbinUserId,
        );
        return;
      }
      case 'failed':
        this.#set(event.workbinId, { state: 'failed', error: event.error, change: { at, what: event.error.name } });
        return;
      case 'gap':
        this.#gap = event;
        for (const id of event.workbinIds) this.#set(id, { change: { at, what: 'gap' } });
    }
  }

  #set(workbinId: string, news: Partial<Row>, owner?: string): void {
    const row = this.#rows.get(workbinId);
    if (row === undefined) return;
    const { error: _settled, ...rest } = row;
    if (news.state !== undefined) {
      this.#counts[row.state]--;
      this.#counts[news.state]++;
    }
    const known = news.state === 'Subscribed' ? rest : row;
    this.#rows.set(workbinId, { ...known, ...news, ...(this.#isAny && owner !== undefined ? { owner } : {}) });
  }
}

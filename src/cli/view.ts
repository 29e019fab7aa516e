import type { ConnectionState, WatchEvent } from '../index.js';
import type { Ledger } from './ledger.js';

/** What a monitoring command shows on stdout. */
export interface View {
  event(event: WatchEvent): void;
  connection(state: ConnectionState): void;
  /** How many items lie in each workbin now; undefined for one whose content cannot be had. */
  items(counts: ReadonlyMap<string, number | undefined>): void;
  /** The subscriptions are settled: from now on it may take the terminal. */
  settled(): void;
  close(): void;
}

/** What a view is of. */
export interface Viewed {
  readonly ledger: Ledger;
  readonly baseUrl: string;
  /** Whether it goes on after the subscriptions are settled. */
  readonly isLive: boolean;
}

/** Whether people read stdout, on a terminal that can do more than print lines. */
export const isForPeople = ({ json, verbose }: { readonly json?: boolean; readonly verbose?: boolean }): boolean =>
  process.stdout.isTTY && json !== true && verbose !== true && process.env['TERM'] !== 'dumb';

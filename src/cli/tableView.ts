import { Subject, auditTime, tap } from 'rxjs';
import type { ConnectionState } from '../index.js';
import { plain } from './json.js';
import type { Row } from './ledger.js';
import { Screen } from './screen.js';
import { type Column, paint, tableLines } from './table.js';
import type { View, Viewed } from './view.js';

/** ms between two drawings. */
const beat = 100;

const time = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** A live table of workbins, on the terminal's other screen while it lives, and printed once more at the end. */
export const createTableView = ({ ledger, baseUrl, isLive }: Viewed): View => {
  let counts: ReadonlyMap<string, number | undefined> = new Map();
  let connection: ConnectionState = 'idle';
  const changed$ = new Subject<void>();

  const columns: readonly Column<Row>[] = [
    { head: 'WORKBIN', cell: ({ workbinId }) => workbinId, spare: 0, isCut: true },
    { head: 'OWNER', cell: ({ owner }) => (owner === '' ? '-' : owner), spare: 2, isCut: true },
    {
      head: 'STATE',
      cell: ({ state }) => state,
      colour: ({ state }) => (state === 'Subscribed' ? 'good' : state === 'failed' ? 'bad' : 'waiting'),
      spare: 0,
    },
    { head: 'REFERENCE', cell: ({ referenceId }) => (referenceId === undefined ? '-' : String(referenceId)), spare: 4 },
    ...(isLive
      ? [
          {
            head: 'ITEMS',
            cell: ({ workbinId, state }: Row) => (state === 'Subscribed' ? String(counts.get(workbinId) ?? '?') : '-'),
            spare: 0,
          },
        ]
      : []),
    {
      head: 'LAST CHANGE',
      cell: ({ change }) => (change === undefined ? '-' : `${time(change.at)} ${change.what}`),
      spare: 3,
      isCut: true,
    },
  ];

  /** As many rows as there is room for: those where something happened last. */
  const visible = (room: number): readonly Row[] => {
    const { rows } = ledger;
    if (rows.length <= room) return rows;
    const latest = [...rows].sort((a, b) => (b.change?.at ?? 0) - (a.change?.at ?? 0)).slice(0, Math.max(0, room));
    const isShown = new Set(latest);
    return rows.filter((row) => isShown.has(row));
  };
  const summary = (): string => {
    const { Subscribed, failed, pending, Unsubscribed } = ledger.counts;
    return [
      `${Subscribed} of ${ledger.size} subscribed`,
      ...(failed > 0 ? [paint(`${failed} failed`, 'bad')] : []),
      ...(pending > 0 ? [paint(`${pending} pending`, 'waiting')] : []),
      ...(Unsubscribed > 0 ? [`${Unsubscribed} unsubscribed`] : []),
    ].join(', ');
  };
  const frame = (width: number, height: number): readonly string[] => {
    const { gap } = ledger;
    const state = paint(connection, connection === 'connected' ? 'good' : 'waiting');
    const head = [`${plain(baseUrl)}  ${state}`, summary(), ''];
    const foot = ['', paint('Ctrl-C unsubscribes and leaves', 'faint')];
    if (gap !== undefined) {
      foot.unshift('', paint(plain(`missed ${time(gap.from)} to ${time(gap.to)}: ${gap.reason}`), 'waiting'));
    }
    const room = height - head.length - foot.length - 1;
    const rows = visible(room >= ledger.size ? room : room - 1);
    const hidden = ledger.size - rows.length;
    return [
      ...head,
      ...tableLines(columns, rows, width),
      ...(hidden > 0 ? [paint(`and ${hidden} more, in which nothing happened since`, 'faint')] : []),
      ...foot,
    ];
  };
  const screen = new Screen(process.stdout, frame);
  const drawing = changed$
    .pipe(
      auditTime(beat),
      tap(() => screen.draw()),
    )
    .subscribe();
  const change = (): void => {
    if (screen.isOpen) changed$.next();
  };

  return {
    event: change,
    connection: (state) => {
      connection = state;
      change();
    },
    items: (now) => {
      counts = now;
      change();
    },
    settled: () => {
      if (isLive && !screen.isOpen) screen.open();
    },
    close: () => {
      drawing.unsubscribe();
      screen.close();
      const lines = tableLines(columns, ledger.rows, process.stdout.columns || 80);
      process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
    },
  };
};

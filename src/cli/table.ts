import Table from 'cli-table3';
import colours from 'picocolors';
import { plain } from './json.js';

/** A column of a table. */
export interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => string;
  readonly colour?: (row: R) => Colour | undefined;
  /** Which columns a narrow terminal does without, the highest number first; 0 for never. */
  readonly spare: number;
  /** Whether a long text may be cut, where the terminal is narrow. */
  readonly isCut?: boolean;
}

/** A colour by what it says. */
export type Colour = 'good' | 'bad' | 'waiting' | 'faint';

const painters: Readonly<Record<Colour, (text: string) => string>> = {
  good: colours.green,
  bad: colours.red,
  waiting: colours.yellow,
  faint: colours.dim,
};

/** The text in the colour, where the terminal has colours and NO_COLOR is not set. */
export const paint = (text: string, colour: Colour | undefined): string =>
  colour === undefined ? text : painters[colour](text);

/** Characters between two columns. */
const gap = 2;
const narrowest = 12;

const bare = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);

/** Widths that fit: the widest gives way first; undefined where even the narrowest do not fit. */
const fit = (natural: readonly number[], isCut: readonly boolean[], columns: number): readonly number[] | undefined => {
  const widths = [...natural];
  const width = (): number => widths.reduce((sum, each) => sum + each, -gap);
  while (width() > columns) {
    const widest = Math.max(...widths.filter((_, index) => isCut[index]));
    if (widest <= narrowest + gap) return undefined;
    widths[widths.findIndex((each, index) => each === widest && isCut[index])] = widest - 1;
  }
  return widths;
};

/** The lines of a table that is at most so wide. */
export const tableLines = <R>(all: readonly Column<R>[], rows: readonly R[], columns: number): readonly string[] => {
  let shown = all;
  let widths: readonly number[] | undefined;
  for (;;) {
    const natural = shown.map(
      ({ head, cell }) => gap + Math.max(head.length, ...rows.map((row) => plain(cell(row)).length)),
    );
    widths = fit(
      natural,
      shown.map(({ isCut = false }) => isCut),
      columns,
    );
    const expendable = Math.max(...shown.map(({ spare }) => spare));
    if (widths !== undefined || expendable === 0) break;
    shown = shown.filter(({ spare }) => spare !== expendable);
  }
  const table = new Table({
    head: shown.map(({ head }) => colours.bold(head)),
    ...(widths === undefined ? {} : { colWidths: [...widths] }),
    chars: bare,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(shown.map(({ cell, colour }) => paint(plain(cell(row)), colour?.(row))));
  return table.toString().split('\n');
};

/** The three lines of the diagram. */
export type Lane = 'http' | 'cometd' | 'result';

/** What a mark looks like: its shape tells its kind without its colour. */
export type Shape = 'marble' | 'reply' | 'tick' | 'gap' | 'failed' | 'complete' | 'error';

/** One thing that happened. */
export interface Mark {
  readonly lane: Lane;
  /** ms since the run began. */
  readonly at: number;
  readonly shape: Shape;
  /** In the mark. */
  readonly label: string;
  /** Below it. */
  readonly caption: string;
  /** Which workbin: the number of its colour. */
  readonly tone?: number | undefined;
  readonly isBad?: boolean | undefined;
  /** The mark of a source that this one comes from. */
  readonly from?: Mark | undefined;
}

/** A line of the log. */
export interface Line {
  readonly at: number;
  readonly source: 'HTTP' | 'CometD' | 'Result' | 'Page';
  readonly text: string;
  readonly isBad?: boolean;
  /** As it was on the wire, or as the library emitted it. */
  readonly detail?: unknown;
}

/** `a`, `b`, …: how a workbin is called in the diagram. */
export const letterOf = (index: number): string => String.fromCharCode(97 + (index % 26));

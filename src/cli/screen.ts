import type { WriteStream } from 'node:tty';

const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const toEndOfLine = '\u001b[K';
const toEndOfScreen = '\u001b[J';

/**
 * The whole terminal, drawn again and again, on the screen that `less` and `top` use too: what was there before comes
 * back at the end. Nothing wraps, so a terminal that is made smaller shows less, not a mess.
 */
export class Screen {
  readonly #terminal: WriteStream;
  readonly #frame: (columns: number, rows: number) => readonly string[];
  #isOpen = false;

  constructor(terminal: WriteStream, frame: (columns: number, rows: number) => readonly string[]) {
    this.#terminal = terminal;
    this.#frame = frame;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    this.#terminal.write(enter);
    this.#terminal.on('resize', this.#redraw);
    process.on('SIGCONT', this.#resume);
    process.on('exit', this.#restore);
    this.draw();
  }

  draw(): void {
    if (!this.#isOpen) return;
    const { columns, rows } = this.#terminal;
    const lines = this.#frame(columns, rows).slice(0, rows);
    this.#terminal.write(home + lines.map((line) => line + toEndOfLine).join('\r\n') + toEndOfScreen);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#restore();
    this.#isOpen = false;
    this.#terminal.off('resize', this.#redraw);
    process.off('SIGCONT', this.#resume);
    process.off('exit', this.#restore);
  }

  readonly #redraw = (): void => {
    this.draw();
  };

  /** After Ctrl-Z and `fg` the shell's screen is what is seen. */
  readonly #resume = (): void => {
    this.#terminal.write(enter);
    this.draw();
  };

  readonly #restore = (): void => {
    this.#terminal.write(leave);
  };
}

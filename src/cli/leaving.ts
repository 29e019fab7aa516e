/** ms in which a second signal is the first one seen twice: `npx` and `npm run` hand on what the terminal sent to all. */
const echo = 250;

const signals = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/**
 * Why the command is to leave before its work is done: a signal, or a reader of its output that went away.
 *
 * Until {@link tidily} is called there is nothing to tidy up, and a signal ends the process at once; a second one always
 * does.
 */
export class Leaving {
  readonly #controller = new AbortController();
  #isTidy = false;
  #status: number | undefined;
  #since = 0;

  constructor() {
    for (const [signal, status] of signals) {
      process.on(signal, () => {
        this.#onSignal(status);
      });
    }
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // EIO is what a terminal that was closed says.
      const isGone = error.code === 'EPIPE' || error.code === 'EIO';
      if (!isGone) process.stderr.write(`rx-workbins: cannot write: ${error.message}\n`);
      this.#leave(isGone ? 0 : 1);
    });
    process.stderr.on('error', () => undefined);
  }

  /** Aborts when it is time to leave. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on whoever looks at {@link signal} ends the command. */
  tidily(): void {
    this.#isTidy = true;
  }

  /** Ends the process, with the status of what made it leave, where anything did. */
  exit(status: number): void {
    process.exitCode = this.#status ?? status;
    // What was written last is on its way; what else may linger, an idle socket, is of no interest.
    process.stdout.write('', () => process.exit());
  }

  #onSignal(status: number): void {
    if (this.signal.aborted && Date.now() - this.#since < echo) return;
    if (this.signal.aborted || !this.#isTidy) process.exit(status);
    this.#leave(status);
  }

  #leave(status: number): void {
    this.#status ??= status;
    if (this.signal.aborted) return;
    this.#since = Date.now();
    if (!this.#isTidy) process.exit(status);
    this.#controller.abort();
  }
}

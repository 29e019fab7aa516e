/** Timers that can all be dropped at once. What waits for a dropped one waits for ever, and is collected. */
export class Timers {
  readonly #stops = new Set<() => void>();
  #isClosed = false;

  after(ms: number, run: () => void): () => void {
    if (this.#isClosed) return () => undefined;
    const timer = setTimeout(() => {
      this.#stops.delete(stop);
      run();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return stop;
  }

  every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms);
    this.#stops.add(() => clearInterval(timer));
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  clear(): void {
    for (const stop of [...this.#stops]) stop();
    this.#stops.clear();
  }

  /** Drops all timers, and those that are still asked for. */
  close(): void {
    this.#isClosed = true;
    this.clear();
  }
}

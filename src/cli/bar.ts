import type { Ledger } from './ledger.js';

/** Progress on stderr. */
export interface Bar {
  update(ledger: Ledger): void;
  /** Takes it off the screen. */
  stop(): void;
}

/** A progress bar where stderr is a terminal; elsewhere nothing. */
export const createBar = async (isShown: boolean): Promise<Bar> => {
  if (!isShown) return { update: () => undefined, stop: () => undefined };
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  let bar: InstanceType<typeof SingleBar> | undefined;
  return {
    update: (ledger) => {
      const { pending, failed } = ledger.counts;
      const done = ledger.size - pending;
      if (bar === undefined) {
        bar = new SingleBar(
          {
            stream: process.stderr,
            format: 'subscribing [{bar}] {value}/{total} {failed}',
            barsize: 30,
            clearOnComplete: true,
            hideCursor: true,
            // Signals are this command's own matter.
            gracefulExit: false,
          },
          Presets.legacy,
        );
        bar.start(ledger.size, done, { failed: '' });
      }
      bar.update(done, { failed: failed === 0 ? '' : `${failed} failed` });
    },
    stop: () => bar?.stop(),
  };
};

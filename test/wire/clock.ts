import { asyncScheduler, type SchedulerAction, type Subscription, VirtualAction, VirtualTimeScheduler } from 'rxjs';

/** setTimeout's own limit, ms: what is to wait longer is due at once. */
const longestDelay = 2 ** 31 - 1;

/**
 * Time that stands still until it is advanced by hand. What is due at once is not held back: zero delays are real.
 */
export class Clock extends VirtualTimeScheduler {
  readonly #delays = new WeakMap<object, number>();
  readonly #waiting = new Set<{ readonly delay: number; readonly resolve: () => void }>();

  constructor() {
    super(VirtualAction, 0);
  }

  /** How many timers are running. */
  get timers(): number {
    return this.actions.length;
  }

  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    if (delay <= 0 || delay > longestDelay) return asyncScheduler.schedule(work, 0, state);
    const timer = super.schedule(work, delay, state);
    this.#delays.set(timer, delay);
    for (const waiting of [...this.#waiting]) {
      if (waiting.delay !== delay) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
    return timer;
  }

  /** Resolves once a timer of exactly so many ms is running. */
  async timer(delay: number): Promise<void> {
    if (this.actions.some((action) => this.#delays.get(action) === delay)) return;
    await new Promise<void>((resolve) => this.#waiting.add({ delay, resolve }));
  }

  /** Lets so many ms pass. */
  advance(ms: number): void {
    this.maxFrames = this.frame + ms;
    this.flush();
    this.frame = this.maxFrames;
  }

  /** Waits for a timer of exactly so many ms, and lets them pass. */
  async pass(delay: number): Promise<void> {
    await this.timer(delay);
    this.advance(delay);
  }
}

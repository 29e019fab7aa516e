import { type MonoTypeOperatorFunction, Observable, type Subscription } from 'rxjs';

/** Lets at most `most` sources run at a time; the others wait for their turn, in order. */
export const createLimit = (most: number): (<T>() => MonoTypeOperatorFunction<T>) => {
  const waiting = new Set<() => void>();
  let running = 0;
  const done = (): void => {
    running--;
    for (const start of waiting) {
      waiting.delete(start);
      start();
      return;
    }
  };
  return () => (source$) =>
    new Observable((subscriber) => {
      const start = (): void => {
        running++;
        let running$: Subscription | undefined = source$.subscribe(subscriber);
        running$.add(done);
        subscriber.add(() => {
          running$?.unsubscribe();
          running$ = undefined;
        });
      };
      if (running < most) {
        start();
        return;
      }
      waiting.add(start);
      subscriber.add(() => waiting.delete(start));
    });
};

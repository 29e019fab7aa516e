// CometD sends the next poll from a timer of 0 ms, in every contender. With this import that is a microtask: the event
// loop never sleeps while the clock runs, and what is measured is what a contender does, not how the system wakes up.
/* global queueMicrotask */
for (const [set, clear] of [
  ['setTimeout', 'clearTimeout'],
  ['setInterval', 'clearInterval'],
]) {
  const { [set]: later, [clear]: cancel } = globalThis;
  class Soon {
    isCancelled = false;
  }
  globalThis[set] = (work, delay, ...values) => {
    if (delay > 0) return later(work, delay, ...values);
    const soon = new Soon();
    queueMicrotask(() => {
      if (!soon.isCancelled) work(...values);
    });
    return soon;
  };
  globalThis[clear] = (handle) => {
    if (handle instanceof Soon) handle.isCancelled = true;
    else cancel(handle);
  };
}

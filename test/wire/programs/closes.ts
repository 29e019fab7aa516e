// Uses a client in every way, closes it, and has nothing left to do: the process must end by itself.
import { setImmediate } from 'node:timers/promises';
import { takeWhile } from 'rxjs';
import { newClient, tell, workbin } from './program.js';

/** What keeps the process alive, its own output aside. */
const resources = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS)/.test(name));
const listeners = (): number => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

const ignore = (): void => undefined;

const before = listeners();
const client = newClient();
await client.subscribe(workbin).forEach(ignore);
client.any.watch(workbin).subscribe({ error: tell });
await client.any
  .watch(workbin)
  .pipe(takeWhile(({ type }) => type !== 'state'))
  .forEach(ignore);
await client.list().forEach(ignore);
await client.close();
// What is closed says so a turn later.
for (let turns = 0; turns < 10; turns++) await setImmediate();
tell({ resources: resources(), listeners: listeners() - before, window: typeof globalThis.window });

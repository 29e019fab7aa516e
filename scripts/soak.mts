// The client against the sandbox, for as long as one likes, with random faults:
//
//   npm run soak -- --minutes 10 --seed 7
//
// Exit status 1 when something wanted is not subscribed at the end, was doubled, or was lost outside of a gap.
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { type GapEvent, type WatchEvent, createWorkbinClient } from '../src/index.js';
import { type BayeuxKill, type Fault, type FaultMatch, createSandbox } from '../src/sandbox/index.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const minutes = Number(values.minutes);
let state = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(state)) throw new Error('usage: npm run soak -- --minutes 10 --seed 7');
console.log(`${minutes} min, seed ${state}`);

/** mulberry32: the same seed, the same faults. */
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
};
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T,>(list: readonly T[]): T => {
  const value = list[below(list.length)];
  if (value === undefined) throw new Error('an empty list');
  return value;
};

const sandbox = await createSandbox({ acceptAnyWorkbin: true, longPollTimeout: 3_000 });
const client = createWorkbinClient({
  baseUrl: sandbox.url,
  auth: { username: sandbox.username, password: sandbox.password },
  timeout: Infinity,
  retry: { initialDelay: 20, maxDelay: 200 },
});

const workbinIds = Array.from({ length: 40 }, (_, i) => `workbin-${i}`);
const problems: string[] = [];

/** One watcher, and what it was told of which item. */
class Watch {
  readonly items = new Map<string, number>();
  readonly gaps: GapEvent[] = [];
  isConfirmed = false;
  isOver = false;
  /** When it was first confirmed. */
  since = Infinity;
  readonly #subscription;

  constructor(readonly workbinId: string) {
    this.#subscription = client.watch(workbinId).subscribe({
      next: (event) => {
        this.#on(event);
      },
      error: (error: unknown) => {
        problems.push(`watch ${workbinId}: ${String(error)}`);
      },
      complete: () => {
        if (!this.isOver) problems.push(`watch ${workbinId} completed`);
      },
    });
  }

  leave(): void {
    this.isOver = true;
    this.#subscription.unsubscribe();
  }

  #on(event: WatchEvent): void {
    if (event.type === 'gap') this.gaps.push(event);
    else if (event.type === 'failed') problems.push(`failed ${this.workbinId}: ${String(event.error)}`);
    else if (event.type === 'state' && event.state === 'Subscribed') {
      this.isConfirmed = true;
      this.since = Math.min(this.since, Date.now());
    } else if (event.type === 'item') {
      const id = event.interaction?.id ?? '';
      this.items.set(id, (this.items.get(id) ?? 0) + 1);
      delivered++;
    }
  }
}

let delivered = 0;
let added = 0;
let faults = 0;
let gaps = 0;
let losses = 0;
client.connection$.subscribe((connection) => {
  if (connection === 'reconnecting') losses++;
});

const watches = new Map<Watch, { readonly id: string; readonly at: number }[]>();
for (const id of workbinIds) watches.set(new Watch(id), []);

const kills: readonly BayeuxKill[] = [
  'unknown',
  'unknown-without-advice',
  'other-text',
  'forbidden',
  'advice-none',
  'advice-handshake-on-success',
];
const matches: readonly FaultMatch[] = [
  { channel: '/meta/connect' },
  { channel: '/meta/handshake' },
  { channel: '/meta/subscribe' },
  { operation: 'Subscribe' },
  { operation: 'Unsubscribe' },
  { path: '/api/v2/me', method: 'GET' },
  {},
];
const replies: readonly Fault[] = [
  ...[502, 503, 504].map((status): Fault => ({ kind: 'reply', status, body: 'Bad Gateway' })),
  { kind: 'reply', body: '<!doctype html>' },
  { kind: 'reset' },
  { kind: 'reset-midway' },
  { kind: 'delay', ms: 50 },
];

const disturb = async (): Promise<void> => {
  faults++;
  switch (below(8)) {
    case 0:
      sandbox.killBayeuxSessions(pick(kills));
      return;
    case 1:
      sandbox.killHttpSessions();
      return;
    case 2:
      sandbox.resetConnections();
      return;
    case 3:
      sandbox.rotateCsrf();
      return;
    case 4:
      await sandbox.restart();
      return;
    case 5:
      await sandbox.refuseConnections();
      await wait(below(400));
      await sandbox.acceptConnections();
      return;
    default: {
      const lift = sandbox.fault({ ...pick(matches), times: 1 + below(3) }, pick(replies));
      await wait(200);
      lift();
    }
  }
};

/** Adds an item, and remembers who has to be told of it. */
const add = (): void => {
  const workbinId = pick(workbinIds);
  const id = sandbox.addItem(workbinId);
  added++;
  for (const [watch, owed] of watches) {
    if (watch.workbinId === workbinId && watch.isConfirmed) owed.push({ id, at: Date.now() });
  }
};

const audit = (watch: Watch, owed: readonly { readonly id: string; readonly at: number }[]): void => {
  gaps += watch.gaps.length;
  for (const [id, count] of watch.items) if (count > 1) problems.push(`${id} was delivered ${count} times`);
  for (const { id, at } of owed) {
    const isToldOf = watch.items.has(id) || watch.gaps.some(({ from, to }) => from <= at && at <= to);
    if (!isToldOf) problems.push(`${id} in ${watch.workbinId} at ${at} was lost, and no gap says so`);
  }
};

const heap = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 102.4) / 10;
};

/** Until everything wanted stands: what must come, whatever there was before. */
const atRest = async (): Promise<boolean> => {
  const wanted = [...new Set([...watches.keys()].map(({ workbinId }) => workbinId))].sort().join();
  for (let i = 0; i < 600; i++) {
    const subscribed = sandbox.subscriptions().map(({ workbinId }) => workbinId);
    if (sandbox.bayeuxSessions === 1 && subscribed.sort().join() === wanted) {
      // And it is delivered, too.
      const before = delivered;
      for (const id of new Set([...watches.keys()].map(({ workbinId }) => workbinId))) sandbox.addItem(id);
      for (let j = 0; j < 30 && delivered < before + watches.size; j++) await wait(100);
      if (delivered === before + watches.size) return true;
    }
    await wait(100);
  }
  console.log(
    `wanted ${wanted}\nhave ${sandbox
      .subscriptions()
      .map(({ workbinId }) => workbinId)
      .sort()
      .join()}\nCometD sessions ${sandbox.bayeuxSessions}`,
  );
  return false;
};

await atRest();
const heapAtStart = heap();
const end = Date.now() + minutes * 60_000;
let report = Date.now() + 60_000;
while (Date.now() < end) {
  for (let i = below(20); i > 0; i--) {
    add();
    await wait(below(10));
  }
  if (below(3) === 0) await disturb();
  if (below(4) === 0) {
    // Somebody leaves, somebody comes.
    const watch = pick([...watches.keys()]);
    audit(
      watch,
      (watches.get(watch) ?? []).filter(({ at }) => at < Date.now() - 60_000),
    );
    watches.delete(watch);
    watch.leave();
    watches.set(new Watch(pick(workbinIds)), []);
  }
  await wait(below(100));
  if (Date.now() > report) {
    report += 60_000;
    console.log(`${added} added, ${delivered} delivered, ${faults} faults, ${losses} losses, heap ${heap()} MB`);
  }
}
const isAtRest = await atRest();
if (!isAtRest) problems.push('not everything wanted is subscribed at the end');
const heapAtEnd = heap();
for (const [watch, owed] of watches) audit(watch, owed);
for (const watch of watches.keys()) watch.leave();
await client.close();
if (sandbox.bayeuxSessions > 0) problems.push(`${sandbox.bayeuxSessions} CometD sessions left`);
await sandbox.close();

console.log(`events delivered  ${delivered} (${added} items added)`);
console.log(`faults            ${faults}`);
console.log(`losses recovered  ${losses} (${gaps} gap events)`);
console.log(`heap              ${heapAtStart} MB at start, ${heapAtEnd} MB at end`);
for (const problem of problems.slice(0, 20)) console.error(problem);
if (problems.length > 0) console.error(`${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

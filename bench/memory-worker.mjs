// What is kept: bytes for each watched workbin, and after many subscriptions that came and went. Needs --expose-gc.
//   node --expose-gc bench/memory-worker.mjs <workbins> <rounds>
/* global gc */
import './instant-timers.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { createClient, watchAll } from './contenders.mjs';
import { createServer, workbinIds } from './server.mjs';

const [, , workbins, rounds] = process.argv;
const atOnce = 100;

const heap = async () => {
  for (let pass = 0; pass < 4; pass++) {
    await sleep(50);
    gc();
  }
  return process.memoryUsage().heapUsed;
};

const watching = async () => {
  const ids = workbinIds(Number(workbins));
  const client = createClient(createServer());
  // So that the session, and what loads at first use, is there before.
  await watchAll(client, ['first'], { count: 0 });
  const before = await heap();
  const subscriptions = await watchAll(client, ids, { count: 0 });
  const bytes = ((await heap()) - before) / ids.length;
  for (const subscription of subscriptions) subscription.unsubscribe();
  await client.close();
  return { bytes, before };
};

/** The least that serves: what the same workbins cost as callbacks in a Map, and nothing else. */
const byHand = async () => {
  const ids = workbinIds(Number(workbins));
  const seen = { count: 0 };
  const before = await heap();
  const handlers = new Map(ids.map((id) => [id, () => seen.count++]));
  const bytes = ((await heap()) - before) / ids.length;
  handlers.clear();
  return bytes;
};

const coming = async () => {
  const client = createClient(createServer());
  const ids = workbinIds(atOnce);
  const some = async (count) => {
    for (let done = 0; done < count; done += atOnce) {
      await Promise.all(ids.map((id) => lastValueFrom(client.subscribe(id))));
    }
  };
  await some(Number(rounds) / 10);
  const before = await heap();
  await some(Number(rounds));
  const growth = (await heap()) - before;
  await client.close();
  return growth;
};

const map = await byHand();
const { bytes, before } = await watching();
const left = ((await heap()) - before) / workbins;
console.log(
  JSON.stringify({ workbins: Number(workbins), bytes, left, map, rounds: Number(rounds), growth: await coming() }),
);
process.exit();

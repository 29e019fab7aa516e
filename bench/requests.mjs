// Requests and round trips: how many, how long.
import { lastValueFrom } from 'rxjs';
import { createClient, watchAll } from './contenders.mjs';
import { createServer, workbinIds } from './server.mjs';
import { median } from './statistics.mjs';

const timed = async (work) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** A round trip takes `latency` ms: how many of them until `Subscribed`, one after another. */
export const measureRoundTrips = async ({ latency, times }) => {
  const cold = [];
  const warm = [];
  for (let time = 0; time < times; time++) {
    const client = createClient(createServer({ latency }));
    cold.push(await timed(() => lastValueFrom(client.subscribe('a'))));
    warm.push(await timed(() => lastValueFrom(client.subscribe('b'))));
    await client.close();
  }
  const trips = (values) => ({ milliseconds: median(values), roundTrips: median(values) / latency });
  return { latency, cold: trips(cold), warm: trips(warm) };
};

/** Many workbins at once on a session that stands, without latency: POSTs, and ms of processor time. */
export const measureSubscribing = async ({ workbins, times }) => {
  const ids = workbinIds(workbins);
  const measure = async (work) => {
    const spent = [];
    let posts = 0;
    for (let time = 0; time < times; time++) {
      const server = createServer();
      const client = createClient(server);
      await lastValueFrom(client.subscribe('first'));
      const before = server.counts.operations;
      const start = process.cpuUsage();
      await work(client);
      const { user, system } = process.cpuUsage(start);
      spent.push((user + system) / 1000);
      posts = server.counts.operations - before;
      await client.close();
    }
    return { posts, milliseconds: median(spent) };
  };
  return {
    workbins,
    oneCall: await measure((client) => lastValueFrom(client.subscribe(ids))),
    manyCallers: await measure((client) => Promise.all(ids.map((id) => lastValueFrom(client.subscribe(id))))),
    manyWatchers: await measure((client) => watchAll(client, ids, { count: 0 })),
  };
};

// One contender in a process of its own, so that nobody pays for another's heap, or for its shapes in shared code.
//   node bench/message-worker.mjs <contender> <workbins> <messages per frame>
// By hand, for a profile: FRAMES=5000 node --cpu-prof bench/message-worker.mjs library 100 100
import './instant-timers.mjs';
import { contenders } from './contenders.mjs';
import { createServer, framesOf, workbinIds } from './server.mjs';

const [, , name, workbins, size] = process.argv;
const ids = workbinIds(Number(workbins));
const frames = framesOf(ids, Math.ceil(20_000 / Number(size)), Number(size));
const server = createServer();
const seen = await contenders[name](server, ids);
await server.polled();
let next = 0;

/** ms of processor time, the collector's included, for `count` frames, each in answer to a long poll. */
const run = async (count) => {
  const before = seen.count;
  const start = process.cpuUsage();
  for (let frame = 0; frame < count; frame++) {
    await server.deliver(frames[next]);
    next = (next + 1) % frames.length;
  }
  const { user, system } = process.cpuUsage(start);
  return { time: (user + system) / 1000, missed: count * Number(size) - (seen.count - before) };
};

if (process.send === undefined) {
  const count = Number(process.env.FRAMES ?? 5000);
  for (let round = 0; round < 5; round++) {
    const { time, missed } = await run(count);
    console.log(`${((time * 1000) / count / Number(size)).toFixed(3)} µs a message, ${missed} missed`);
  }
  process.exit();
}
process.on('message', async (count) => process.send(await run(count)));
process.on('disconnect', () => process.exit());
process.send('ready');

// What a message costs, from the text of a long poll's answer to the callback of the workbin that it is for.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, summary } from './statistics.mjs';

const script = fileURLToPath(new URL('message-worker.mjs', import.meta.url));

const start = async (name, workbins, size) => {
  const child = fork(script, [name, String(workbins), String(size)]);
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${name} with ${workbins} workbins ended with ${code}`);
    }),
  ]);
  const run = async (frames) => {
    child.send(frames);
    const [{ time, missed }] = await once(child, 'message');
    if (missed !== 0) throw new Error(`${name} with ${workbins} workbins missed ${missed} messages`);
    return (time * 1000) / (frames * size);
  };
  return { name, run, stop: () => child.disconnect() };
};

/**
 * One row a contender: µs a message, and the ratio to the first contender, which runs before and after each other one.
 *
 * @param names - of the contenders; the first is what the others are compared with
 * @param sliceTime - ms of one turn
 */
export const measureMessages = async ({ names, workbins, size, rounds, sliceTime, warmUp }) => {
  const all = [];
  for (const name of names) all.push(await start(name, workbins, size));
  const [base, ...others] = all;
  const slices = new Map();
  for (const one of all) {
    // Long enough for the compiler; then as many frames as fill a turn.
    let time = 0;
    let cost;
    for (let frames = 1; time < warmUp; frames = Math.min(frames * 2, 100)) {
      cost = await one.run(frames);
      time += (cost * frames * size) / 1000;
    }
    slices.set(one, Math.max(1, Math.round((sliceTime * 1000) / (cost * size))));
  }
  const costs = new Map(all.map((one) => [one, []]));
  const ratios = new Map(others.map((one) => [one, []]));
  for (let round = 0; round < rounds; round++) {
    // Another order each time: what one leaves to the next is not always the same.
    const order = others.map((_, index) => others[(index + round) % others.length]);
    let before = await base.run(slices.get(base));
    costs.get(base).push(before);
    for (const one of order) {
      const cost = await one.run(slices.get(one));
      const after = await base.run(slices.get(base));
      costs.get(one).push(cost);
      costs.get(base).push(after);
      ratios.get(one).push((2 * cost) / (before + after));
      before = after;
    }
  }
  for (const one of all) one.stop();
  return all.map((one) => ({
    name: one.name,
    workbins,
    microseconds: median(costs.get(one)),
    ratio: one === base ? { median: 1, low: 1, high: 1 } : summary(ratios.get(one)),
  }));
};

// The import alone: no global is created or changed.
const before = Object.getOwnPropertyDescriptors(globalThis);
const library = await import('../../../src/index.js');
const after = Object.getOwnPropertyDescriptors(globalThis);
const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
const changed = names.filter((name) => {
  const [was, is] = [Reflect.get(before, name), Reflect.get(after, name)] as (PropertyDescriptor | undefined)[];
  return !Object.is(was?.value, is?.value) || was?.get !== is?.get;
});
process.stdout.write(`${JSON.stringify({ changed, window: typeof globalThis.window, made: typeof library })}\n`);

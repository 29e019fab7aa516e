// A platform without fetch of its own.
Reflect.deleteProperty(globalThis, 'fetch');
const { filter, take, tap, toArray } = await import('rxjs');
const { newClient, tell, workbin } = await import('./program.js');

const client = newClient();
tell(typeof globalThis.fetch);
await client
  .subscribe(workbin)
  .pipe(toArray())
  .forEach((events) => tell(events.map(({ type }) => type)));
await client
  .watch(workbin)
  .pipe(
    tap((event) => {
      if (event.type === 'state') tell('watching');
    }),
    filter(({ type }) => type === 'item'),
    take(1),
  )
  .forEach(({ type }) => tell(type));
await client.close();
tell('closed');

// Closes a client that is still connecting, and one with a request under way.
import { takeWhile } from 'rxjs';
import { newClient, tell, workbin } from './program.js';

const [early, late] = [newClient(), newClient()];
early.subscribe(workbin).subscribe({ error: (error: unknown) => tell(String(error)) });
late.watch('hangs').subscribe({ error: (error: unknown) => tell(String(error)) });
await early.close();
await late.connection$.pipe(takeWhile((connection) => connection !== 'connected')).forEach(() => undefined);
await late.close();
tell('closed');

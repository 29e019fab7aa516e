// What subscribing to a workbin looks like, shown as it happens: npm run demo
//   Starts the sandbox (a stand-in for Genesys Web Services, with a real CometD server) on a free port of this machine,
//   subscribes through the library, and shows both what is on the wire and what the Observable emits. Ends by itself.
import { styleText } from 'node:util';
import { type Observable, catchError, concatMap, from, of, takeWhile, tap, timer } from 'rxjs';
import { CookieJar } from 'tough-cookie';
import {
  type WatchEvent,
  type WorkbinClient,
  type Workbins,
  createWorkbinClient,
  isSubscriptionError,
} from '../src/index.js';
import { type Fault, createSandbox } from '../src/sandbox/index.js';

const drafts = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const inProgress = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const colleague = 'e6f2ad1b26ea4e9b8dd907eabe167522';

const hasColour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  hasColour ? styleText(style, text) : text;
const say = (text = ''): void => {
  console.log(text);
};

let began = 0;
let isSilent = false;
const line = (source: string, text: string, style: Parameters<typeof styleText>[0]): void => {
  const ms = `${String(Math.round(performance.now() - began)).padStart(5)} ms`;
  if (isSilent) return;
  const shown = short(text);
  const cut = shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
  say(`  ${paint('dim', ms)}  ${paint(style, source.padEnd(14))}  ${cut}`.trimEnd());
};

/** Ids by their first characters, to keep lines short. */
const short = (text: string): string =>
  text.replace(/\b([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b([0-9a-f]{8})[0-9a-f]{24}\b/g, '$1$3…');

interface BayeuxMessage {
  readonly channel: string;
  readonly subscription?: string;
  readonly data?: unknown;
}

/** A fetch that shows what goes over it. Whoever hands in a fetch keeps the cookies, which the session hangs on. */
const createShowingFetch = (): typeof fetch => {
  const jar = new CookieJar();
  const showRequest = (method: string, path: string, body: string): void => {
    if (!path.endsWith('/api/v2/notifications')) {
      line('HTTP request', `${method} ${path} ${body}`.trim(), 'cyan');
      return;
    }
    // The transport writes arrays of Bayeux messages.
    for (const { channel, subscription = '' } of JSON.parse(body) as readonly BayeuxMessage[]) {
      if (channel !== '/meta/connect') line('CometD request', `${channel} ${subscription}`.trim(), 'magenta');
    }
  };
  const showReply = (path: string, status: number, body: string): void => {
    if (!path.endsWith('/api/v2/notifications')) {
      line('HTTP reply', `${String(status)} ${body}`, 'cyan');
      return;
    }
    if (status !== 200) return;
    // And so does the server.
    for (const { channel, data } of JSON.parse(body) as readonly BayeuxMessage[]) {
      if (!channel.startsWith('/meta/')) line('CometD message', JSON.stringify(data), 'magenta');
    }
  };
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const path = decodeURIComponent(new URL(url).pathname + new URL(url).search);
    const headers = new Headers(init?.headers);
    headers.set('cookie', await jar.getCookieString(url));
    showRequest(init?.method ?? 'GET', path, typeof init?.body === 'string' ? init.body : '');
    const response = await fetch(input, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url, { ignoreError: true });
    showReply(path, response.status, await response.clone().text());
    return response;
  };
};

const sandbox = await createSandbox();
const createClient = (): WorkbinClient =>
  createWorkbinClient({
    baseUrl: sandbox.url,
    auth: { username: sandbox.username, password: sandbox.password },
    fetch: createShowingFetch(),
    retry: { initialDelay: 200 },
  });
const client = createClient();
const watcher = createClient();

/** What the library makes of what is on the wire. */
const showEvent = (event: WatchEvent): void => {
  switch (event.type) {
    case 'accepted': {
      const ids = [...event.referenceIds].map(([id, referenceId]) => `${id} is request ${String(referenceId)}`);
      line('emits accepted', ids.join(', '), 'green');
      return;
    }
    case 'state':
      line('emits state', `${event.workbinId} is ${event.state}`, 'green');
      return;
    case 'item':
      line('emits item', `${event.action}: ${event.medium ?? ''} ${event.interaction?.id ?? ''}`, 'green');
      return;
    case 'gap':
      line('emits gap', `for ${String(event.to - event.from)} ms anything may have come and gone`, 'yellow');
      return;
    case 'failed':
      line('emits failed', `${event.workbinId}: ${event.error.message}`, 'red');
      return;
  }
};

interface Scene {
  readonly title: string;
  readonly code: string;
  readonly note: string;
  readonly fault?: Fault;
  run(): Observable<WatchEvent>;
}

const subscribing = (workbins: Workbins, ids: string | readonly string[]): (() => Observable<WatchEvent>) => {
  return () => workbins.subscribe(ids);
};

const scenes: readonly Scene[] = [
  {
    title: 'One workbin',
    code: 'client.subscribe(drafts)',
    note: 'Two halves: the HTTP reply only says that the request was taken. That it worked, a CometD message says later.',
    fault: { kind: 'push', delay: 150 },
    run: subscribing(client, drafts),
  },
  {
    title: 'Several workbins, and the race',
    code: 'client.subscribe([drafts, inProgress])',
    note: 'Here CometD is faster than HTTP. What comes early waits for the reply: the Observable always begins with it.',
    fault: { kind: 'push', order: 'before', reverse: true },
    run: subscribing(client, [drafts, inProgress]),
  },
  {
    title: 'One workbin, by user',
    code: 'client.forUser(colleague).subscribe(drafts)',
    note: "The same id, another user's workbin: the message names its owner, and settles that request alone.",
    fault: { kind: 'push', delay: 100 },
    run: subscribing(client.forUser(colleague), drafts),
  },
  {
    title: 'Several workbins, by user',
    code: 'client.forUser(colleague).subscribe([drafts, inProgress])',
    note: 'Here Web Services names no owner. The library knows whom it has asked for.',
    fault: { kind: 'push', delay: 100 },
    run: subscribing(client.forUser(colleague), [drafts, inProgress]),
  },
  {
    title: 'One of several fails',
    code: "client.subscribe([drafts, inProgress, 'no-such-workbin'])",
    note: 'Those that work are delivered. Once each has settled, one error gives the account of all of them.',
    fault: { kind: 'request-failed', workbinIds: [inProgress] },
    run: subscribing(client, [drafts, inProgress, 'no-such-workbin']),
  },
  {
    title: 'Watching, through a restart of the server',
    code: 'client.watch(drafts)',
    note: 'What subscribing is for: items as they come and go. A lost session is restored, and a gap event says since when.',
    run: () => {
      timer(300).subscribe(() => sandbox.addItem(drafts, { medium: 'email', interaction: { id: 'mail-1' } }));
      return watcher.watch(drafts).pipe(
        tap((event) => {
          if (event.type === 'item' && event.action === 'ItemAdded') void sandbox.restart();
          if (event.type === 'gap') sandbox.removeItem(drafts, 'mail-1');
        }),
        takeWhile((event) => !(event.type === 'item' && event.action === 'ItemRemoved'), true),
      );
    },
  },
];

const play = (scene: Scene, index: number): Observable<unknown> => {
  say();
  say(paint('bold', `${String(index + 1)}. ${scene.title}`));
  say(`   ${scene.note}`);
  say();
  say(`   ${paint('bold', scene.code)}`);
  const lift = scene.fault === undefined ? undefined : sandbox.fault({ operation: 'Subscribe' }, scene.fault);
  began = performance.now();
  return scene.run().pipe(
    tap({
      next: showEvent,
      complete: () => line('completes', '', 'green'),
      finalize: () => {
        lift?.();
      },
    }),
    catchError((error: unknown) => {
      if (!isSubscriptionError(error)) throw error;
      line('errors', `${error.name}, code '${error.code}'`, 'red');
      const account = [
        ...error.subscribed.map((id): [string, string] => [id, 'Subscribed']),
        ...[...error.failed].map(([id, cause]): [string, string] => [id, `${cause.name}: ${cause.message}`]),
      ];
      for (const [id, outcome] of account) say(`${' '.repeat(26)}${short(id).padEnd(16)} ${outcome}`);
      return of(undefined);
    }),
  );
};

say(paint('bold', 'rx-workbins: subscribing to Genesys workbins, as RxJS Observables'));
say();
say(`A stand-in for Web Services listens at ${sandbox.url}: real HTTP, a real CometD server, nothing else needed.`);
say(
  'Each line is something that happens: on the wire (HTTP, CometD), or what the Observable makes of it (emits, completes, errors).',
);
say();
say(`drafts      ${drafts}`);
say(`inProgress  ${inProgress}`);
say(`colleague   ${colleague}, a user; ids are cut short below`);

/** Gives the session back, which is nothing to look at. */
const leave = async (one: WorkbinClient): Promise<void> => {
  isSilent = true;
  await one.close();
  isSilent = false;
};
await from(scenes.slice(0, -1))
  .pipe(concatMap(play))
  .forEach(() => undefined);
await leave(client);

await from(scenes.slice(-1))
  .pipe(concatMap((scene) => play(scene, scenes.length - 1)))
  .forEach(() => undefined);

await leave(watcher);
await sandbox.close();
say();
say(`Done, in ${String(sandbox.requests.length)} HTTP requests, those of the sessions included.`);
say(
  'Next: the program in README.md, and docs/guides/getting-started.md; of docs/examples, try npx tsx docs/examples/watch.ts',
);

import { CometD } from '#bayeux';
import type { ExecutionContext } from 'ava';
import type { Sandbox } from '../../src/sandbox/index.js';
import { CookieFetch } from '../recovery/cookieFetch.js';
import { BAYEUX } from '../recovery/rig.js';

/** What CometD gives a transport to send: its types leave it out. */
interface Envelope {
  readonly messages: readonly object[];
  readonly onSuccess: (received: readonly object[]) => void;
  readonly onFailure: (conduit: unknown, messages: readonly object[], failure: object) => void;
}

/** Long polling over a fetch: what a browser's XMLHttpRequest is to an application. */
const fetchTransport = (
  url: string,
  fetch: typeof globalThis.fetch,
  headers: Readonly<Record<string, string>>,
): object => {
  let abort = new AbortController();
  const stop = (): void => {
    abort.abort();
    abort = new AbortController();
  };
  return {
    type: 'long-polling',
    url,
    accept: () => true,
    reset: () => undefined,
    abort: stop,
    send: ({ messages, onSuccess, onFailure }: Envelope) => {
      const run = async (): Promise<readonly object[]> => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(messages),
          signal: abort.signal,
        });
        if (response.status !== 200) throw new Error(`status ${response.status}`);
        // an array of messages, as the CometD server writes it
        return (await response.json()) as object[];
      };
      run().then(onSuccess, (exception: unknown) => {
        onFailure(undefined, messages, { exception });
      });
    },
  };
};

/** The methods that are the application's own: counted, so that a test sees who else calls them. */
const own = ['configure', 'init', 'handshake', 'disconnect', 'clearListeners', 'unregisterTransports'] as const;

export interface Application {
  readonly cometd: CometD;
  /** Cookies and all: REST and CometD are one HTTP session. */
  readonly fetch: typeof globalThis.fetch;
  /** How often the application's own methods were called, by whomever. */
  readonly calls: Readonly<Record<string, number>>;
  handshake(): Promise<void>;
}

/** A front end that has a CometD session of its own, over the fetch given. */
export const createApplication = (
  t: ExecutionContext,
  sandbox: Sandbox,
  { fetch }: Pick<CookieFetch, 'fetch'> = new CookieFetch(),
): Application => {
  const cometd = new CometD();
  // CometD logs to the console what it is told to expect.
  for (const level of ['_warn', '_info', '_debug']) Object.assign(cometd, { [level]: () => undefined });
  cometd.unregisterTransports();
  const headers = { authorization: `Basic ${btoa(`${sandbox.username}:${sandbox.password}`)}` };
  cometd.registerTransport('long-polling', fetchTransport(sandbox.url + BAYEUX, fetch, headers) as never);
  cometd.configure({
    url: sandbox.url + BAYEUX,
    useWorkerScheduler: false,
    backoffIncrement: 5,
    maxBackoff: 20,
  });
  const calls: Record<string, number> = {};
  for (const name of own) {
    const method = (cometd[name as 'handshake'] as ((...args: unknown[]) => unknown) | undefined)?.bind(cometd);
    if (method === undefined) continue;
    calls[name] = 0;
    Object.assign(cometd, {
      [name]: (...args: unknown[]) => {
        calls[name] = (calls[name] ?? 0) + 1;
        return method(...args);
      },
    });
  }
  t.teardown(
    () =>
      new Promise<void>((resolve) => {
        if (cometd.isDisconnected()) resolve();
        else cometd.disconnect(() => resolve());
      }),
  );
  return {
    cometd,
    fetch,
    calls,
    handshake: () =>
      new Promise((resolve, reject) => {
        cometd.handshake((message) => {
          if (message.successful === true) resolve();
          else reject(new Error('the handshake failed'));
        });
      }),
  };
};

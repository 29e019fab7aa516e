// Five ways to bring each workbin's messages to the one who waits for that workbin, over the same `fetch`.
/* global AbortController */
import { Subject, filter } from 'rxjs';
import { createWorkbinClient } from 'rx-workbins';
import { topic } from './server.mjs';

// CometD's own package wants a browser's `window`; the library brings a copy of its own that does not.
globalThis.window ??= globalThis;
const { CometD, RequestTransport } = await import('cometd');

const baseUrl = 'http://gws.example.com';
const url = `${baseUrl}/api/v2/notifications`;

/** CometD's long polling, by hand over `fetch`: what an application would write, and no more. */
class FetchTransport extends RequestTransport {
  #fetch;

  constructor(fetch) {
    super();
    this.#fetch = fetch;
  }

  accept() {
    return true;
  }

  transportSend(envelope, request) {
    const controller = new AbortController();
    request.xhr = controller;
    this.#exchange(envelope, controller).then(
      (messages) => this.transportSuccess(envelope, request, messages),
      (exception) => this.transportFailure(envelope, request, { exception }),
    );
    return true;
  }

  async #exchange(envelope, { signal }) {
    const response = await this.#fetch(envelope.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: this.convertToJSON(envelope.messages),
      signal,
      credentials: 'include',
    });
    if (response.status !== 200) throw new Error(`HTTP status ${response.status}`);
    return this.convertToMessages(await response.text());
  }
}

export const openCometD = (fetch) =>
  new Promise((resolve, reject) => {
    const cometd = new CometD();
    cometd.unregisterTransports();
    cometd.registerTransport('long-polling', new FetchTransport(fetch));
    cometd.configure({ url, useWorkerScheduler: false, appendMessageTypeToURL: false, logLevel: 'warn' });
    cometd.handshake((reply) => (reply.successful ? resolve(cometd) : reject(new Error(JSON.stringify(reply)))));
  });

const subscribed = (cometd, callback) =>
  new Promise((resolve, reject) => {
    cometd.subscribe(topic, callback, (reply) =>
      reply.successful ? resolve() : reject(new Error(JSON.stringify(reply))),
    );
  });

/** What each of the contenders hands its messages to. */
const createSeen = () => ({ count: 0, last: undefined });

const raw = async (server, ids) => {
  const seen = createSeen();
  const handlers = new Map();
  for (const id of ids) {
    handlers.set(id, (data) => {
      seen.count++;
      seen.last = data.chatStateResourceV2.id;
    });
  }
  const cometd = await openCometD(server.fetch);
  await subscribed(cometd, ({ data }) => handlers.get(data.id)?.(data));
  return seen;
};

const filters = async (server, ids) => {
  const seen = createSeen();
  const messages$ = new Subject();
  for (const id of ids) {
    messages$.pipe(filter((data) => data.id === id)).subscribe((data) => {
      seen.count++;
      seen.last = data.chatStateResourceV2.id;
    });
  }
  const cometd = await openCometD(server.fetch);
  await subscribed(cometd, ({ data }) => messages$.next(data));
  return seen;
};

const listeners = async (server, ids) => {
  const seen = createSeen();
  const cometd = await openCometD(server.fetch);
  await subscribed(cometd, () => undefined);
  for (const id of ids) {
    cometd.addListener(topic, ({ data }) => {
      if (data.id !== id) return;
      seen.count++;
      seen.last = data.chatStateResourceV2.id;
    });
  }
  return seen;
};

/** Subscribes to `watch` of each id, and resolves when each is confirmed. */
export const watchAll = (client, ids, seen, subscriptions = []) =>
  new Promise((resolve, reject) => {
    let waiting = ids.length;
    for (const id of ids) {
      subscriptions.push(
        client.watch(id).subscribe({
          next: (event) => {
            if (event.type === 'item') {
              seen.count++;
              seen.last = event.interaction?.id;
            } else if (event.type === 'state' && --waiting === 0) resolve(subscriptions);
          },
          error: reject,
        }),
      );
    }
  });

const library = async (server, ids, cometd) => {
  const seen = createSeen();
  const client = createWorkbinClient({ baseUrl, fetch: server.fetch, ...(cometd && { cometd }) });
  await watchAll(client, ids, seen);
  return seen;
};

const libraryOverCometD = async (server, ids) => {
  const cometd = await openCometD(server.fetch);
  await server.polled();
  return library(server, ids, cometd);
};

/** Each opens its session over `server`, waits for the messages of `ids`, and resolves with what it has seen. */
export const contenders = { raw, library, libraryOverCometD, filters, listeners };

export const createClient = (server, options) => createWorkbinClient({ baseUrl, fetch: server.fetch, ...options });

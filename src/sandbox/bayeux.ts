import type { IncomingMessage, ServerResponse } from 'node:http';
import cometd from 'cometd-nodejs-server';
import type { CometDServer, ServerMessage, ServerSession } from 'cometd-nodejs-server';
import { KilledClients } from './bayeux-kill.js';
import { failure, hasValidChannels, isMeta, messagesOf, type BayeuxMessage } from './bayeux-message.js';
import { CapturedResponse } from './captured-response.js';
import type { HttpSession } from './http-sessions.js';
import { jsonReply, textReply, type Reply } from './reply.js';
import type { BayeuxKill } from './types.js';

/** A CometD session and the HTTP session that it belongs to, for ever. */
interface Client {
  readonly session: ServerSession;
  readonly httpSession: HttpSession;
  /** Who waits until the client has seen what was sent. */
  readonly watchers: Set<{ isSent: boolean; readonly seen: () => void }>;
}

export interface BayeuxExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly json: unknown;
  readonly httpSession: HttpSession;
  /** The unsuccessful reply that a fault gives to a message. */
  readonly fault: (message: BayeuxMessage) => BayeuxMessage | undefined;
}

/** The Bayeux endpoint: the CometD project's own server, bound to HTTP sessions. */
export class BayeuxEndpoint {
  readonly #timeout: number;
  readonly #clients = new Map<string, Client>();
  readonly #killed = new KilledClients();
  #httpSessionOf = new WeakMap<object, HttpSession>();
  #server: CometDServer;

  constructor(longPollTimeout: number) {
    this.#timeout = longPollTimeout;
    this.#server = this.#createServer();
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Answers a request; `undefined` where the client goes away before. */
  async exchange({ request, response, json, httpSession, fault }: BayeuxExchange): Promise<Reply | undefined> {
    const messages = messagesOf(json);
    if (messages === undefined) return textReply('Bayeux messages expected', 400);
    const own: BayeuxMessage[] = [];
    const forServer: BayeuxMessage[] = [];
    for (const message of messages) {
      this.#markSeen(message);
      const answer = fault(message) ?? invalid(message) ?? this.#killed.answer(message);
      if (answer === undefined) forServer.push(message);
      else own.push(answer);
    }
    const [first] = forServer;
    if (first === undefined) return jsonReply(own);
    const captured = new CapturedResponse(response);
    for (const message of forServer) this.#httpSessionOf.set(message, httpSession);
    // the server takes a body that has been read already, and looks at nothing else but method and cookies
    this.#server.handle({ method: 'POST', headers: request.headers, body: forServer }, captured);
    const reply = await captured.reply;
    if (reply === undefined || reply.body === '') return reply;
    if (own.length === 0 && !this.#killed.has(first)) return reply;
    // an array of messages, as the CometD server has written it
    const replies = JSON.parse(reply.body) as BayeuxMessage[];
    return { ...reply, body: JSON.stringify([...own, ...this.#killed.released(first, replies)]) };
  }

  /**
   * Sends messages to the CometD sessions of the HTTP sessions that fit and that are subscribed to the channel.
   *
   * Resolves once each of those clients has come back after receiving them: never, where one is gone.
   */
  async deliver(fits: (session: HttpSession) => boolean, channel: string, messages: readonly unknown[]): Promise<void> {
    if (messages.length === 0) return;
    const names = [channel, ...this.#server.createServerChannel(channel).wildNames];
    const clients = [...this.#clients.values()].filter(
      ({ session, httpSession }) => fits(httpSession) && session.subscriptions.some(({ name }) => names.includes(name)),
    );
    await Promise.all(
      clients.map(({ session, watchers }) => {
        const seen = new Promise<void>((resolve) => {
          const watcher = {
            isSent: false,
            seen: () => {
              watchers.delete(watcher);
              resolve();
            },
          };
          watchers.add(watcher);
        });
        session.batch(() => {
          for (const message of messages) session.deliver(null, channel, message);
        });
        return seen;
      }),
    );
  }

  kill(how: BayeuxKill): void {
    for (const [clientId, { session }] of [...this.#clients]) {
      this.#killed.add(clientId, how);
      session.disconnect();
    }
  }

  /** Forgets everything, as a restart does. */
  reset(): void {
    this.close();
    this.#killed.clear();
    this.#httpSessionOf = new WeakMap();
    this.#server = this.#createServer();
  }

  close(): void {
    for (const { session } of [...this.#clients.values()]) session.disconnect();
    this.#server.close();
  }

  #createServer(): CometDServer {
    const server = cometd.createCometDServer({ timeout: this.#timeout });
    server.policy = {
      // other agents' clients must not be able to put words into Web Services' mouth
      canPublish: (_session, _message, channel, callback) => callback(undefined, channel.service),
    };
    server.addExtension({
      outgoing: (_server, _sender, _session, message, callback) => {
        // Web Services run CometD 3, whose text this is
        if (message.error === '402::session_unknown') message.error = '402::Unknown client';
        callback(undefined, true);
      },
    });
    server.addListener('sessionAdded', (session: ServerSession, message: ServerMessage) => {
      const httpSession = this.#httpSessionOf.get(message);
      if (httpSession === undefined) return;
      const client: Client = { session, httpSession, watchers: new Set() };
      session.addListener('queueDrain', () => {
        for (const watcher of client.watchers) watcher.isSent = true;
      });
      this.#clients.set(session.id, client);
    });
    server.addListener('sessionRemoved', (session: ServerSession) => {
      this.#clients.delete(session.id);
    });
    return server;
  }

  /** A client that connects after it was sent something has received that, or has lost it for good. */
  #markSeen(message: BayeuxMessage): void {
    const clientId = isMeta(message, 'connect') ? message['clientId'] : undefined;
    const client = typeof clientId === 'string' ? this.#clients.get(clientId) : undefined;
    for (const watcher of [...(client?.watchers ?? [])]) {
      if (watcher.isSent) watcher.seen();
    }
  }
}

function invalid(message: BayeuxMessage): BayeuxMessage | undefined {
  return hasValidChannels(message) ? undefined : failure(message, '400::channel_invalid');
}

import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from './reply.js';

/**
 * The response that the CometD server writes to: what it writes becomes a {@link Reply} that has not left yet.
 *
 * It has the part of `ServerResponse` that cometd-nodejs-server uses.
 */
export class CapturedResponse extends EventEmitter {
  statusCode = 200;
  /** `undefined` where the client went away before the CometD server answered. */
  readonly reply: Promise<Reply | undefined>;
  readonly #response: ServerResponse;
  readonly #headers: Record<string, string> = {};
  readonly #settle: (reply: Reply | undefined) => void;

  constructor(response: ServerResponse) {
    super();
    this.#response = response;
    let settle: (reply: Reply | undefined) => void = () => undefined;
    this.reply = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    response.once('close', () => settle(undefined));
  }

  /** Tells the CometD server that the client is gone. */
  get socket(): Socket | null {
    return this.#response.socket;
  }

  setHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  end(body = ''): void {
    this.#settle({ status: this.statusCode, headers: this.#headers, body });
    this.emit('finish');
  }
}

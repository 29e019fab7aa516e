import type { HttpSession } from './http-sessions.js';
import type { Incoming } from './incoming.js';
import { textReply, type Reply } from './reply.js';

/** CSRF protection as `enableCsrfProtection` gives it. */
export class Csrf {
  /** The header that clients have to send; `undefined` where protection is off. */
  readonly #header: string | undefined;

  constructor(option: boolean | string) {
    this.#header = typeof option === 'string' ? option : option ? 'X-CSRF-TOKEN' : undefined;
  }

  /** What every answer to a GET carries. */
  headersFor(incoming: Incoming, session: HttpSession): Readonly<Record<string, string>> {
    if (this.#header === undefined || incoming.method !== 'GET') return {};
    return { 'X-CSRF-HEADER': this.#header, 'X-CSRF-TOKEN': session.csrfToken };
  }

  /** The refusal of a request that changes something and has no valid token. */
  refuse(incoming: Incoming, session: HttpSession): Reply | undefined {
    if (this.#header === undefined || !['POST', 'PUT', 'DELETE'].includes(incoming.method)) return undefined;
    if (incoming.headers[this.#header.toLowerCase()] === session.csrfToken) return undefined;
    return textReply('Missing or invalid Csrf token', 403);
  }
}

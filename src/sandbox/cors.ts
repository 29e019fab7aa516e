import type { IncomingMessage } from 'node:http';
import type { Reply } from './reply.js';

/** What pages of other origins are allowed, with credentials. */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** The answer to a preflight, which browsers send without credentials; `undefined` where the request is none. */
  preflight(request: IncomingMessage): Reply | undefined {
    const method = request.headers['access-control-request-method'];
    if (this.#origins.size === 0 || request.method !== 'OPTIONS' || method === undefined) return undefined;
    if (!this.#isAllowed(request)) return { status: 403, headers: { Vary: 'Origin' }, body: '' };
    const requested = request.headers['access-control-request-headers'];
    const headers = {
      'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
      'Access-Control-Max-Age': '600',
      ...(requested === undefined ? {} : { 'Access-Control-Allow-Headers': requested }),
    };
    return { status: 204, headers, body: '' };
  }

  /** What every reply to an allowed origin carries, preflights included. */
  headersFor(request: IncomingMessage): Readonly<Record<string, string>> {
    if (this.#origins.size === 0) return {};
    if (!this.#isAllowed(request)) return { Vary: 'Origin' };
    return {
      Vary: 'Origin',
      'Access-Control-Allow-Origin': request.headers.origin ?? '',
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': 'X-CSRF-HEADER, X-CSRF-TOKEN, Retry-After',
    };
  }

  #isAllowed(request: IncomingMessage): boolean {
    return this.#origins.has(request.headers.origin ?? '');
  }
}

import type { ServerResponse } from 'node:http';

/** An HTTP answer that has not left yet, so that faults can still befall it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

export function jsonReply(body: unknown, status = 200, headers: Reply['headers'] = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function textReply(body: string, status: number, headers: Reply['headers'] = {}): Reply {
  const type = body.startsWith('<') ? 'text/html' : 'text/plain';
  return { status, headers: { 'Content-Type': `${type};charset=utf-8`, ...headers }, body };
}

export function withHeaders(reply: Reply, headers: Reply['headers']): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** Adds cookies to those that the reply sets already. */
export function withCookies(reply: Reply, cookies: readonly string[]): Reply {
  if (cookies.length === 0) return reply;
  const present = reply.headers['Set-Cookie'] ?? [];
  return withHeaders(reply, { 'Set-Cookie': [...(typeof present === 'string' ? [present] : present), ...cookies] });
}

/**
 * Hands a reply to the socket, in the same turn. Resolves once it is written or the connection is gone.
 *
 * `midway` sends the length of the whole body, half of the body, and ends the connection.
 */
export function sendReply(response: ServerResponse, reply: Reply, midway = false): Promise<void> {
  const written = new Promise<void>((resolve) => {
    response.once('finish', resolve);
    response.once('close', resolve);
  });
  if (response.destroyed) return Promise.resolve();
  const body = Buffer.from(reply.body, 'utf8');
  const hasBody = reply.status !== 204 && reply.status !== 304;
  response.statusCode = reply.status;
  if (hasBody) response.setHeader('Content-Length', body.length);
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (midway) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
  } else {
    response.end(hasBody ? body : undefined);
  }
  return written;
}

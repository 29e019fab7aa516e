import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request that has been read to its end. */
export interface Incoming {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** The path's segments, decoded; `undefined` where the path cannot be decoded or climbs. */
  readonly segments: readonly string[] | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, where it is JSON; `undefined` where it is none. */
  readonly json: unknown;
}

const MAX_BODY = 1024 * 1024;

/** Reads a request; `undefined` where the client goes away or sends more than a megabyte. */
export async function readIncoming(request: IncomingMessage): Promise<Incoming | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    method: request.method ?? 'GET',
    url,
    segments: segmentsOf(mark < 0 ? url : url.slice(0, mark)),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: request.headers,
    text,
    json: parse(text),
  };
}

function segmentsOf(path: string): readonly string[] | undefined {
  const raw = path.slice(1).split('/');
  // `/api/v2/me/` is `/api/v2/me`
  if (raw.at(-1) === '') raw.pop();
  try {
    const segments = raw.map(decodeURIComponent);
    return segments.some((segment) => segment === '.' || segment === '..') ? undefined : segments;
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The workbins that a request's query names, each once; `undefined` where it names none. */
export function workbinIdsOf(query: URLSearchParams): readonly string[] | undefined {
  const value = query.get('workbinIds');
  // servlets decode a parameter before the application splits it, so an encoded comma separates as well
  return value === null || value === '' ? undefined : [...new Set(value.split(','))];
}

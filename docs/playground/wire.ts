/** What passes between the library and the server, seen from its `fetch` option. */
export type WireEvent =
  | { readonly type: 'sent'; readonly method: string; readonly path: string; readonly operation?: string | undefined }
  | {
      readonly type: 'answered';
      readonly method: string;
      readonly path: string;
      readonly operation?: string | undefined;
      readonly status: number;
      readonly body: unknown;
    }
  | { readonly type: 'unanswered'; readonly method: string; readonly path: string }
  | { readonly type: 'message'; readonly message: Readonly<Record<string, unknown>> };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pause = (ms: number, signal: AbortSignal | null | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('aborted', 'AbortError'));
    });
  });

/** How the network of the page is: ms that an answer is on its way, of workbin requests and of CometD. */
export interface Pace {
  readonly reply: number;
  readonly push: number;
}

/**
 * A `fetch` for the library that tells what it carries, and is as slow as one wants to see it.
 *
 * @param isLeaving - whether the page is being left: what is sent then must outlive it
 */
export const tappedFetch =
  (pace: Pace, tell: (event: WireEvent) => void, isLeaving: () => boolean): typeof fetch =>
  async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const path = url.pathname + url.search;
    const method = init?.method ?? 'GET';
    const body = typeof init?.body === 'string' ? parse(init.body) : undefined;
    const isBayeux = url.pathname.endsWith('/notifications');
    const operation = isRecord(body) && typeof body['operationName'] === 'string' ? body['operationName'] : undefined;
    if (!isBayeux) tell({ type: 'sent', method, path, operation });
    let response: Response;
    let text: string;
    try {
      response = await fetch(input, { ...init, keepalive: isLeaving() });
      text = await response.text();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) tell({ type: 'unanswered', method, path });
      throw error;
    }
    const content = parse(text);
    const messages = isBayeux && Array.isArray(content) ? content.filter(isRecord) : [];
    const isPush = messages.some(({ channel }) => typeof channel === 'string' && !channel.startsWith('/meta/'));
    const delay = operation !== undefined ? pace.reply : isPush ? pace.push : 0;
    if (delay > 0) await pause(delay, init?.signal);
    if (!isBayeux) tell({ type: 'answered', method, path, operation, status: response.status, body: content });
    for (const message of messages) tell({ type: 'message', message });
    if (isBayeux && messages.length === 0) tell({ type: 'unanswered', method, path });
    return new Response(text, { status: response.status, headers: response.headers });
  };

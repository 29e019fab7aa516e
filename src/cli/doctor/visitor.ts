import { CookieJar } from 'tough-cookie';

/** An HTTP answer, read to its end, or to as much of it as says what it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: unknown;
}

const longestBody = 1_000_000;

const read = async (response: Response): Promise<string> => {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = '';
  for (;;) {
    const { done, value } = (await reader.read()) as { readonly done: boolean; readonly value?: Uint8Array }; // as fetch has it
    if (done || value === undefined) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > longestBody) {
      await reader.cancel();
      return text;
    }
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** A visitor to a server: HTTP with cookies, credentials and CSRF token, and nothing done behind one's back. */
export class Visitor {
  readonly jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  authorization: string | undefined;
  csrf: { readonly name: string; readonly value: string } | undefined;
  /** Of the last answer. */
  lastHeaders = new Headers();
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** One exchange; a redirect is an answer like any other. */
  async send(path: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
    const url = this.#base + path;
    const cookies = this.jar.getCookieStringSync(url);
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/json',
        ...(this.authorization === undefined ? {} : { authorization: this.authorization }),
        ...(cookies === '' ? {} : { cookie: cookies }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body === undefined || this.csrf === undefined ? {} : { [this.csrf.name]: this.csrf.value }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) this.jar.setCookieSync(cookie, url, { ignoreError: true });
    this.lastHeaders = response.headers;
    const text = await read(response);
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  /** The path that is asked in truth: what GWS_URL has in front belongs to it. */
  pathOf(path: string): string {
    return new URL(this.#base + path).pathname;
  }

  /** The value of a cookie that goes to this path. */
  cookie(name: string, path: string): string | undefined {
    return this.jar.getCookiesSync(this.#base + path).find(({ key }) => key === name)?.value;
  }
}

/** A field of what may be an object. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;

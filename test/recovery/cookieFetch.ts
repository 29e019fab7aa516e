/** A fetch that keeps cookies to itself, as a browser's does: the library sees none of them. */
export class CookieFetch {
  readonly cookies = new Map<string, string>();
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    if (this.cookies.size > 0) headers.set('cookie', [...this.cookies].map((pair) => pair.join('=')).join('; '));
    const response = await globalThis.fetch(input, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    const visible = new Headers(response.headers);
    visible.delete('set-cookie');
    return new Response(response.body, { status: response.status, headers: visible });
  };
}

/** What `npm run docs:serve` tells of its sandbox. */
export interface SandboxInfo {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly users: readonly { readonly id: string; readonly userName: string }[];
  readonly workbins: readonly { readonly id: string; readonly displayName: string; readonly type: string }[];
}

const control = 'control';

/** The sandbox beside the site; `undefined` where the page is served by something else. */
export const findSandbox = async (): Promise<SandboxInfo | undefined> => {
  try {
    const response = await fetch(control, { headers: { accept: 'application/json' } });
    // Our own server, of the same version as this page.
    return response.ok ? ((await response.json()) as SandboxInfo) : undefined;
  } catch {
    return undefined;
  }
};

/** Asks for a fault, an item, the end of a session. */
export const ask = async (wish: object): Promise<Readonly<Record<string, unknown>>> => {
  const response = await fetch(control, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  });
  if (!response.ok) throw new Error(`the sandbox refused: ${await response.text()}`);
  return (await response.json()) as Readonly<Record<string, unknown>>;
};

// The page of the browser tests: the library as an application's bundler takes it, and a way to tell Node what it emits.
import { CometD } from 'cometd';
import type { Observable, Subscription } from 'rxjs';
import { type WorkbinClient, type WorkbinClientOptions, createWorkbinClient, isSubscriptionError } from 'rx-workbins';

/** What Node is told. */
export interface Report {
  readonly name: string;
  readonly kind: 'next' | 'error' | 'complete' | 'violation';
  readonly value: unknown;
}

const plain = (value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  if (isSubscriptionError(value)) {
    return { name: value.name, message: value.message, subscribed: value.subscribed, failed: plain(value.failed) };
  }
  if (value instanceof Error) {
    return {
      name: value.name,
      message: value.message,
      ...('code' in value ? { code: value.code } : {}),
      cause: plain(value.cause),
    };
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  }
  return value;
};

const tools = {
  CometD,
  createWorkbinClient,
  /** The page's client, if it wants one only. */
  client: undefined as WorkbinClient | undefined,
  subscriptions: new Map<string, Subscription>(),
  make(options: WorkbinClientOptions): WorkbinClient {
    return (tools.client = createWorkbinClient(options));
  },
  get made(): WorkbinClient {
    if (tools.client === undefined) throw new Error('make() a client first');
    return tools.client;
  },
  /** Subscribes, and tells Node what comes. */
  tell(name: string, source$: Observable<unknown>): void {
    const subscription = source$.subscribe({
      next: (value) => void window.report({ name, kind: 'next', value: plain(value) }),
      error: (error: unknown) => void window.report({ name, kind: 'error', value: plain(error) }),
      complete: () => void window.report({ name, kind: 'complete', value: undefined }),
    });
    tools.subscriptions.set(name, subscription);
  },
};

declare global {
  interface Window {
    report(report: Report): Promise<void>;
    tools: typeof tools;
  }
}

document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  void window.report({ name: 'csp', kind: 'violation', value: `${violatedDirective} ${blockedURI}` });
});
window.tools = tools;

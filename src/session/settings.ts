import type { CometD } from 'cometd';
import { type Observable, type SchedulerLike, asyncScheduler } from 'rxjs';
import { ArgumentError } from '../errors.js';
import type { RetryOptions } from '../transport/retry.js';

/** Header fields by name. */
export type HeadersRecord = Readonly<Record<string, string>>;

/**
 * HTTP Basic credentials.
 *
 * @category client
 */
export interface BasicAuth {
  readonly username: string;
  readonly password: string;
}

/**
 * Gives the headers that authenticate a request; asked at first need, and again after a 401.
 *
 * @category client
 */
export type AuthProvider = () => HeadersRecord | Promise<HeadersRecord> | Observable<HeadersRecord>;

/**
 * Hears what the library has to tell; never a credential, a cookie or a token.
 *
 * @category client
 */
export type Logger = (level: 'debug' | 'info' | 'warn', message: string, details?: object) => void;

/**
 * How a client is made.
 *
 * @category client
 */
export interface WorkbinClientOptions {
  /** The origin of Web Services, or origin and path in front of `/api/v2`. No credentials in it: see `auth`. */
  readonly baseUrl: string | URL;
  /** Basic credentials, or a function that gives headers. Left out where the browser's own session serves. */
  readonly auth?: BasicAuth | AuthProvider;
  /**
   * Default: the platform's fetch, in Node with a cookie jar of the client's own (cross-fetch where the platform has
   * none). One that is given owns its cookies.
   */
  readonly fetch?: typeof globalThis.fetch;
  /** An application's existing CometD session: used, never configured, handshaken or disconnected. */
  readonly cometd?: CometD;
  /**
   * Starts a contact centre session on connecting, again after a loss, and ends it on `close()`. For scripts that run
   * alone; default none, and the application's own stays untouched.
   */
  readonly contactCenterSession?: { readonly channels: readonly string[]; readonly place?: string };
  /** ms a subscription may take, default 30 000; `Infinity` for none. */
  readonly timeout?: number;
  /** How transient failures are retried. */
  readonly retry?: RetryOptions;
  /** Whether what is asked in one turn of the event loop shares requests; default true. */
  readonly coalesce?: boolean;
  /**
   * Characters of a request's URL, default 6 500, less what the headers of `auth` take beyond 200: with all headers, small
   * enough for Jetty's 8 KiB.
   */
  readonly maxUrlLength?: number;
  /** Default silent. */
  readonly logger?: Logger;
  /** RxJS scheduler of every timer, for virtual time; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** The options with every default in its place. */
export interface Settings
  extends
    Required<Pick<WorkbinClientOptions, 'timeout' | 'coalesce' | 'scheduler'>>,
    Pick<WorkbinClientOptions, 'contactCenterSession' | 'maxUrlLength'> {
  readonly baseUrl: string;
  readonly auth: AuthProvider;
  /** Whether asking `auth` again may give something new. */
  readonly isRenewable: boolean;
  readonly retry: Required<RetryOptions>;
  readonly log: Logger;
}

const check = (isGood: boolean, what: string): void => {
  if (!isGood) throw new ArgumentError(`createWorkbinClient: ${what}`);
};

const numeric = (name: string, value: number | undefined, otherwise: number, least = 0): number => {
  check(value === undefined || value >= least, `${name} must be a number, at least ${least}`);
  return value ?? otherwise;
};

/** Why a timeout cannot be waited, if so. */
export const timeoutFault = (timeout: number): ArgumentError | undefined =>
  timeout >= 0 ? undefined : new ArgumentError(`timeout must be at least 0 ms, got ${timeout}`);

const baseUrlOf = (value: unknown): string => {
  let url: Partial<URL> = {};
  try {
    url = new URL(String(value));
  } catch {
    // Said below.
  }
  const { protocol = '', username, password, search, hash, origin = '', pathname = '' } = url;
  check(
    /^https?:$/.test(protocol) && !username && !password && !search && !hash,
    'baseUrl must be an absolute http or https URL without credentials (see auth), query and fragment',
  );
  const path = pathname.replace(/\/+$/, '');
  check(!path.endsWith('/api/v2'), 'baseUrl must end before /api/v2');
  return origin + path;
};

const authOf = (auth: BasicAuth | AuthProvider | undefined): AuthProvider => {
  if (typeof auth === 'function') return auth;
  if (auth === undefined) return () => ({});
  // What is no object has neither.
  const { username, password } = Object(auth) as BasicAuth;
  check(
    typeof username === 'string' && typeof password === 'string' && !username.includes(':'),
    'auth must be { username, password }, no colon in the username, or a function that gives headers',
  );
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return () => ({ authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` });
};

/**
 * Puts every default in its place.
 *
 * @throws {@link ArgumentError} for options that cannot work
 */
export const settingsOf = (options: WorkbinClientOptions): Settings => {
  check(Object(options) === options, 'options must be an object with a baseUrl');
  const { auth, logger = () => undefined, coalesce = true, scheduler = asyncScheduler } = options;
  const retry = options.retry ?? {};
  numeric('maxUrlLength', options.maxUrlLength, 1, 1);
  return {
    ...options,
    baseUrl: baseUrlOf(options.baseUrl),
    auth: authOf(auth),
    isRenewable: typeof auth === 'function',
    timeout: numeric('timeout', options.timeout, 30_000),
    retry: {
      maxAttempts: numeric('retry.maxAttempts', retry.maxAttempts, 5, 1),
      initialDelay: numeric('retry.initialDelay', retry.initialDelay, 500),
      maxDelay: numeric('retry.maxDelay', retry.maxDelay, 30_000),
      random: retry.random ?? Math.random,
    },
    coalesce,
    log: (...entry) => {
      try {
        logger(...entry);
      } catch (error) {
        // Told as RxJS tells it, and kept out of the session.
        queueMicrotask(() => {
          throw error;
        });
      }
    },
    scheduler,
  };
};

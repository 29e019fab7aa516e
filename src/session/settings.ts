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
  /** Characters of a request's URL, default 6 500: with the headers, small enough for Jetty's 8 KiB. */
  readonly maxUrlLength?: number;
  /** Default silent. */
  readonly logger?: Logger;
  /** RxJS scheduler of every timer, for virtual time; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** The options with every default in its place. */
export interface Settings {
  readonly baseUrl: string;
  readonly auth: BasicAuth | AuthProvider | undefined;
  readonly contactCenterSession: WorkbinClientOptions['contactCenterSession'];
  readonly timeout: number;
  readonly retry: Required<RetryOptions>;
  readonly coalesce: boolean;
  readonly maxUrlLength: number;
  readonly log: Logger;
  readonly scheduler: SchedulerLike;
}

const fail = (option: string, wanted: string): never => {
  throw new ArgumentError(`createWorkbinClient: ${option} must be ${wanted}`);
};

const numeric = (option: string, value: number | undefined, otherwise: number, least = 0): number => {
  if (value === undefined) return otherwise;
  return typeof value === 'number' && value >= least ? value : fail(option, `a number, at least ${least}`);
};

/** Why a timeout cannot be waited, if so. */
export const timeoutFault = (timeout: unknown): ArgumentError | undefined =>
  typeof timeout === 'number' && timeout >= 0
    ? undefined
    : new ArgumentError(`timeout must be a number of milliseconds, at least 0, or Infinity; got ${String(timeout)}`);

const baseUrlOf = (value: unknown): string => {
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    return fail('baseUrl', 'an absolute URL, such as https://gws.example.com');
  }
  if (url.username !== '' || url.password !== '') return fail('baseUrl', 'free of credentials: give them as auth');
  if (!/^https?:$/.test(url.protocol)) return fail('baseUrl', 'an http or https URL');
  if (url.search !== '' || url.hash !== '') return fail('baseUrl', 'free of a query and a fragment');
  return url.origin + url.pathname.replace(/\/+$/, '');
};

const authOf = (auth: unknown): void => {
  if (auth === undefined || typeof auth === 'function') return;
  const isBasic =
    typeof auth === 'object' &&
    auth !== null &&
    'username' in auth &&
    'password' in auth &&
    typeof auth.username === 'string' &&
    typeof auth.password === 'string';
  if (!isBasic) fail('auth', '{ username, password } or a function that gives headers');
  else if (String(auth.username).includes(':')) fail('auth.username', 'free of colons, which HTTP Basic cannot carry');
};

/**
 * Puts every default in its place.
 *
 * @throws {@link ArgumentError} for options that cannot work
 */
export const settingsOf = (options: WorkbinClientOptions): Settings => {
  // JavaScript callers have no compiler.
  const given: Partial<WorkbinClientOptions> | undefined = options;
  if (typeof given !== 'object') return fail('its argument', 'an object with a baseUrl');
  const { auth, contactCenterSession, retry = {}, coalesce = true, timeout = 30_000 } = options;
  authOf(auth);
  const fault = timeoutFault(timeout);
  if (fault !== undefined) throw fault;
  return {
    baseUrl: baseUrlOf(options.baseUrl),
    auth,
    contactCenterSession,
    timeout,
    retry: {
      maxAttempts: numeric('retry.maxAttempts', retry.maxAttempts, 5, 1),
      initialDelay: numeric('retry.initialDelay', retry.initialDelay, 500),
      maxDelay: numeric('retry.maxDelay', retry.maxDelay, 30_000),
      random: retry.random ?? Math.random,
    },
    coalesce,
    maxUrlLength: numeric('maxUrlLength', options.maxUrlLength, 6_500, 1),
    log: options.logger ?? (() => undefined),
    scheduler: options.scheduler ?? asyncScheduler,
  };
};

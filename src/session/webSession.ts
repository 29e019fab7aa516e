import type * as t from 'io-ts';
import {
  type Observable,
  Subject,
  catchError,
  defaultIfEmpty,
  defer,
  from,
  isObservable,
  map,
  of,
  switchMap,
  take,
  tap,
  throwError,
} from 'rxjs';
import { ConnectionError } from '../errors.js';
import { unauthenticated } from './hope.js';
import { type HttpReply, MeResponse, decodeReply, userIdOf } from '../protocol/reply.js';
import { mePath } from '../protocol/request.js';
import { type HttpRequest, longestDelay, send } from '../transport/http.js';
import type { Platform } from '../transport/platform.js';
import { retryTransient } from '../transport/retry.js';
import { createLimit } from './limit.js';
import type { AuthProvider, BasicAuth, HeadersRecord, Settings } from './settings.js';

const basic = ({ username, password }: BasicAuth): HeadersRecord => {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
};

const isLater = (given: ReturnType<AuthProvider>): given is Exclude<typeof given, HeadersRecord> =>
  isObservable(given) || typeof given.then === 'function';

/** ms that a request may take: what hangs is as lost as what fails. */
const requestLimit = 30_000;
const requestsAtOnce = 6;

/** The HTTP session: its credentials, its CSRF token, its identity; what every request goes through. */
export class WebSession {
  /** Emits when another HTTP session has taken the place of the one that was there. */
  readonly replaced$ = new Subject<void>();
  readonly #limit = createLimit(requestsAtOnce);
  #auth: HeadersRecord | undefined;
  #csrf: HeadersRecord = {};
  #wasAccepted = false;
  /** Counts the renewals: what was sent before one may be sent again after it. */
  #renewals = 0;
  #identity: string | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly platform: Platform,
  ) {}

  /** Whether a session that was replaced shows itself with the next answer; where not, it must be asked for. */
  get showsReplacement(): boolean {
    return this.platform.sessionId !== undefined;
  }

  /** What tells this HTTP session from another one, where anything does. */
  get identity(): string | undefined {
    return this.platform.sessionId?.() ?? Object.values(this.#csrf)[0];
  }

  /** Takes what the session is now for what it has to stay. */
  pin(): void {
    this.#identity = this.identity;
  }

  unpin(): void {
    this.#identity = undefined;
  }

  /** `GET /api/v2/me`: a session, its CSRF token, and whose it is. Not retried. */
  establish(): Observable<{ readonly userId: string | undefined }> {
    return this.#exchange('GET', mePath).pipe(map((reply) => ({ userId: userIdOf(decodeOrThrow(MeResponse, reply)) })));
  }

  /** One request to the API, its transient failures retried, its answer decoded. */
  request<A>(
    method: HttpRequest['method'],
    path: string,
    codec: t.Type<A, unknown>,
    body?: object,
    allowed?: readonly number[],
  ): Observable<A> {
    return this.#exchange(method, path, body === undefined ? undefined : JSON.stringify(body)).pipe(
      map((reply) => decodeOrThrow(codec, reply, allowed)),
      catchError((error: unknown) => throwError(() => unauthenticated(error) ?? error)),
      this.#limit(),
      retryTransient(this.settings.retry, this.settings.scheduler),
    );
  }

  /** One Bayeux request; CometD has limits of its own. */
  post(path: string, body: string): Observable<HttpReply> {
    return this.#exchange('POST', path, body, longestDelay);
  }

  #exchange(method: HttpRequest['method'], path: string, body?: string, limit = requestLimit): Observable<HttpReply> {
    const once = (): Observable<HttpReply> =>
      this.#headers().pipe(
        switchMap((auth) => {
          const headers: Record<string, string> = { accept: 'application/json', ...auth };
          if (method === 'POST') Object.assign(headers, this.#csrf, { 'content-type': 'application/json' });
          const request = { method, url: this.settings.baseUrl + path, headers, body };
          return send(this.platform.fetch, request, limit, this.settings.scheduler);
        }),
        tap((reply) => {
          this.#learn(reply);
        }),
      );
    return defer(() => {
      const renewals = this.#renewals;
      return once().pipe(switchMap((reply) => (reply.status === 401 && this.#mayRenew(renewals) ? once() : of(reply))));
    }).pipe(
      switchMap((reply) =>
        method === 'POST' && reply.status === 403 && /csrf/i.test(reply.text)
          ? this.establish().pipe(switchMap(once))
          : of(reply),
      ),
      tap(({ status }) => {
        this.#wasAccepted ||= status < 400;
      }),
    );
  }

  /** A 401 ends the headers and the session that brought it; what never worked is not tried again. */
  #mayRenew(renewals: number): boolean {
    if (renewals !== this.#renewals) return true;
    if (typeof this.settings.auth !== 'function' && !this.#wasAccepted) return false;
    this.settings.log('info', 'not authenticated any more: the session is renewed once');
    this.#renewals++;
    this.#auth = undefined;
    this.#wasAccepted = false;
    this.platform.forgetSession?.();
    return true;
  }

  #headers(): Observable<HeadersRecord> {
    const { auth } = this.settings;
    if (this.#auth !== undefined) return of(this.#auth);
    if (typeof auth !== 'function') return of((this.#auth = auth === undefined ? {} : basic(auth)));
    return defer(() => {
      const given = auth();
      return isLater(given) ? from(given).pipe(take(1), defaultIfEmpty({})) : of(given);
    }).pipe(
      catchError((error: unknown) => throwError(() => new ConnectionError('the auth function failed', error))),
      tap((headers) => {
        checkHeaders(headers);
        this.#auth = headers;
      }),
    );
  }

  #learn({ headers }: HttpReply): void {
    const name = headers.get('x-csrf-header');
    const token = headers.get('x-csrf-token');
    if (name !== null && token !== null) this.#csrf = { [name]: token };
    if (this.#identity !== undefined && this.identity !== this.#identity) {
      this.unpin();
      this.replaced$.next();
    }
  }
}

/** The platform's own error would show the value. */
const checkHeaders = (headers: HeadersRecord): void => {
  try {
    new Headers(headers);
  } catch {
    throw new ConnectionError('the auth function gave headers that HTTP cannot carry');
  }
};

const decodeOrThrow = <A>(codec: t.Type<A, unknown>, reply: HttpReply, allowed?: readonly number[]): A => {
  const result = decodeReply(codec, reply, allowed);
  if (result._tag === 'Left') throw result.left;
  return result.right;
};

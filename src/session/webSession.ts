import type * as t from 'io-ts';
import {
  type Observable,
  Subject,
  catchError,
  concat,
  defer,
  from,
  isObservable,
  map,
  of,
  share,
  switchMap,
  take,
  throwError,
} from 'rxjs';
import { ConnectionError, isConnectionError } from '../errors.js';
import { type HttpReply, MeResponse, decodeReply, userIdOf } from '../protocol/reply.js';
import { mePath } from '../protocol/request.js';
import { longestDelay, send } from '../transport/http.js';
import type { Platform } from '../transport/platform.js';
import { retryTransient } from '../transport/retry.js';
import { unauthenticated } from './hope.js';
import { createLimit } from './limit.js';
import type { AuthProvider, HeadersRecord, Settings } from './settings.js';

/** The HTTP session: its credentials, its CSRF token, its identity; what every request goes through. */
export interface WebSession {
  /** Emits when another HTTP session has taken the place of the one that was pinned. */
  readonly replaced$: Observable<void>;
  /** What tells this HTTP session from another one, where anything does. */
  identity(): string | undefined;
  /** Whether a session that was replaced shows itself with any answer; where not, it must be asked for. */
  readonly showsReplacement: boolean;
  /** ms since the epoch: the last GET was sent whose answer showed this session. */
  provenAt(): number;
  /** Characters that a request's URL may have beside its headers. */
  readonly maxUrlLength: () => number;
  /** Takes what the session is now for what it has to stay. */
  pin(): void;
  /** From now on a browser sends what it is given though its page is left. */
  outliveThePage(): void;
  /** `GET /api/v2/me`: a session, its CSRF token, and whose it is. Not retried. */
  establish(): Observable<string | undefined>;
  /** One request to the API, its transient failures retried, its answer decoded. */
  request<A>(path: string, codec: t.Type<A, unknown>, body?: object, allowed?: readonly number[]): Observable<A>;
  /** One Bayeux request; CometD has limits of its own. */
  post(path: string, body: string): Observable<HttpReply>;
}

/** ms that a request may take: what hangs is as lost as what fails. */
const requestLimit = 30_000;
const requestsAtOnce = 6;
/** Characters that leave room for headers of the usual length in Jetty's 8 KiB, and those of the usual credentials. */
const usualUrl = 6_500;
const usualCredentials = 200;

const decodeOrThrow = <A>(
  codec: t.Type<A, unknown>,
  reply: HttpReply,
  allowed?: readonly number[],
  subject?: string,
): A => {
  const result = decodeReply(codec, reply, allowed, subject);
  if (result._tag === 'Left') throw result.left;
  return result.right;
};

/** Whether the server may give a header its name: HTTP's own, and those with credentials, are not its to give. */
const isOurs = (name: string): boolean =>
  /^[\w-]+$/.test(name) &&
  !/^(authorization|connection|cookie|expect|host|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|via|(content|proxy|sec)-.*)$/i.test(
    name,
  );

const isCsrf = ({ status, text }: HttpReply): boolean => status === 403 && /csrf/i.test(text);

const isLater = (given: ReturnType<AuthProvider>): given is Exclude<typeof given, HeadersRecord> =>
  isObservable(given) || typeof given.then === 'function';

/** Makes the HTTP session of one client. */
export const createWebSession = (settings: Settings, platform: Platform): WebSession => {
  const { auth, scheduler } = settings;
  const replaced = new Subject<void>();
  const limit = createLimit(requestsAtOnce);
  let credentials: HeadersRecord | undefined;
  let csrf: HeadersRecord = {};
  let wasAccepted = false;
  /** Counts the renewals: what was sent before one may be sent again after it. */
  let renewals = 0;
  let pinned: string | undefined;
  let keepalive = false;
  let provenAt = 0;

  const identity = (): string | undefined => platform.sessionId?.() ?? Object.values(csrf)[0];

  /** Asks once for all who wait for an answer at the same time. */
  const asked$ = defer(() => {
    const given = auth();
    return isLater(given) ? concat(from(given), of({})).pipe(take(1)) : of(given);
  }).pipe(
    map((headers) => {
      try {
        new Headers(headers);
      } catch {
        // Without its cause, which would show the value.
        throw new ConnectionError('the auth function gave headers that HTTP cannot carry');
      }
      return (credentials = headers);
    }),
    catchError((error: unknown) =>
      throwError(() => (isConnectionError(error) ? error : new ConnectionError('the auth function failed', error))),
    ),
    share(),
  );
  const authenticate = (): Observable<HeadersRecord> => (credentials === undefined ? asked$ : of(credentials));

  /** A 401 ends the headers and the session that brought it; what never worked is not tried again. */
  const mayRenew = (since: number): boolean => {
    if (since !== renewals) return true;
    if (!settings.isRenewable && !wasAccepted) return false;
    renewals++;
    credentials = undefined;
    wasAccepted = false;
    platform.forgetSession?.();
    return true;
  };

  const learn = (reply: HttpReply, sentAt: number): HttpReply => {
    const name = reply.headers.get('x-csrf-header');
    const token = reply.headers.get('x-csrf-token');
    if (name !== null && token !== null && isOurs(name) && !new Headers(credentials).has(name))
      csrf = { [name]: token };
    wasAccepted ||= reply.status < 400;
    if (pinned !== undefined && identity() !== pinned) {
      pinned = undefined;
      replaced.next();
    } else if (token !== null) {
      provenAt = sentAt;
    }
    return reply;
  };

  const exchange = (path: string, body?: string, limitMs = requestLimit): Observable<HttpReply> => {
    const once = (): Observable<HttpReply> =>
      authenticate().pipe(
        switchMap((headers) => {
          const init =
            body === undefined
              ? { headers: { accept: 'application/json', ...headers } }
              : { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers, ...csrf } };
          const sentAt = scheduler.now();
          return send(platform.fetch, settings.baseUrl + path, { ...init, keepalive }, limitMs, scheduler).pipe(
            map((reply) => learn(reply, sentAt)),
          );
        }),
      );
    return defer(() => {
      const since = renewals;
      return once().pipe(
        switchMap((reply) => (reply.status === 401 && mayRenew(since) ? once() : of(reply))),
        switchMap((reply) => (body !== undefined && isCsrf(reply) ? established$.pipe(switchMap(once)) : of(reply))),
      );
    });
  };

  const established$: Observable<string | undefined> = exchange(mePath).pipe(
    map((reply) => userIdOf(decodeOrThrow(MeResponse, reply, undefined, `GET ${mePath}: `))),
    share(),
  );

  return {
    replaced$: replaced,
    showsReplacement: platform.sessionId !== undefined,
    identity,
    provenAt: () => provenAt,
    maxUrlLength: () =>
      settings.maxUrlLength ?? usualUrl - Math.max(0, JSON.stringify(credentials ?? '').length - usualCredentials),
    pin: () => {
      pinned = identity();
    },
    outliveThePage: () => {
      keepalive = true;
    },
    establish: () => established$,
    request: (path, codec, body, allowed) =>
      exchange(path, body && JSON.stringify(body)).pipe(
        map((reply) => decodeOrThrow(codec, reply, allowed)),
        catchError((error: unknown) => throwError(() => unauthenticated(error) ?? error)),
        // A page that is left has no other turn: what is to be sent is sent now.
        keepalive ? (source$) => source$ : limit(),
        retryTransient(settings.retry, scheduler),
      ),
    post: (path, body) => exchange(path, body, longestDelay),
  };
};

/**
 * The `code` of each error of this library.
 *
 * @category errors
 */
export type WorkbinErrorCode =
  | 'argument'
  | 'api'
  | 'http'
  | 'network'
  | 'decode'
  | 'connection'
  | 'request-failed'
  | 'timeout'
  | 'closed'
  | 'subscription';

const brand = Symbol.for('rx-workbins.error');

/**
 * What all errors of this library extend: a `name`, a literal `code`, and the `cause` where there is one.
 *
 * No field and no text of any of them holds a credential, a cookie or a token.
 *
 * @category errors
 */
export abstract class WorkbinError extends Error {
  /** Tells the kinds of error apart, in a `switch` or a log. */
  abstract readonly code: WorkbinErrorCode;

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * An argument that cannot work, found before any request: an empty id, a comma in one id of several, `.` and `..`,
 * an option out of its range.
 *
 * What to do: correct the call; the message names the argument and the value.
 *
 * @category errors
 */
export class ArgumentError extends WorkbinError {
  override readonly name = 'ArgumentError';
  readonly code = 'argument';
}

/**
 * Web Services answered with a `statusCode` other than 0, whatever the HTTP status, or left an id out of `referenceIds`.
 *
 * What to do: see {@link ApiError.meaning}; 5 and 6 want another user or id, 2 a contact centre session.
 *
 * @category errors
 */
export class ApiError extends WorkbinError {
  override readonly name = 'ApiError';
  readonly code = 'api';

  constructor(
    message: string,
    /** The HTTP status of the answer. */
    readonly status: number,
    /** Web Services' own code, from the body. */
    readonly statusCode: number,
    /** What Web Services says about it, where it says anything. */
    readonly statusMessage: string | undefined,
    /** What the documentation says about `statusCode`. */
    readonly meaning: string,
    /** ms that the server asked to wait before the next try (`Retry-After`). */
    readonly retryAfter?: number | undefined,
  ) {
    super(message);
  }
}

/**
 * An HTTP status that is no success, in an answer without a `statusCode` of its own, after the retries it deserves.
 *
 * What to do: look at what stands between here and Web Services: a proxy, a load balancer, the path in `baseUrl`.
 *
 * @category errors
 */
export class HttpError extends WorkbinError {
  override readonly name = 'HttpError';
  readonly code = 'http';

  constructor(
    message: string,
    /** The HTTP status. */
    readonly status: number,
    /** ms that the server asked to wait before the next try (`Retry-After`). */
    readonly retryAfter?: number | undefined,
  ) {
    super(message);
  }
}

/** HTTP statuses of trouble that passes. */
const passing: readonly number[] = [429, 502, 503, 504];

/**
 * The request never got an answer, after its retries: name resolution, refused, reset, no answer in time.
 *
 * What to do: check `baseUrl` and the network; in a browser, CORS. The platform's own error is the `cause`.
 *
 * @category errors
 */
export class NetworkError extends WorkbinError {
  override readonly name = 'NetworkError';
  readonly code = 'network';
}

/**
 * An answer that is not what the API documents: an HTML login page with status 200, say.
 *
 * What to do: {@link DecodeError.reasons} has the paths; usually something in front of Web Services answered.
 *
 * @category errors
 */
export class DecodeError extends WorkbinError {
  override readonly name = 'DecodeError';
  readonly code = 'decode';

  constructor(
    message: string,
    /** One line for each thing that is not as documented, with its path. */
    readonly reasons: readonly string[],
  ) {
    super(message);
  }
}

/**
 * The session cannot be had: refused credentials (the HTTP or API error is the `cause`), no transport, refused topic.
 *
 * What to do: correct the credentials or the account's rights; no retry can help, so none is made.
 *
 * @category errors
 */
export class ConnectionError extends WorkbinError {
  override readonly name = 'ConnectionError';
  readonly code = 'connection';
}

/**
 * CometD said `RequestFailed` for the workbin.
 *
 * What to do: subscribe again; if it stays, the workbin exists and Web Services cannot observe it now.
 *
 * @category errors
 */
export class RequestFailedError extends WorkbinError {
  override readonly name = 'RequestFailedError';
  readonly code = 'request-failed';

  constructor(
    message: string,
    /** The message, as decoded. */
    readonly notification: {
      readonly id: string;
      readonly stateResource: string;
      readonly referenceId?: number | undefined;
      readonly workbinUserId?: string | undefined;
    },
  ) {
    super(message);
  }
}

/**
 * Nothing came in time.
 *
 * What to do: the message says what was waited for; a longer `timeout`, or look at why the confirmation is missing.
 *
 * @category errors
 */
export class TimeoutError extends WorkbinError {
  override readonly name = 'TimeoutError';
  readonly code = 'timeout';

  constructor(
    message: string,
    /** ms that were waited. */
    readonly timeout: number,
    cause?: unknown,
  ) {
    super(message, cause);
  }
}

/**
 * The client was closed while this was pending, or before it was asked for.
 *
 * What to do: nothing, where closing was meant; else make a new client.
 *
 * @category errors
 */
export class ClosedError extends WorkbinError {
  override readonly name = 'ClosedError';
  readonly code = 'closed';
}

const namedAtMost = 5;

/**
 * The one error that `subscribe`, `unsubscribe` and `watch` end with: the account of every workbin.
 *
 * What to do: go through {@link SubscriptionError.failed}; what is in {@link SubscriptionError.subscribed} works.
 *
 * @category errors
 */
export class SubscriptionError extends WorkbinError {
  override readonly name = 'SubscriptionError';
  readonly code = 'subscription';

  constructor(
    /** The ids that made it (for `unsubscribe`: that reported `Unsubscribed`). */
    readonly subscribed: readonly string[],
    /** The cause for each id that did not, in the order in which they failed; `cause` is the first. */
    readonly failed: ReadonlyMap<string, WorkbinError>,
    operation = 'Subscribe',
  ) {
    const named = Array.from(failed).slice(0, namedAtMost);
    const more = failed.size - named.length;
    super(
      `${operation}: ${failed.size} of ${failed.size + subscribed.length} workbins failed: ` +
        named.map(([id, error]) => `${JSON.stringify(id)} (${error.message})`).join(', ') +
        (more > 0 ? `, and ${more} more` : ''),
      named[0]?.[1],
    );
  }
}

/** Whether the same request may well succeed soon. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NetworkError ||
  ((error instanceof HttpError || error instanceof ApiError) && passing.includes(error.status));

// A second copy of this package in one program has classes of its own: what the brand and the code say then counts.
const guard =
  <E extends WorkbinError>(type: abstract new (...args: never[]) => E, code?: E['code']) =>
  (error: unknown): error is E =>
    error instanceof type ||
    (error instanceof Error && brand in error && (code === undefined || ('code' in error && error.code === code)));

/**
 * Whether something is an error of this library.
 *
 * @example
 * ```ts
 * import { ArgumentError, isWorkbinError } from 'rx-workbins';
 *
 * console.log(isWorkbinError(new ArgumentError('an empty id'))); // true
 * ```
 *
 * @category errors
 */
export const isWorkbinError: (error: unknown) => error is WorkbinError = /* @__PURE__ */ guard(WorkbinError);

/** Whether something is an {@link ArgumentError}. @category errors */
export const isArgumentError: (error: unknown) => error is ArgumentError = /* @__PURE__ */ guard(
  ArgumentError,
  'argument',
);
/** Whether something is an {@link ApiError}. @category errors */
export const isApiError: (error: unknown) => error is ApiError = /* @__PURE__ */ guard(ApiError, 'api');
/** Whether something is an {@link HttpError}. @category errors */
export const isHttpError: (error: unknown) => error is HttpError = /* @__PURE__ */ guard(HttpError, 'http');
/** Whether something is a {@link NetworkError}. @category errors */
export const isNetworkError: (error: unknown) => error is NetworkError = /* @__PURE__ */ guard(NetworkError, 'network');
/** Whether something is a {@link DecodeError}. @category errors */
export const isDecodeError: (error: unknown) => error is DecodeError = /* @__PURE__ */ guard(DecodeError, 'decode');
/** Whether something is a {@link ConnectionError}. @category errors */
export const isConnectionError: (error: unknown) => error is ConnectionError = /* @__PURE__ */ guard(
  ConnectionError,
  'connection',
);
/** Whether something is a {@link RequestFailedError}. @category errors */
export const isRequestFailedError: (error: unknown) => error is RequestFailedError = /* @__PURE__ */ guard(
  RequestFailedError,
  'request-failed',
);
/** Whether something is a {@link TimeoutError} of this library (RxJS has one of its own). @category errors */
export const isTimeoutError: (error: unknown) => error is TimeoutError = /* @__PURE__ */ guard(TimeoutError, 'timeout');
/** Whether something is a {@link ClosedError}. @category errors */
export const isClosedError: (error: unknown) => error is ClosedError = /* @__PURE__ */ guard(ClosedError, 'closed');
/** Whether something is a {@link SubscriptionError}. @category errors */
export const isSubscriptionError: (error: unknown) => error is SubscriptionError = /* @__PURE__ */ guard(
  SubscriptionError,
  'subscription',
);

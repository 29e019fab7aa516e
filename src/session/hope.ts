import { ApiError, ConnectionError, HttpError, type WorkbinError, isWorkbinError } from '../errors.js';
import { notAuthenticated } from '../protocol/reply.js';

const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  (error instanceof HttpError || error instanceof ApiError) && statuses.includes(error.status);

const hasCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof ApiError && codes.includes(error.statusCode);

const connectionError = (error: unknown): ConnectionError =>
  new ConnectionError(
    `the session cannot be had: ${error instanceof Error ? error.message : String(error)}; check the credentials`,
    error,
  );

/** The error for a request without valid credentials; undefined for any other trouble. */
export const unauthenticated = (error: unknown): ConnectionError | undefined =>
  hasStatus(error, 401) || hasCode(error, notAuthenticated) ? connectionError(error) : undefined;

/** The error for a session that the server refuses; undefined for any other trouble. */
export const refusalOf = (error: unknown): ConnectionError | undefined =>
  error instanceof ConnectionError && isWorkbinError(error.cause)
    ? error
    : hasStatus(error, 401, 403) || hasCode(error, 3, 5, 8, notAuthenticated)
      ? connectionError(error)
      : undefined;

/** Whether asking again for a workbin cannot help: invalid, forbidden, not found. */
export const isHopeless = (error: WorkbinError): boolean =>
  error instanceof ApiError
    ? hasCode(error, 1, 3, 5, 6, 8, 10, 11, notAuthenticated)
    : error instanceof ConnectionError || hasStatus(error, 401, 403, 404, 410);

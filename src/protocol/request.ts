import { ArgumentError } from '../errors.js';
import type { WorkbinScope } from '../scope.js';

/** The two operations on a subscription, as Web Services names them. @category subscribing */
export type WorkbinOperation = 'Subscribe' | 'Unsubscribe';

/** The paths of Web Services, from the origin (and path) that `baseUrl` names. */
export const mePath = '/api/v2/me';
export const bayeuxPath = '/api/v2/notifications';
/** The CometD topic of all workbins. */
export const topic = '/v2/me/workbins';

const encode = encodeURIComponent;

const root = (scope: WorkbinScope): string =>
  scope.kind === 'any'
    ? '/api/v2/workbins'
    : scope.kind === 'user'
      ? `/api/v2/users/${encode(scope.userId)}/workbins`
      : `${mePath}/workbins`;

const path = (scope: WorkbinScope, tail: string, ...query: readonly string[]): string => {
  const all = 'name' in scope ? [...query, `${scope.kind}=${encode(scope.name)}`] : query;
  return root(scope) + tail + (all.length > 0 ? `?${all.join('&')}` : '');
};

/** `POST`: the single form for one id, the multiple form for several. */
export const operationPath = (scope: WorkbinScope, ids: readonly string[]): string => {
  const [first = ''] = ids;
  return ids.length === 1
    ? path(scope, `/${encode(first)}`)
    : path(scope, '', `workbinIds=${ids.map(encode).join(',')}`);
};

/** `GET`: all workbins of a scope. */
export const listPath = (scope: WorkbinScope): string => path(scope, '', 'fields=*');

/** `GET`: what is in one workbin. */
export const contentPath = (scope: WorkbinScope, id: string): string => path(scope, `/${encode(id)}`, 'subresources=*');

/**
 * Cuts ids into requests, each at most `maxLength` characters of URL; a single id goes however long it is.
 *
 * A group's workbins go one by one, as only their single form is documented; so does an id with a comma in it.
 */
export const cut = (
  scope: WorkbinScope,
  ids: readonly string[],
  baseLength: number,
  maxLength: number,
): readonly (readonly string[])[] => {
  const empty = baseLength + operationPath(scope, ['', '']).length - 1;
  const chunks: string[][] = [];
  let open: string[] | undefined;
  let length = 0;
  for (const id of ids) {
    const more = encode(id).length + 1;
    if ('name' in scope || id.includes(',')) {
      chunks.push([id]);
    } else if (open !== undefined && length + more <= maxLength) {
      open.push(id);
      length += more;
    } else {
      chunks.push((open = [id]));
      length = empty + more - 1;
    }
  }
  return chunks;
};

const unsendable = (value: unknown, what: string): ArgumentError | undefined => {
  if (typeof value !== 'string') return new ArgumentError(`${what} must be a string, got ${typeof value}`);
  if (value === '') return new ArgumentError(`${what} is empty`);
  try {
    encode(value);
    return undefined;
  } catch {
    return new ArgumentError(`${what} holds half of a surrogate pair, which no URL can carry`);
  }
};

const unroutable = (value: string, what: string): ArgumentError | undefined =>
  unsendable(value, what) ??
  (value === '.' || value === '..'
    ? new ArgumentError(`${what} is "${value}", which no URL path can carry`)
    : undefined);

/** Why a scope cannot be asked, if so. */
export const scopeFault = (scope: WorkbinScope): ArgumentError | undefined =>
  scope.kind === 'user'
    ? unroutable(scope.userId, 'the user id')
    : 'name' in scope
      ? unsendable(scope.name, 'the group name')
      : undefined;

/** Why an id cannot be sent, if so; `several` when it is one of several in a call. */
export const idFault = (id: string, several: boolean): ArgumentError | undefined =>
  unroutable(id, 'the workbin id') ??
  (several && id.includes(',')
    ? new ArgumentError('the workbin id holds a comma, which the form for several cannot carry: ask for it alone')
    : undefined);

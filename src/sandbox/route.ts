import { workbinIdsOf, type Incoming } from './incoming.js';
import type { Reply } from './reply.js';
import type { WorkbinScope } from '../scope.js';
import { refusal } from './status.js';

/** What a URL addresses. */
export type Route =
  | { readonly kind: 'notifications' }
  | { readonly kind: 'me' }
  | { readonly kind: 'workbins'; readonly scope: WorkbinScope; readonly workbinIds: readonly string[] | undefined }
  | { readonly kind: 'workbin'; readonly scope: WorkbinScope; readonly workbinId: string };

const methodsOf: Readonly<Record<Route['kind'], readonly string[]>> = {
  notifications: ['POST'],
  me: ['GET', 'POST'],
  workbins: ['GET', 'POST'],
  workbin: ['GET', 'POST'],
};

export function isBayeux(incoming: Incoming): boolean {
  const [api, version, resource, message, ...rest] = incoming.segments ?? [];
  return (
    api === 'api' &&
    version === 'v2' &&
    resource === 'notifications' &&
    rest.length === 0 &&
    (message === undefined || ['handshake', 'connect', 'disconnect'].includes(message))
  );
}

/** Reads the URL; a refusal where it addresses nothing. */
export function routeOf(incoming: Incoming): Route | { readonly kind: 'refused'; readonly reply: Reply } {
  if (incoming.segments === undefined) return refused(refusal(10, 'The path is malformed'));
  if (isBayeux(incoming)) return { kind: 'notifications' };
  const [api, version, ...rest] = incoming.segments;
  if (api !== 'api' || version !== 'v2') return refused(refusal(6));
  if (rest.length === 1 && rest[0] === 'me') return { kind: 'me' };
  return workbinsRoute(rest, incoming.query);
}

export function refuseMethod(incoming: Incoming, route: Route): Reply | undefined {
  const methods = methodsOf[route.kind];
  if (methods.includes(incoming.method)) return undefined;
  const reply = refusal(3, `${incoming.method} is not allowed here`, 405);
  return { ...reply, headers: { ...reply.headers, Allow: methods.join(', ') } };
}

function workbinsRoute(
  segments: readonly string[],
  query: URLSearchParams,
): Route | { readonly kind: 'refused'; readonly reply: Reply } {
  const base = baseOf(segments);
  if (base === undefined) return refused(refusal(6));
  const scope = scopeIn(base.scope, query);
  if (scope === undefined) {
    return refused(refusal(10, "A workbin is a user's, an agentGroup's or a placeGroup's: name one, not empty"));
  }
  const [workbinId, ...more] = base.rest;
  if (workbinId === undefined) return { kind: 'workbins', scope, workbinIds: workbinIdsOf(query) };
  return more.length > 0 || workbinId === '' ? refused(refusal(6)) : { kind: 'workbin', scope, workbinId };
}

function baseOf(
  segments: readonly string[],
): { readonly scope: WorkbinScope; readonly rest: readonly string[] } | undefined {
  const [first, second, third] = segments;
  if (first === 'workbins') return { scope: { kind: 'any' }, rest: segments.slice(1) };
  if (first === 'me' && second === 'workbins') return { scope: { kind: 'me' }, rest: segments.slice(2) };
  if (first === 'users' && second !== undefined && second !== '' && third === 'workbins') {
    return { scope: { kind: 'user', userId: second }, rest: segments.slice(3) };
  }
  return undefined;
}

/** Groups are named in the query, on top of `me` (documented) or of no scope at all. */
function scopeIn(scope: WorkbinScope, query: URLSearchParams): WorkbinScope | undefined {
  const [agentGroup, placeGroup] = [query.get('agentGroup'), query.get('placeGroup')];
  if (agentGroup === null && placeGroup === null) return scope;
  if (scope.kind === 'user' || (agentGroup !== null && placeGroup !== null)) return undefined;
  if (agentGroup !== null && agentGroup !== '') return { kind: 'agentGroup', name: agentGroup };
  if (placeGroup !== null && placeGroup !== '') return { kind: 'placeGroup', name: placeGroup };
  return undefined;
}

function refused(reply: Reply): { readonly kind: 'refused'; readonly reply: Reply } {
  return { kind: 'refused', reply };
}

import { timingSafeEqual } from 'node:crypto';
import type { HttpSession, HttpSessions } from './http-sessions.js';
import type { Incoming } from './incoming.js';
import { textReply, withHeaders, type Reply } from './reply.js';
import { refusal } from './status.js';
import type { SandboxUser } from './types.js';

const COOKIE = 'JSESSIONID';

export type Authentication =
  | { readonly refused: Reply }
  | { readonly refused?: never; readonly session: HttpSession; readonly cookies: readonly string[] };

/**
 * Finds the HTTP session of a request, or makes one.
 *
 * Basic credentials decide who asks. Without any, a valid `JSESSIONID` stands for the user who logged in with it; with
 * those of another user the session is not his, and he gets a new one.
 */
export function authenticate(
  incoming: Incoming,
  users: readonly SandboxUser[],
  sessions: HttpSessions,
): Authentication {
  const ids = sessionIdsOf(incoming.headers.cookie);
  if (ids.length > 1) return { refused: textReply('Duplicate valid session cookies', 400) };
  const present = sessions.find(ids[0] ?? '');
  const authorization = incoming.headers.authorization;
  const user = authorization === undefined ? present?.user : userOf(authorization, users);
  if (user === undefined) {
    const challenge = { 'WWW-Authenticate': 'Basic realm="Genesys Web Services"' };
    return { refused: withHeaders(refusal(20), challenge) };
  }
  if (present?.user === user) return { session: present, cookies: [] };
  const session = sessions.create(user);
  return { session, cookies: [`${COOKIE}=${session.id}; Path=/; HttpOnly`] };
}

function sessionIdsOf(cookie = ''): readonly string[] {
  return cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${COOKIE}=`))
    .map((pair) => pair.slice(COOKIE.length + 1));
}

function userOf(authorization: string, users: readonly SandboxUser[]): SandboxUser | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  return users.find((user) => isSame(credentials, `${user.userName}:${user.password}`));
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

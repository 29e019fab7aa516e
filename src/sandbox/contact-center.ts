import type { HttpSession, HttpSessions } from './http-sessions.js';
import { jsonReply, type Reply } from './reply.js';
import { refusal, statusMessageOf } from './status.js';

const knownChannels: ReadonlySet<unknown> = new Set([
  'voice',
  'chat',
  'email',
  'facebook',
  'facebooksession',
  'im',
  'openmedia',
  'sms',
  'twitter',
  'workitem',
]);

/** `GET /api/v2/me` */
export function describeUser({ user }: HttpSession, url: string): Reply {
  const path = `/users/${encodeURIComponent(user.id)}`;
  return jsonReply({
    statusCode: 0,
    user: {
      id: user.id,
      userName: user.userName,
      firstName: user.userName,
      lastName: '',
      roles: user.supervisor === true ? ['ROLE_AGENT', 'ROLE_SUPERVISOR'] : ['ROLE_AGENT'],
      enabled: true,
      changePasswordOnFirstLogin: false,
      uri: `${url}/api/v2${path}`,
      path,
    },
  });
}

/** `StartContactCenterSession`. A channel that does not exist fails: alone (7), or with all the others (its code). */
export function startSession(session: HttpSession, body: Readonly<Record<string, unknown>>): Reply {
  const { channels, place } = body;
  if (channels === undefined) return refusal(1, 'The parameter channels is missing');
  if (!Array.isArray(channels) || !channels.every((channel) => typeof channel === 'string')) {
    return refusal(10, 'The parameter channels must be an array of channel names');
  }
  if (channels.length === 0) return refusal(1, 'The parameter channels is empty');
  if (place !== undefined && typeof place !== 'string') return refusal(10, 'The parameter place must be a name');
  const failed = channels.filter((channel) => !knownChannels.has(channel));
  if (failed.length === channels.length) return refusal(6, `Channel ${failed.join(', ')} was not found`);
  session.isContactCenterSessionStarted = true;
  if (failed.length === 0) return jsonReply({ statusCode: 0 });
  // that each failed part has a statusCode and a statusMessage is documented, the shape around them is not
  const errors = failed.map((channel) => ({ channel, statusCode: 6, statusMessage: statusMessageOf(6) }));
  return jsonReply({ statusCode: 7, statusMessage: statusMessageOf(7), errors });
}

/** `EndContactCenterSession`: the HTTP session is gone with it. */
export function endSession(session: HttpSession, sessions: HttpSessions): Reply {
  sessions.invalidate(session);
  return jsonReply({ statusCode: 0 });
}

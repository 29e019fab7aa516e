import test from 'ava';
import {
  ApiError,
  ClosedError,
  ConnectionError,
  DecodeError,
  HttpError,
  NetworkError,
  RequestFailedError,
  TimeoutError,
  WorkbinError,
} from '../../src/index.js';
import type { Fault, FaultMatch, SandboxOptions } from '../../src/sandbox/index.js';
import { A, accountOf, B, open, record, state, type Wire } from './wire.js';

const loginPage = '<!DOCTYPE html><html><body><form action="/login">Please log in</form></body></html>';
const subscribes: FaultMatch = { operation: 'Subscribe' };

interface Row {
  readonly fault?: readonly [FaultMatch, Fault];
  readonly sandbox?: SandboxOptions;
  readonly act?: (wire: Wire) => Promise<void>;
  /** Timers to wait for and to let pass, one after another. */
  readonly passes?: readonly number[];
  readonly type: abstract new (...args: never[]) => WorkbinError;
  readonly code: string;
  readonly fields?: object;
  readonly cause?: { readonly name: string };
  readonly says: RegExp;
}

const backoffs = [500, 1_000, 2_000, 4_000];

const api = (statusCode: number, status?: number, statusMessage?: string): Fault => ({
  kind: 'status',
  statusCode,
  ...(status === undefined ? {} : { status }),
  ...(statusMessage === undefined ? {} : { statusMessage }),
});

/** The table of errors: what the wire does, and what each workbin of the account says of it. */
const rows: Readonly<Record<string, Row>> = {
  'a statusCode with HTTP status 200 is an ApiError': {
    fault: [subscribes, api(6, 200, 'No such workbin')],
    type: ApiError,
    code: 'api',
    fields: { status: 200, statusCode: 6, statusMessage: 'No such workbin', meaning: 'resource not found' },
    says: /statusCode 6 \(resource not found\).*No such workbin/,
  },
  'a statusCode with HTTP status 403 is an ApiError': {
    fault: [subscribes, api(5)],
    type: ApiError,
    code: 'api',
    fields: { status: 403, statusCode: 5, meaning: 'no permission' },
    says: /no permission/,
  },
  'a statusCode with HTTP status 500 is an ApiError': {
    fault: [subscribes, api(4)],
    type: ApiError,
    code: 'api',
    fields: { status: 500, statusCode: 4, meaning: 'internal error' },
    says: /internal error/,
  },
  'a contact centre session that is not started is an ApiError that asks for it': {
    sandbox: { requireContactCenterSession: true },
    type: ApiError,
    code: 'api',
    fields: { status: 409, statusCode: 2 },
    says: /contact centre session/,
  },
  'an undocumented statusCode is an ApiError': {
    fault: [subscribes, { kind: 'reply', body: { statusCode: 4711 } }],
    type: ApiError,
    code: 'api',
    fields: { status: 200, statusCode: 4711, statusMessage: undefined, meaning: 'not documented' },
    says: /4711/,
  },
  'a statusCode 7 without any reference is an ApiError': {
    fault: [subscribes, { kind: 'reply', body: { statusCode: 7, statusMessage: 'None' } }],
    type: ApiError,
    code: 'api',
    fields: { statusCode: 7, meaning: 'partial success' },
    says: /partial success.*None/,
  },
  'a reply without any reference id is an ApiError': {
    fault: [subscribes, { kind: 'reply', body: { statusCode: 0, referenceIds: {} } }],
    type: ApiError,
    code: 'api',
    fields: { status: 200, statusCode: 0 },
    says: /left out of the reply/,
  },
  'an HTTP status without a body is an HttpError': {
    fault: [subscribes, { kind: 'reply', status: 404, body: 'Not Found' }],
    type: HttpError,
    code: 'http',
    fields: { status: 404 },
    says: /HTTP status 404/,
  },
  'an HTTP status that stays is an HttpError after its retries': {
    fault: [subscribes, { kind: 'reply', status: 503, body: 'Service Unavailable' }],
    passes: backoffs,
    type: HttpError,
    code: 'http',
    fields: { status: 503 },
    says: /HTTP status 503/,
  },
  'a redirect to elsewhere is an HttpError that says so': {
    fault: [subscribes, { kind: 'reply', status: 307, headers: { Location: 'https://sso.example.com/' } }],
    type: HttpError,
    code: 'http',
    fields: { status: 307 },
    says: /redirect/,
  },
  'a connection that is reset is a NetworkError after its retries': {
    fault: [subscribes, { kind: 'reset' }],
    passes: backoffs,
    type: NetworkError,
    code: 'network',
    cause: { name: 'TypeError' },
    says: /check baseUrl and the network/,
  },
  'a reply that breaks off is a NetworkError after its retries': {
    fault: [subscribes, { kind: 'reset-midway' }],
    passes: backoffs,
    type: NetworkError,
    code: 'network',
    cause: { name: 'TypeError' },
    says: /check baseUrl and the network/,
  },
  'an HTML login page with status 200 is a DecodeError': {
    fault: [subscribes, { kind: 'reply', body: loginPage }],
    type: DecodeError,
    code: 'decode',
    says: /characters that are no JSON/,
  },
  'an answer of another shape is a DecodeError that quotes nothing of it': {
    fault: [subscribes, { kind: 'reply', body: { access_token: 'hush' } }],
    type: DecodeError,
    code: 'decode',
    says: /access_token: string(?!.*hush)/,
  },
  'an answer of another shape is a DecodeError with its paths': {
    fault: [subscribes, { kind: 'reply', body: { statusCode: 0, referenceId: 'fourteen' } }],
    type: DecodeError,
    code: 'decode',
    says: /referenceId.*referenceId: string/,
  },
  'RequestFailed is a RequestFailedError with its message': {
    fault: [subscribes, { kind: 'request-failed' }],
    type: RequestFailedError,
    code: 'request-failed',
    fields: { notification: state('RequestFailed', A) },
    says: /RequestFailed.*try again/,
  },
  'a message that never comes is a TimeoutError': {
    fault: [subscribes, { kind: 'push', change: (message) => ({ ...message, id: B }) }],
    act: async ({ client, clock }) => {
      await record(client.notifications$).until(({ id }) => id === B);
      clock.advance(30_000);
    },
    type: TimeoutError,
    code: 'timeout',
    fields: { timeout: 30_000 },
    says: /no confirmation through CometD within 30000 ms/,
  },
  'a session that does not come in time is a TimeoutError with the trouble as its cause': {
    fault: [{ channel: '/meta/handshake' }, { kind: 'bayeux', error: '500::internal' }],
    act: async ({ clock }) => {
      await clock.timer(500);
      clock.advance(30_000);
    },
    type: WorkbinError,
    code: 'timeout',
    fields: { timeout: 30_000 },
    cause: { name: 'ConnectionError' },
    says: /no session within 30000 ms/,
  },
  'a client that closes is a ClosedError': {
    fault: [subscribes, { kind: 'hang' }],
    act: async ({ client, sandbox }) => {
      await sandbox.request(({ operationName }) => operationName === 'Subscribe');
      await client.close();
    },
    type: ClosedError,
    code: 'closed',
    says: /client was closed/,
  },
  'refused credentials are a ConnectionError with the API error as its cause': {
    fault: [{ path: '/api/v2/me' }, api(20, 401)],
    type: ConnectionError,
    code: 'connection',
    cause: { name: 'ApiError' },
    says: /check the credentials/,
  },
  'refused credentials are a ConnectionError with the HTTP error as its cause': {
    fault: [{ path: '/api/v2/me' }, { kind: 'reply', status: 401, body: 'Unauthorized' }],
    type: ConnectionError,
    code: 'connection',
    cause: { name: 'HttpError' },
    says: /check the credentials/,
  },
  'a handshake that is refused is a ConnectionError': {
    fault: [{ channel: '/meta/handshake' }, { kind: 'bayeux', error: '403::denied' }],
    passes: [500],
    type: ConnectionError,
    code: 'connection',
    says: /\/meta\/handshake: 403::denied/,
  },
  'a server without long polling is a ConnectionError': {
    fault: [
      { channel: '/meta/handshake' },
      {
        kind: 'reply',
        body: [
          {
            id: '1',
            channel: '/meta/handshake',
            successful: false,
            error: '400::unsupported',
            supportedConnectionTypes: ['websocket'],
          },
        ],
      },
    ],
    passes: backoffs,
    type: ConnectionError,
    code: 'connection',
    says: /\/meta\/handshake/,
  },
  'a topic that is refused is a ConnectionError': {
    fault: [{ channel: '/meta/subscribe' }, { kind: 'bayeux', error: '403::subscription denied' }],
    passes: [500],
    type: ConnectionError,
    code: 'connection',
    says: /\/meta\/subscribe: 403::subscription denied/,
  },
  'an HTML login page instead of a session is a DecodeError': {
    fault: [{ path: '/api/v2/me' }, { kind: 'reply', body: loginPage }],
    type: DecodeError,
    code: 'decode',
    says: /characters that are no JSON/,
  },
};

for (const [title, { fault, act, passes = [], type, code, fields = {}, cause, says, ...options }] of Object.entries(
  rows,
)) {
  test(`subscribe: ${title}`, async (t) => {
    const wire = await open(t, options);
    const { sandbox, client, clock } = wire;
    if (fault !== undefined) sandbox.fault(...fault);
    const subscribing = record(client.subscribe(A));
    void act?.(wire);
    for (const delay of passes) await Promise.race([subscribing.ended, clock.pass(delay)]);
    const account = await accountOf(subscribing);
    t.is(account.code, 'subscription');
    t.deepEqual(account.subscribed, []);
    t.deepEqual([...account.failed.keys()], [A]);
    const error = account.failed.get(A);
    t.is(account.cause, error);
    if (error === undefined) return;
    t.true(error instanceof type);
    t.true(error instanceof WorkbinError);
    t.like(error, { code, ...fields });
    t.regex(error.message, says);
    t.regex(account.message, says);
    t.true(account.message.includes(`"${A}"`));
    t.regex(account.message, /1 of 1 workbins failed/);
    if (cause !== undefined) t.like(error.cause, cause);
  });
}

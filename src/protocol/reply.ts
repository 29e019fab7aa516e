import type { Either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { ApiError, DecodeError, HttpError } from '../errors.js';
import { glimpse, reasonsOf } from './decode.js';

/** An HTTP answer, read to its end. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** ms until the server wants the next try (`Retry-After`). */
  readonly retryAfter?: number | undefined;
}

/**
 * The reply to Subscribe and Unsubscribe, as decoded: `referenceId` for one workbin, `referenceIds` for several.
 *
 * @category events
 */
export type SubscribeResponse =
  | { readonly statusCode: number; readonly statusMessage?: string | undefined; readonly referenceId: number }
  | {
      readonly statusCode: number;
      readonly statusMessage?: string | undefined;
      /** By workbin id, in any order. */
      readonly referenceIds: Readonly<Record<string, number>>;
    };

const status = t.intersection([
  t.type({ statusCode: t.number }),
  t.partial({ statusMessage: t.union([t.string, t.undefined]) }),
]);

/** The codec of {@link SubscribeResponse}. @category events */
export const SubscribeResponse: t.Type<SubscribeResponse, unknown> = t.intersection([
  status,
  t.union([t.type({ referenceId: t.number }), t.type({ referenceIds: t.record(t.string, t.number) })]),
]);

/** The reference id of each of the ids that were asked for, as far as the reply names them. */
export const referenceIdsOf = (response: SubscribeResponse, ids: readonly string[]): ReadonlyMap<string, number> => {
  const [only, ...others] = ids;
  const named = new Map(
    'referenceIds' in response
      ? Object.entries(response.referenceIds)
      : only !== undefined && others.length === 0
        ? [[only, response.referenceId]]
        : [],
  );
  const own = new Map<string, number>();
  for (const id of ids) {
    const referenceId = named.get(id);
    if (referenceId !== undefined) own.set(id, referenceId);
  }
  return own;
};

/**
 * A workbin as `list()` and `content()` describe it.
 *
 * `GET …/workbins?fields=*`.
 *
 * @category reading
 */
export interface Workbin {
  readonly id: string;
  /** Web Services calls it `workbinName` or `name`. */
  readonly name?: string | undefined;
  readonly displayName?: string | undefined;
  readonly uri?: string | undefined;
  /** `Agent`, `Place`, `AgentGroup`, `PlaceGroup`. */
  readonly type?: string | undefined;
  readonly [field: string]: unknown;
}

const optionalString = t.union([t.string, t.undefined]);
const workbin = t.intersection([
  t.type({ id: t.string }),
  t.partial({
    name: optionalString,
    workbinName: optionalString,
    displayName: optionalString,
    uri: optionalString,
    type: optionalString,
  }),
  t.UnknownRecord,
]);

export const WorkbinsResponse = t.type({ workbins: t.array(workbin) });
export const WorkbinResponse = t.type({
  workbin: t.intersection([t.UnknownRecord, t.partial(workbin.types[1].props)]),
});

const identity = t.type({ id: t.string });
/** `GET /api/v2/me`: where the user's id stands in it is not documented alike everywhere. */
export const MeResponse = t.partial({ user: t.unknown, me: t.unknown, id: t.unknown });

/** The user id in an answer to `GET /api/v2/me`. */
export const userIdOf = (me: t.TypeOf<typeof MeResponse>): string | undefined =>
  [me.user, me.me, me].find(identity.is)?.id;

/** What Web Services documents about its status codes (ReturnValues). */
const meanings: Readonly<Record<number, string>> = {
  1: 'required parameter missing',
  2: 'parameter not valid for the current state; is a contact centre session started?',
  3: 'operation forbidden',
  4: 'internal error',
  5: 'no permission',
  6: 'resource not found',
  7: 'partial success',
  8: 'change of password demanded',
  9: 'processing incomplete',
  10: 'input validation',
  11: 'read-only property',
  12: 'unable to retrieve',
  13: 'unable to create',
  14: 'unable to delete',
  15: 'unable to update',
  16: 'unable to assign',
  17: 'unable to unassign',
  18: 'exists already',
  19: 'in use already',
  20: 'not authenticated',
};

export const partialSuccess = 7;
export const notAuthenticated = 20;

export const apiError = (
  { status: httpStatus, retryAfter }: Pick<HttpReply, 'status' | 'retryAfter'>,
  { statusCode, statusMessage }: { readonly statusCode: number; readonly statusMessage?: string | undefined },
  what = 'refused',
): ApiError => {
  const meaning = meanings[statusCode] ?? (statusCode === 0 ? 'success' : 'not documented');
  const said = statusMessage === undefined ? '' : `: ${glimpse(statusMessage)}`;
  return new ApiError(
    `${what} with statusCode ${statusCode} (${meaning})${said}`,
    httpStatus,
    statusCode,
    statusMessage,
    meaning,
    retryAfter,
  );
};

const left = <E>(error: E): Either<E, never> => ({ _tag: 'Left', left: error });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * What an answer says: the body that `codec` describes, or why not.
 *
 * A `statusCode` speaks first, whatever the HTTP status; `allowed` are those that are no failure.
 */
export const decodeReply = <A>(
  codec: t.Type<A, unknown>,
  reply: HttpReply,
  allowed: readonly number[] = [0],
): Either<ApiError | HttpError | DecodeError, A> => {
  const body = parsed(reply.text);
  const ok = reply.status >= 200 && reply.status < 300;
  if (status.is(body) && body.statusCode !== 0 && !(ok && allowed.includes(body.statusCode))) {
    return left(apiError(reply, body));
  }
  if (!ok) {
    // Status 0 is all that a browser shows of a redirect.
    const isRedirect = reply.status === 0 || reply.headers.get('location') !== null;
    const hint = isRedirect ? ', a redirect that is not followed' : '';
    return left(new HttpError(`refused with HTTP status ${reply.status}${hint}`, reply.status, reply.retryAfter));
  }
  const result = codec.decode(body);
  if (result._tag === 'Right') return result;
  if (status.is(body) && body.statusCode !== 0) return left(apiError(reply, body));
  const reasons = body === undefined ? [`body: no JSON, got ${glimpse(reply.text)}`] : reasonsOf(result.left);
  return left(new DecodeError(`answered with what the API does not document: ${reasons.join('; ')}`, reasons));
};

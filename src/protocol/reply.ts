import type { Either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { ApiError, DecodeError, HttpError } from '../errors.js';
import { fields, isObject, leaf, reasonsOf, shapeOf } from './decode.js';

/** An HTTP answer, read to its end. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** ms until the server wants the next try (`Retry-After`). */
  readonly retryAfter: number | undefined;
}

/**
 * The reply to Subscribe and Unsubscribe, as decoded: `referenceId` for one workbin, `referenceIds` for several.
 *
 * @category events
 */
export type SubscribeResponse =
  | { readonly statusCode: number; readonly statusMessage?: string; readonly referenceId: number }
  | {
      readonly statusCode: number;
      readonly statusMessage?: string;
      /** By workbin id, in any order. */
      readonly referenceIds: Readonly<Record<string, number>>;
    };

/** Whatever its `statusMessage` is: what has a code of its own is Web Services' word. */
export const StatusResponse = fields({ statusCode: t.number }, {});
const referenceIds = leaf(
  'reference ids',
  (value): value is Readonly<Record<string, number>> => isObject(value) && Object.values(value).every(t.number.is),
);
const singleForm = fields({ statusCode: t.number, referenceId: t.number }, { statusMessage: t.string });
const multipleForm = fields({ statusCode: t.number, referenceIds }, { statusMessage: t.string });

/** The codec of {@link SubscribeResponse}. @category events */
export const SubscribeResponse: t.Type<SubscribeResponse, unknown> = leaf(
  '{ statusCode, referenceId } or { statusCode, referenceIds }',
  (value): value is SubscribeResponse => singleForm.is(value) || multipleForm.is(value),
);

/** The reference id of each of the ids that were asked for, as far as the reply names them. */
export const referenceIdsOf = (response: SubscribeResponse, ids: readonly string[]): ReadonlyMap<string, number> => {
  const [only, ...others] = ids;
  if (singleForm.is(response) && only !== undefined && others.length === 0)
    return new Map([[only, response.referenceId]]);
  const named = new Map(multipleForm.is(response) ? Object.entries(response.referenceIds) : []);
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
  readonly name?: string;
  readonly displayName?: string;
  readonly uri?: string;
  /** `Agent`, `Place`, `AgentGroup`, `PlaceGroup`. */
  readonly type?: string;
  readonly [field: string]: unknown;
}

const description = {
  name: t.string,
  workbinName: t.string,
  displayName: t.string,
  uri: t.string,
  type: t.string,
};
const identified = fields({ id: t.string }, {});
const isWorkbin = fields({ id: t.string }, description).is;

export const WorkbinsResponse = fields(
  {
    workbins: leaf(
      'a list of workbins',
      (value): value is readonly Workbin[] => Array.isArray(value) && value.every(isWorkbin),
    ),
  },
  {},
);
export const WorkbinResponse = fields({ workbin: fields({}, description) }, {});

/** `GET /api/v2/me`: where the user's id stands in it is not documented alike everywhere. */
export const MeResponse = fields({}, { user: t.unknown, me: t.unknown });

/** The user id in an answer to `GET /api/v2/me`. */
export const userIdOf = (me: t.TypeOf<typeof MeResponse>): string | undefined =>
  [me.user, me.me, me].find(identified.is)?.id;

/** What Web Services documents about its status codes (ReturnValues). */
const meanings =
  'success|required parameter missing|parameter not valid for the current state; is a contact centre session started?|' +
  'operation forbidden|internal error|no permission|resource not found|partial success|change of password demanded|' +
  'processing incomplete|input validation|read-only property|unable to retrieve|unable to create|unable to delete|' +
  'unable to update|unable to assign|unable to unassign|exists already|in use already|not authenticated';

export const partialSuccess = 7;
export const notAuthenticated = 20;

export const apiError = (
  { status: httpStatus, retryAfter }: Partial<HttpReply> & Pick<HttpReply, 'status'>,
  body: { readonly statusCode: number },
  what = 'refused',
): ApiError => {
  const { statusCode } = body;
  const statusMessage =
    'statusMessage' in body && typeof body.statusMessage === 'string' ? body.statusMessage : undefined;
  const meaning = meanings.split('|')[statusCode] ?? 'not documented';
  const message = `${what} with statusCode ${statusCode} (${meaning})${statusMessage === undefined ? '' : `: ${statusMessage}`}`;
  return new ApiError(message, httpStatus, statusCode, statusMessage, meaning, retryAfter);
};

const left = <E>(error: E): Either<E, never> => ({ _tag: 'Left', left: error });

const parsed = (text: string, reviver?: (key: string, value: unknown) => unknown): unknown => {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
};

/**
 * What an answer says: the body that `codec` describes, or why not.
 *
 * A `statusCode` speaks first, whatever the HTTP status; `allowed` are those that are no failure. Messages begin with
 * `subject`, where it is not the workbin's own request that failed.
 */
export const decodeReply = <A>(
  codec: t.Type<A, unknown>,
  reply: HttpReply,
  allowed: readonly number[] = [0],
  subject = '',
): Either<ApiError | HttpError | DecodeError, A> => {
  const body = parsed(reply.text);
  const ok = reply.status >= 200 && reply.status < 300;
  if (StatusResponse.is(body) && body.statusCode !== 0 && !(ok && allowed.includes(body.statusCode))) {
    return left(apiError(reply, body, `${subject}refused`));
  }
  if (!ok) {
    // Status 0 is all that a browser shows of a redirect.
    const isRedirect = reply.status === 0 || reply.headers.get('location') !== null;
    const hint = isRedirect ? ', a redirect that is not followed' : '';
    return left(
      new HttpError(
        `${subject}refused with HTTP status ${reply.status}${hint}: check baseUrl, and what stands in front of Web Services`,
        reply.status,
        reply.retryAfter,
      ),
    );
  }
  const result = codec.decode(body);
  if (result._tag === 'Right') return result;
  if (StatusResponse.is(body) && body.statusCode !== 0) return left(apiError(reply, body));
  const lenient = codec.decode(parsed(reply.text, (_, value: unknown) => value ?? undefined));
  if (lenient._tag === 'Right') return lenient;
  // Without what it says: that may be anything, a secret too.
  const reasons =
    body === undefined ? [`body: ${reply.text.length} characters that are no JSON`] : reasonsOf(result.left, shapeOf);
  return left(
    new DecodeError(
      `${subject}answered with what the API does not document (did a login page or a proxy answer?): ${reasons.join('; ')}`,
      reasons,
    ),
  );
};

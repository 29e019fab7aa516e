import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type { Either } from 'fp-ts/lib/Either.js';
import { ApiError, DecodeError, HttpError, type WorkbinError } from '../../src/errors.js';
import {
  type HttpReply,
  MeResponse,
  SubscribeResponse,
  WorkbinResponse,
  WorkbinsResponse,
  decodeReply,
  partialSuccess,
  referenceIdsOf,
  userIdOf,
} from '../../src/protocol/reply.js';
import { oddIds } from '../core/marbles.js';

const seed = 20_260_104;
const answer = (text: string, status = 200, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: new Headers(headers),
  text,
  retryAfter: undefined,
});
const html = '<!DOCTYPE html><title>Log in</title>';

/** What a decoded answer is, in short: `ok`, or the error's code and what it holds. */
const outcomeOf = (text: string, status: number, allowed?: readonly number[]): string => {
  const result = decodeReply(SubscribeResponse, answer(text, status), allowed);
  if (result._tag === 'Right') return 'ok';
  const error = result.left;
  return error instanceof ApiError
    ? `api ${error.status} ${error.statusCode}`
    : error instanceof HttpError
      ? `http ${error.status}`
      : error.code;
};

const answers = test.macro<[string, number, string, (readonly number[])?]>({
  title: (_, text, status, expected, allowed) =>
    `decodeReply: ${text === '' ? 'an empty body' : text} with HTTP status ${status}${allowed === undefined ? '' : `, ${allowed.join(' and ')} allowed,`} is ${expected}`,
  exec: (t, text, status, expected, allowed) => t.is(outcomeOf(text, status, allowed), expected),
});
const withPartial = [0, partialSuccess];

test(answers, '{"statusCode": 0, "referenceId": 14}', 200, 'ok');
test(answers, '{"statusCode": 0, "referenceId": 14}', 202, 'ok');
test(answers, '{"statusCode": 0, "referenceIds": {"a": 57, "b": 56}}', 200, 'ok');
test(answers, '{"statusCode": 0, "referenceIds": {}}', 200, 'ok');
test(answers, '{"statusCode": 0, "referenceId": 14, "more": [1]}', 200, 'ok');
// A statusCode speaks first, whatever the HTTP status.
test(answers, '{"statusCode": 6, "statusMessage": "gone"}', 200, 'api 200 6');
test(answers, '{"statusCode": 6, "statusMessage": "gone"}', 404, 'api 404 6');
test(answers, '{"statusCode": 6}', 500, 'api 500 6');
test(answers, '{"statusCode": 5, "statusMessage": null}', 200, 'api 200 5');
test(answers, '{"statusCode": 5, "statusMessage": {"text": 1}}', 403, 'api 403 5');
test(answers, '{"statusCode": 6, "referenceId": 14}', 200, 'api 200 6');
test(answers, '{"statusCode": 99}', 200, 'api 200 99');
test(answers, '{"statusCode": -1}', 200, 'api 200 -1');
test(answers, '{"statusCode": 20}', 401, 'api 401 20');
test(answers, '{"statusCode": 7, "referenceIds": {"a": 1}}', 200, 'api 200 7');
test(answers, '{"statusCode": 7, "referenceIds": {"a": 1}}', 200, 'ok', withPartial);
test(answers, '{"statusCode": 7, "referenceIds": {"a": 1}}', 500, 'api 500 7', withPartial);
test(answers, '{"statusCode": 7}', 200, 'api 200 7', withPartial);
// Without one, the HTTP status does.
test(answers, '{"statusCode": 0, "referenceId": 14}', 500, 'http 500');
test(answers, '', 404, 'http 404');
test(answers, '', 302, 'http 302');
test(answers, '', 0, 'http 0');
test(answers, html, 503, 'http 503');
test(answers, '{"error": "no"}', 403, 'http 403');
test(answers, '{"statusCode": "6"}', 400, 'http 400');
test(answers, 'Missing or invalid Csrf token', 403, 'http 403');
// A success that is not what the API documents is not believed.
test(answers, html, 200, 'decode');
test(answers, '', 200, 'decode');
test(answers, '', 204, 'decode');
test(answers, 'null', 200, 'decode');
test(answers, '[]', 200, 'decode');
test(answers, '14', 200, 'decode');
test(answers, '{}', 200, 'decode');
test(answers, '{"referenceId": 14}', 200, 'decode');
test(answers, '{"statusCode": 0}', 200, 'decode');
test(answers, '{"statusCode": "0", "referenceId": 14}', 200, 'decode');
test(answers, '{"statusCode": 0, "referenceId": "14"}', 200, 'decode');
test(answers, '{"statusCode": 0, "referenceIds": {"a": "1"}}', 200, 'decode');
test(answers, '{"statusCode": 0, "referenceIds": null}', 200, 'decode');
test(answers, '{"statusCode": 0, "referenceId": 14', 200, 'decode');

const meanings = test.macro<[number, RegExp]>({
  title: (_, statusCode, expected) => `decodeReply: statusCode ${statusCode} means ${expected.source}`,
  exec: (t, statusCode, expected) => {
    const result = decodeReply(SubscribeResponse, answer(JSON.stringify({ statusCode, statusMessage: 'why not' })));
    t.true(result._tag === 'Left' && result.left instanceof ApiError);
    if (result._tag === 'Right' || !(result.left instanceof ApiError)) return;
    t.regex(result.left.meaning, expected);
    t.is(result.left.statusMessage, 'why not');
    t.true(result.left.message.includes(result.left.meaning) && result.left.message.includes('why not'));
  },
});
[
  /parameter missing/,
  /not valid for the current state/,
  /forbidden/,
  /internal error/,
  /no permission/,
  /not found/,
  /partial success/,
  /change of password/,
  /incomplete/,
  /validation/,
  /read-only/,
  /unable to retrieve/,
  /unable to create/,
  /unable to delete/,
  /unable to update/,
  /unable to assign/,
  /unable to unassign/,
  /exists already/,
  /in use already/,
  /not authenticated/,
  /not documented/,
].forEach((expected, at) => {
  test(meanings, at + 1, expected);
});
test(meanings, -1, /not documented/);
test(meanings, 1.5, /not documented/);

test('decodeReply: what a DecodeError says can be read', (t) => {
  for (const text of [html, '{"statusCode": 0}', '']) {
    const result = decodeReply(SubscribeResponse, answer(text));
    t.true(result._tag === 'Left' && result.left instanceof DecodeError);
    if (result._tag === 'Right' || !(result.left instanceof DecodeError)) return;
    const { reasons, message } = result.left;
    t.true(reasons.length > 0 && reasons.every((reason) => reason.length > 0 && message.includes(reason)));
  }
  const page = decodeReply(SubscribeResponse, answer(html));
  const said = page._tag === 'Left' ? page.left.message : '';
  t.regex(said, /characters that are no JSON/);
  // What somebody else answered may hold anything, what we sent too.
  t.notRegex(said, /DOCTYPE/);
});

test('decodeReply: a long answer does not become a long message', (t) => {
  for (const text of [html.repeat(1000), JSON.stringify({ statusCode: 0, referenceIds: html.repeat(1000) })]) {
    const result = decodeReply(SubscribeResponse, answer(text));
    t.true(result._tag === 'Left' && result.left.message.length < 500);
  }
});

test('decodeReply: a redirect is named as one', (t) => {
  for (const reply of [answer('', 302, { location: 'https://elsewhere.example.com/?token=secret' }), answer('', 0)]) {
    const result = decodeReply(SubscribeResponse, reply);
    t.true(result._tag === 'Left');
    if (result._tag === 'Right') return;
    t.regex(result.left.message, /redirect/);
    t.notRegex(result.left.message, /secret/);
  }
});

test('decodeReply: the time that the server asks to wait goes with the error', (t) => {
  for (const text of ['', '{"statusCode": 4}']) {
    const result = decodeReply(SubscribeResponse, { ...answer(text, 503), retryAfter: 7000 });
    t.true(result._tag === 'Left');
    if (result._tag === 'Left') t.like(result.left, { status: 503, retryAfter: 7000 });
  }
});

test('decodeReply: decoding never throws, and what it believes has reference ids', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record(
              {
                statusCode: fc.oneof(fc.constant(0), fc.jsonValue()),
                referenceIds: fc.jsonValue(),
                referenceId: fc.jsonValue(),
              },
              { requiredKeys: [] },
            )
            .map((value) => JSON.stringify(value)),
        ),
        fc.constantFrom(200, 204, 302, 400, 500),
        (text, status) => {
          const result = decodeReply(SubscribeResponse, answer(text, status), withPartial);
          if (result._tag === 'Left') return;
          assert.equal(status < 300, true);
          for (const id of referenceIdsOf(result.right, ['a']).values()) assert.equal(typeof id, 'number');
        },
      ),
      { seed, numRuns: 2000 },
    ),
  );
});

test('referenceIdsOf: referenceId is that of the only id', (t) => {
  t.deepEqual(referenceIdsOf({ statusCode: 0, referenceId: 14 }, ['a']), new Map([['a', 14]]));
});

for (const more of ['null', '{}']) {
  test(`referenceIdsOf: referenceId is that of the only id, though referenceIds is ${more}`, (t) => {
    const text = `{"statusCode": 0, "referenceId": 14, "referenceIds": ${more}}`;
    const result = decodeReply(SubscribeResponse, answer(text));
    t.true(result._tag === 'Right');
    if (result._tag === 'Left') return;
    t.deepEqual(referenceIdsOf(result.right, ['a']), new Map([['a', 14]]));
    t.deepEqual(referenceIdsOf(result.right, ['a', 'b']), new Map());
  });
}

test('referenceIdsOf: referenceId names none of several', (t) => {
  t.deepEqual(referenceIdsOf({ statusCode: 0, referenceId: 14 }, ['a', 'b']), new Map());
});

test('referenceIdsOf: strangers are left out, the order is that of the ids', (t) => {
  const ids = referenceIdsOf({ statusCode: 0, referenceIds: { z: 1, b: 2, a: 3 } }, ['a', 'b', 'c']);
  t.deepEqual(
    [...ids],
    [
      ['a', 3],
      ['b', 2],
    ],
  );
});

for (const id of oddIds) {
  test(`decodeReply: the id ${id} is found in referenceIds when it is there, and only then`, (t) => {
    const decode = (text: string) => {
      const result = decodeReply(SubscribeResponse, answer(text), withPartial);
      return result._tag === 'Right' ? referenceIdsOf(result.right, [id, 'b']) : undefined;
    };
    t.deepEqual(
      decode(`{"statusCode": 0, "referenceIds": {"b": 1, ${JSON.stringify(id)}: 2}}`),
      new Map([
        [id, 2],
        ['b', 1],
      ]),
    );
    t.deepEqual(decode('{"statusCode": 7, "referenceIds": {"b": 1}}'), new Map([['b', 1]]));
  });
}

const reads = test.macro<[(reply: HttpReply) => Either<WorkbinError, object>, object, boolean]>({
  title: (title = '') => `decodeReply: ${title}`,
  exec: (t, decode, body, isFine) => {
    const result = decode(answer(JSON.stringify({ statusCode: 0, ...body })));
    t.is(result._tag, isFine ? 'Right' : 'Left');
    if (result._tag === 'Left') t.is(result.left.code, 'decode');
    else t.like(result.right, body);
  },
});
const list = (reply: HttpReply) => decodeReply(WorkbinsResponse, reply);
const content = (reply: HttpReply) => decodeReply(WorkbinResponse, reply);
const workbin = { id: 'a', workbinName: 'In progress', displayName: 'In Progress', uri: 'http://gws/a', type: 'Agent' };
test('a list of workbins is one', reads, list, { workbins: [workbin, { id: 'b', name: 'B', more: 1 }] }, true);
test('an empty list of workbins is one', reads, list, { workbins: [] }, true);
test('a list with something that has no id is none', reads, list, { workbins: [workbin, { name: 'B' }] }, false);
test('a list that is an object is none', reads, list, { workbins: { a: workbin } }, false);
test('an answer without a list is none', reads, list, {}, false);
test("a workbin's content may leave out its id", reads, content, { workbin: { chats: [{ id: 'c1' }] } }, true);
test("a workbin's content is an object", reads, content, { workbin: 'a' }, false);

const users = test.macro<[unknown, string | undefined]>({
  title: (_, me, expected) => `userIdOf: ${JSON.stringify(me)} is ${expected ?? 'nobody that can be told'}`,
  exec: (t, me, expected) => {
    const result = decodeReply(MeResponse, answer(JSON.stringify(me)));
    t.is(result._tag === 'Right' ? userIdOf(result.right) : 'refused', expected);
  },
});
test(users, { statusCode: 0, user: { id: 'u1' } }, 'u1');
test(users, { statusCode: 0, me: { id: 'u1' } }, 'u1');
test(users, { statusCode: 0, id: 'u1' }, 'u1');
test(users, { statusCode: 0, user: { id: 7 }, id: 'u1' }, 'u1');
test(users, { statusCode: 0, user: null }, undefined);
test(users, { statusCode: 0 }, undefined);

import test from 'ava';
import { Subject, of, take } from 'rxjs';
import type { Accepted, FailedEvent, SubscriptionEvent } from '../../src/core/events.js';
import { type SubscriptionRequest, followSubscription, mergeSubscription } from '../../src/core/mergeSubscription.js';
import { ApiError, ClosedError, NetworkError, RequestFailedError, SubscriptionError } from '../../src/errors.js';
import { WorkbinNotification } from '../../src/protocol/notification.js';
import { SubscribeResponse, decodeReply, referenceIdsOf } from '../../src/protocol/reply.js';
import type { WorkbinScope } from '../../src/scope.js';
import {
  type Told,
  accepted,
  ann,
  anyone,
  chat,
  failed,
  marbles,
  me,
  oddIds,
  state,
  stateEvent,
  telling,
} from './marbles.js';

const eventOf = (value: Accepted | FailedEvent | WorkbinNotification, scope: WorkbinScope): unknown =>
  'type' in value
    ? value
    : value.messageType === 'WorkbinSubscriptionStateChangeMessage'
      ? stateEvent(value, scope)
      : value;

/** `post` is cold, `topic` is hot; a letter in `result` is the event of the reply or the message of that letter. */
interface Line {
  readonly request?: Partial<SubscriptionRequest>;
  readonly values: Readonly<Record<string, Accepted | FailedEvent | WorkbinNotification>>;
  readonly post: string;
  readonly topic: string;
  readonly result: string;
  readonly error?: Told;
  readonly postError?: unknown;
  readonly topicError?: unknown;
  readonly posts?: string | readonly string[];
  readonly topics?: string | readonly string[];
  readonly unsubscription?: string;
}

const merges = test.macro<[Line]>({
  title: (title = '') => `mergeSubscription: ${title}`,
  exec: (t, line) => {
    const request: SubscriptionRequest = { scope: me, workbinIds: ['a', 'b'], operation: 'Subscribe', ...line.request };
    marbles(t, ({ cold, hot, expectObservable, expectSubscriptions }) => {
      const post$ = cold<Accepted>(line.post, line.values as Record<string, Accepted>, line.postError);
      const topic$ = hot<WorkbinNotification>(
        line.topic,
        line.values as Record<string, WorkbinNotification>,
        line.topicError,
      );
      const events = Object.fromEntries(
        Object.entries(line.values).map(([name, value]) => [name, eventOf(value, request.scope)]),
      );
      expectObservable(mergeSubscription(post$, topic$, request).pipe(telling()), line.unsubscription).toBe(
        line.result,
        events,
        line.error,
      );
      if (line.posts !== undefined) expectSubscriptions(post$.subscriptions).toBe([line.posts].flat());
      if (line.topics !== undefined) expectSubscriptions(topic$.subscriptions).toBe([line.topics].flat());
    });
  },
});

const one = { workbinIds: ['a'] };
const A = accepted(['a', 'b'], [57, 56]);
const B = accepted(['b'], [56]);
const O = accepted(['a'], [57]);
const a = state('a');
const b = state('b');
const z = state('z');

test('the confirmations that DESIGN draws complete it, a stranger passes by', merges, {
  values: { A, a, b, z },
  post: '  ----(A|)            ',
  topic: ' ------b--z---a---a--',
  result: '----A-b------(a|)    ',
  posts: ' ^---!                ',
  topics: '^------------!       ',
});
test('one workbin completes it', merges, {
  request: one,
  values: { O, a },
  post: '  --(O|) ',
  topic: ' ----a--',
  result: '--O-(a|)',
});
test('a message that came before the reply waits for it, and follows at once', merges, {
  values: { A, a, b },
  post: '  ----(A|)      ',
  topic: ' -b-------a---',
  result: '----(Ab)-(a|) ',
});
test('messages that all came before the reply end it with the reply', merges, {
  values: { A, a, b },
  post: '  ----(A|)  ',
  topic: ' -b-a------',
  result: '----(Aba|)',
  topics: '^---!     ',
});
test('a message before anything was subscribed to is not known', merges, {
  request: one,
  values: { O, a },
  post: '  --(O|)  ',
  topic: ' a-^--a--',
  result: '--O(a|) ',
});
test('a doubled message counts once, before the reply and after it', merges, {
  values: { A, a, b },
  post: '   ----(A|)          ',
  topic: '  -bb----b--a-b----',
  result: ' ----(Ab)--(a|)    ',
});
test('a late message of an earlier operation settles nothing', merges, {
  request: one,
  values: { O, u: state('a', 'Unsubscribed'), a },
  post: '   --(O|)       ',
  topic: '  -u--u---a---',
  result: ' --O-----(a|) ',
});
test('an item of the same workbin is not an answer', merges, {
  request: one,
  values: { O, i: chat('a', 'c1'), a },
  post: '   --(O|)    ',
  topic: '  -i--i-a--',
  result: ' --O---(a|)',
});
test('a reference id of its own settles it', merges, {
  values: { A, a: state('a', 'Subscribed', { referenceId: 57 }), b: state('b', 'Subscribed', { referenceId: 56 }) },
  post: '   --(A|)    ',
  topic: '  -b----a--',
  result: ' --(Ab)(a|)',
});
test("another request's reference id settles nothing, be it Subscribed or RequestFailed, early or late", merges, {
  request: one,
  values: {
    O,
    s: state('a', 'Subscribed', { referenceId: 1 }),
    f: state('a', 'RequestFailed', { referenceId: 2 }),
    a: state('a', 'Subscribed', { referenceId: 57 }),
  },
  post: '   ----(O|)        ',
  topic: '  -s-f---s-f-a---',
  result: ' ----O------(a|) ',
});
test('the reference id of the neighbour settles nothing', merges, {
  values: { A, x: state('a', 'Subscribed', { referenceId: 56 }), a, b },
  post: '   --(A|)       ',
  topic: '  -x--x-b-a---',
  result: ' --A---b-(a|) ',
});
test('a reference id of 0 is one', merges, {
  request: one,
  values: {
    O: accepted(['a'], [0]),
    x: state('a', 'RequestFailed', { referenceId: 57 }),
    a: state('a', 'Subscribed', { referenceId: 0 }),
  },
  post: '   --(O|)    ',
  topic: '  -x--x-a--',
  result: ' --O---(a|)',
});
test("scope me takes its own user's messages and no others", merges, {
  request: { ...one, ownUserId: 'me-1' },
  values: {
    O,
    x: state('a', 'Subscribed', { workbinUserId: 'ann' }),
    a: state('a', 'Subscribed', { workbinUserId: 'me-1' }),
  },
  post: '   --(O|)    ',
  topic: '  -x--x-a--',
  result: ' --O---(a|)',
});
test("scope user takes its user's messages and no others", merges, {
  request: { ...one, scope: ann },
  values: {
    O,
    x: state('a', 'Subscribed', { workbinUserId: 'bob' }),
    a: state('a', 'Subscribed', { workbinUserId: 'ann' }),
  },
  post: '   --(O|)    ',
  topic: '  -x--x-a--',
  result: ' --O---(a|)',
});
test('scope any takes every user', merges, {
  request: { ...one, scope: anyone },
  values: { O, a: state('a', 'Subscribed', { workbinUserId: 'bob' }) },
  post: '   --(O|)',
  topic: '  ----a--',
  result: ' --O-(a|)',
});
test('RequestFailed of one of several is an event, and an error once the other has settled', merges, {
  values: { A, f: state('a', 'RequestFailed'), b },
  post: '   --(A|)       ',
  topic: '  ----f---b---',
  result: ' --A-f---(b#) ',
  error: { subscribed: ['b'], failed: ['a: request-failed'] },
});
test('RequestFailed that came before the reply is told after it', merges, {
  request: one,
  values: { O, f: state('a', 'RequestFailed') },
  post: '   --(O|)  ',
  topic: '  -f------',
  result: ' --(Of#) ',
  error: { subscribed: [], failed: ['a: request-failed'] },
});
test('Subscribed after RequestFailed comes too late', merges, {
  values: { A, f: state('a', 'RequestFailed'), a, b },
  post: '   --(A|)       ',
  topic: '  ----f-a-b---',
  result: ' --A-f---(b#) ',
  error: { subscribed: ['b'], failed: ['a: request-failed'] },
});
test('an id that a partial success leaves out has failed, the others are waited for', merges, {
  values: { A: accepted(['a', 'b'], [57, undefined]), a },
  post: '   --(A|)    ',
  topic: '  ------a--',
  result: ' --A---(a#)',
  error: { subscribed: ['a'], failed: ['b: api'] },
});
test('an id that the reply leaves out has failed, whatever CometD says of it', merges, {
  values: { A: accepted(['a', 'b'], [57, undefined], { statusCode: 0 }), a, b },
  post: '   --(A|)     ',
  topic: '  -b--b-a----',
  result: ' --A---(a#) ',
  error: { subscribed: ['a'], failed: ['b: api'] },
});
test('a reply that names nobody ends it at once', merges, {
  values: { A: accepted(['a', 'b'], [undefined, undefined]) },
  post: '   --(A|)',
  topic: '  --------',
  result: ' --(A#) ',
  error: { subscribed: [], failed: ['a: api', 'b: api'] },
});
test('two replies give two accepted events', merges, {
  values: { O, B, a, b },
  post: '   --O---(B|)    ',
  topic: '  ----b-----a--',
  result: ' --O---(Bb)(a|)',
});
test('a reply that is no answer fails each with its error', merges, {
  values: {},
  post: '   --# ',
  topic: '  ----',
  result: ' --# ',
  postError: new NetworkError('refused'),
  error: { subscribed: [], failed: ['a: network', 'b: network'] },
  topics: ' ^-! ',
});
test('a reply that fails leaves what an earlier one has named', merges, {
  values: { O, a },
  post: '   --O-#     ',
  topic: '  -------a--',
  result: ' --O----(a#)',
  postError: new NetworkError('refused'),
  error: { subscribed: ['a'], failed: ['b: network'] },
});
test('what CometD said early follows in the order in which it came', merges, {
  values: { A, a, b },
  post: '   ---A    ',
  topic: '  -ba     ',
  result: ' ---(Aba|)',
});
test('a reply that fails discards what CometD said early', merges, {
  request: one,
  values: { a },
  post: '   ---# ',
  topic: '  -a---',
  result: ' ---# ',
  postError: new NetworkError('refused'),
  error: { subscribed: [], failed: ['a: network'] },
});
test('what fails among the replies is settled there, with its own cause, and the rest goes on', merges, {
  values: { f: failed('b', new NetworkError('refused')), C: accepted(['a'], [57]), a, b },
  post: '   --f--C----  ',
  topic: '  -b-b-----a--',
  result: ' -----C---(a#)',
  error: { subscribed: ['a'], failed: ['b: network'] },
});
test('an error that is none of ours becomes the cause of a NetworkError', merges, {
  request: one,
  values: {},
  post: '   --# ',
  topic: '  ----',
  result: ' --# ',
  postError: new TypeError('a bug'),
  error: { subscribed: [], failed: ['a: network'] },
});
test('replies that end without naming an id fail it', merges, {
  values: { O, a },
  post: '   --O-|     ',
  topic: '  -------a--',
  result: ' --O----(a#)',
  error: { subscribed: ['a'], failed: ['b: network'] },
});
test('notifications that end first fail what waits for them', merges, {
  values: { A, a },
  post: '   --(A|)    ',
  topic: '  ----a-|   ',
  result: ' --A-a-#   ',
  error: { subscribed: ['a'], failed: ['b: closed'] },
});
test('notifications that end before the reply still wait for it', merges, {
  values: { A, a },
  post: '   ----(A|)   ',
  topic: '  -a-|       ',
  result: ' ----(Aa#)  ',
  error: { subscribed: ['a'], failed: ['b: closed'] },
});
test('notifications that error fail what waits for them, with that error', merges, {
  values: { A, a },
  post: '   --(A|)   ',
  topic: '  ----a-#  ',
  result: ' --A-a-#  ',
  topicError: new ClosedError('closed'),
  error: { subscribed: ['a'], failed: ['b: closed'] },
});
test('an error of the notifications that is none of ours becomes a ConnectionError', merges, {
  request: one,
  values: { O },
  post: '   --(O|) ',
  topic: '  ----#  ',
  result: ' --O-#  ',
  topicError: new TypeError('a bug'),
  error: { subscribed: [], failed: ['a: connection'] },
});
test('early unsubscription leaves the reply and the notifications', merges, {
  values: { A, a, b },
  post: '           --------(A|)',
  topic: '          ---a----b---',
  unsubscription: '-----!      ',
  result: '         ------------',
  posts: '          ^----!      ',
  topics: '         ^----!      ',
});
test('unsubscription after the reply leaves the notifications', merges, {
  values: { A, a, b },
  post: '           --(A|)      ',
  topic: '          ------b--a--',
  unsubscription: '-------!    ',
  result: '         --A---b-----',
  posts: '          ^-!         ',
  topics: '         ^------!    ',
});
test('sources that never end leave it open, and nothing else', merges, {
  values: { A, b },
  post: '   --A-------',
  topic: '  ------b---',
  result: ' --A---b---',
  topics: ' ^---------',
});
test('a source of replies that never ends is left with the last confirmation', merges, {
  request: one,
  values: { O, a },
  post: '   --O-----',
  topic: '  ----a---',
  result: ' --O-(a|)',
  posts: '  ^---!   ',
});
test('no workbin completes at once, and asks for nothing', merges, {
  request: { workbinIds: [] },
  values: {},
  post: '   ---|',
  topic: '  ----',
  result: ' |   ',
  posts: [],
  topics: [],
});
test('an id that is given twice counts once', merges, {
  request: { workbinIds: ['a', 'a'] },
  values: { O, a },
  post: '   --(O|) ',
  topic: '  ----a--',
  result: ' --O-(a|)',
});
test('Unsubscribe completes with Unsubscribed, and Subscribed is none of its business', merges, {
  request: { operation: 'Unsubscribe' },
  values: { A, a: state('a', 'Unsubscribed'), b: state('b', 'Unsubscribed'), s: state('a') },
  post: '   --(A|)      ',
  topic: '  -s--b-s-a---',
  result: ' --A-b---(a|) ',
});
test('Unsubscribe fails with RequestFailed', merges, {
  request: { operation: 'Unsubscribe' },
  values: { A, a: state('a', 'Unsubscribed'), f: state('b', 'RequestFailed') },
  post: '   --(A|)     ',
  topic: '  ----a-f---',
  result: ' --A-a-(f#)',
  error: { subscribed: ['a'], failed: ['b: request-failed'] },
});

for (const id of oddIds) {
  test(`the id ${id} is an id like any other`, merges, {
    request: { workbinIds: [id, 'b'] },
    values: { A: accepted([id, 'b'], [57, 56]), a: state(id), b },
    post: '   --(A|)       ',
    topic: '  -a------b---',
    result: ' --(Aa)--(b|) ',
  });
  test(`the id ${id} is missed when the reply leaves it out`, merges, {
    request: { workbinIds: [id, 'b'] },
    values: { A: accepted([id, 'b'], [undefined, 56]), a: state(id), b },
    post: '   --(A|)       ',
    topic: '  -a------b---',
    result: ' --A-----(b#) ',
    error: { subscribed: ['b'], failed: [`${id}: api`] },
  });
}

/** A sample of the documentation: the reply's and the messages' text, as they stand there. */
interface Sample {
  readonly scope: WorkbinScope;
  readonly operation?: 'Unsubscribe';
  readonly ids: readonly string[];
  readonly reply: string;
  readonly messages: readonly string[];
  readonly states: readonly string[];
}

const documented = test.macro<[Sample]>({
  title: (title = '') =>
    `mergeSubscription: the documented sample of ${title} completes, in any order of reply and messages`,
  exec: (t, { scope, operation: asked, ids, reply, messages, states }) => {
    const operation = asked ?? 'Subscribe';
    const decoded = decodeReply(SubscribeResponse, {
      status: 200,
      headers: new Headers(),
      text: reply,
      retryAfter: undefined,
    });
    if (decoded._tag === 'Left') throw decoded.left;
    const event: Accepted = {
      type: 'accepted',
      scope,
      workbinIds: ids,
      referenceIds: referenceIdsOf(decoded.right, ids),
      response: decoded.right,
    };
    const notifications = messages.map((text) => {
      const message = WorkbinNotification.decode(JSON.parse(text));
      if (message._tag === 'Left') throw new Error(text);
      return message.right;
    });
    t.deepEqual([...event.referenceIds.keys()], ids);
    for (let early = 0; early <= notifications.length; early += 1) {
      const reply$ = new Subject<Accepted>();
      const topic$ = new Subject<WorkbinNotification>();
      const seen: string[] = [];
      mergeSubscription(reply$, topic$, { scope, workbinIds: ids, operation }).subscribe({
        next: (each) => seen.push(each.type === 'state' ? `${each.workbinId} ${each.state}` : each.type),
        complete: () => seen.push('complete'),
      });
      notifications.slice(0, early).forEach((message) => topic$.next(message));
      t.deepEqual(seen, []);
      reply$.next(event);
      notifications.slice(early).forEach((message) => topic$.next(message));
      t.deepEqual(seen, ['accepted', ...states, 'complete']);
    }
  },
});

const uuid1 = 'aee812a5-7396-4dd9-b180-230f1c1fb085';
const uuid2 = 'a91ee1c2-9cfe-43b6-8193-fd39cd89d5b4';
const userId = 'e6f2ad1b26ea4e9b8dd907eabe167522';
const said = (id: string, fields = '"stateResource": "Subscribed"'): string =>
  `{${fields}, "id": "${id}", "messageType": "WorkbinSubscriptionStateChangeMessage"}`;

test('one workbin', documented, {
  scope: me,
  ids: [uuid1],
  reply: '{"statusCode": 0, "referenceId": 14}',
  messages: [said(uuid1)],
  states: [`${uuid1} Subscribed`],
});
test('several workbins', documented, {
  scope: me,
  ids: [uuid1, uuid2],
  reply: `{"statusCode": 0, "referenceIds": {"${uuid2}": 57, "${uuid1}": 56}}`,
  messages: [said(uuid1), said(uuid2)],
  states: [`${uuid1} Subscribed`, `${uuid2} Subscribed`],
});
test('one workbin, by user', documented, {
  scope: { kind: 'user', userId },
  ids: [uuid1],
  reply: '{"statusCode": 0, "referenceId": 13}',
  messages: [said(uuid1, `"workbinUserId": "${userId}", "stateResource": "Subscribed"`)],
  states: [`${uuid1} Subscribed`],
});
test('several workbins, by user', documented, {
  scope: { kind: 'user', userId },
  ids: [uuid1, uuid2],
  reply: `{"statusCode": 0, "referenceIds": {"${uuid2}": 133, "${uuid1}": 134}}`,
  messages: [said(uuid1), said(uuid2)],
  states: [`${uuid1} Subscribed`, `${uuid2} Subscribed`],
});
test('unsubscribing', documented, {
  scope: me,
  operation: 'Unsubscribe',
  ids: [uuid1],
  reply: '{"statusCode": 0, "referenceId": 15}',
  messages: [said(uuid1, '"stateResource": "Unsubscribed"')],
  states: [`${uuid1} Unsubscribed`],
});
test('an agent group', documented, {
  scope: { kind: 'agentGroup', name: 'Email & Chat' },
  ids: [uuid1],
  reply: '{"statusCode": 0, "referenceId": 16}',
  messages: [said(uuid1, '"stateResource": "Subscribed", "agentGroup": "Email & Chat", "referenceId": 16')],
  states: [`${uuid1} Subscribed`],
});
test('unsubscribing from a place group, whose message drops the group', documented, {
  scope: { kind: 'placeGroup', name: 'Desk 1' },
  operation: 'Unsubscribe',
  ids: [uuid1],
  reply: '{"statusCode": 0, "referenceId": 17}',
  messages: [said(uuid1, '"stateResource": "Unsubscribed", "referenceId": 17')],
  states: [`${uuid1} Unsubscribed`],
});

test('mergeSubscription: the causes carry what the server said', (t) => {
  const failing = state('a', 'RequestFailed', { referenceId: 57 });
  const reply = accepted(['a', 'b'], [57, undefined]);
  let error: unknown;
  mergeSubscription(of(reply), of(failing), { scope: me, workbinIds: ['a', 'b'], operation: 'Subscribe' }).subscribe({
    error: (thrown: unknown) => (error = thrown),
  });
  t.true(error instanceof SubscriptionError);
  const { failed, cause } = error as SubscriptionError;
  const [requestFailed, api] = [failed.get('a'), failed.get('b')];
  t.true(requestFailed instanceof RequestFailedError);
  t.is((requestFailed as RequestFailedError).notification, failing);
  t.true(api instanceof ApiError);
  t.like(api, { status: 200, statusCode: 7, meaning: 'partial success' });
  t.is(cause, [...failed.values()][0]);
});

test('mergeSubscription: an unsubscription from within accepted ends it there', (t) => {
  const topic$ = new Subject<WorkbinNotification>();
  const seen: SubscriptionEvent[] = [];
  const reply$ = new Subject<Accepted>();
  mergeSubscription(reply$, topic$, { scope: me, workbinIds: ['a', 'b'], operation: 'Subscribe' })
    .pipe(take(1))
    .subscribe((event) => seen.push(event));
  topic$.next(a);
  reply$.next(A);
  t.deepEqual(seen, [A]);
  t.false(topic$.observed || reply$.observed);
});

test('mergeSubscription: a message from within an event waits its turn', (t) => {
  const topic$ = new Subject<WorkbinNotification>();
  const seen: unknown[] = [];
  mergeSubscription(of(A), topic$, { scope: me, workbinIds: ['a', 'b'], operation: 'Subscribe' }).subscribe({
    next: (event) => {
      if (event.type === 'accepted') [a, b].forEach((message) => topic$.next(message));
      seen.push(event);
    },
    complete: () => seen.push('complete'),
  });
  t.deepEqual(seen, [A, stateEvent(a), stateEvent(b), 'complete']);
});

test('mergeSubscription: each subscription keeps an account of its own', (t) => {
  const topic$ = new Subject<WorkbinNotification>();
  const events$ = mergeSubscription(of(O), topic$, { scope: me, workbinIds: ['a'], operation: 'Subscribe' });
  const ends: string[] = [];
  events$.subscribe({ complete: () => ends.push('first') });
  topic$.next(a);
  events$.subscribe({ complete: () => ends.push('second') });
  t.deepEqual(ends, ['first']);
  topic$.next(a);
  t.deepEqual(ends, ['first', 'second']);
});

test('mergeSubscription: the notifications are subscribed to before the request', (t) => {
  marbles(t, ({ cold, expectObservable }) => {
    const topic$ = cold('(a-)', { a });
    expectObservable(
      mergeSubscription(cold('(O|)', { O }), topic$, { scope: me, workbinIds: ['a'], operation: 'Subscribe' }),
    ).toBe('(Oa|)', { O, a: stateEvent(a) });
  });
});

test('followSubscription: what failed is an event, and the end is no error', (t) => {
  const topic$ = new Subject<WorkbinNotification>();
  const reply = accepted(['a', 'b'], [57, undefined]);
  const seen: string[] = [];
  followSubscription(of(reply), topic$, { scope: me, workbinIds: ['a', 'b'], operation: 'Subscribe' }).subscribe({
    next: (event) => seen.push('workbinId' in event ? `${event.type} ${event.workbinId}` : event.type),
    complete: () => seen.push('complete'),
  });
  t.deepEqual(seen, ['accepted', 'failed b']);
  topic$.next(state('a', 'RequestFailed'));
  t.deepEqual(seen, ['accepted', 'failed b', 'state a', 'failed a', 'complete']);
});

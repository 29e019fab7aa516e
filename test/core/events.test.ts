import test from 'ava';
import { isInteraction, itemEvent, project, stateChanged } from '../../src/core/events.js';
import { accepted, ann, chat, me, oddIds, state } from './marbles.js';

test('stateChanged: an event has the fields that the message has, and no others', (t) => {
  const bare = state('a');
  t.deepEqual(stateChanged(me, bare), { type: 'state', scope: me, workbinId: 'a', state: 'Subscribed', message: bare });
  const full = state('a', 'RequestFailed', { referenceId: 0, workbinUserId: '' });
  t.deepEqual(stateChanged(ann, full), {
    type: 'state',
    scope: ann,
    workbinId: 'a',
    state: 'RequestFailed',
    referenceId: 0,
    workbinUserId: '',
    message: full,
  });
});

const media = test.macro<[Readonly<Record<string, unknown>>, string | undefined, boolean?]>({
  title: (_, resource, medium) => `itemEvent: the medium of ${JSON.stringify(resource)} is ${medium ?? 'not known'}`,
  exec: (t, resource, medium, hasInteraction = medium !== undefined) => {
    const message = { ...chat('a', 'c1'), chatStateResourceV2: undefined, ...resource };
    // The name of the resource is what counts: one that is not there is left out.
    if (!('chatStateResourceV2' in resource)) Reflect.deleteProperty(message, 'chatStateResourceV2');
    const event = itemEvent(me, message);
    t.is(event.medium, medium);
    t.deepEqual(event.interaction, hasInteraction ? { id: 'i1' } : undefined);
    t.is('interaction' in event, hasInteraction);
    t.is(event.action, 'ItemAdded');
    t.is(event.message, message);
  },
});
test(media, { chatStateResourceV2: { id: 'i1' } }, 'chat');
test(media, { emailStateResourceV2: { id: 'i1' } }, 'email');
test(media, { facebookStateResourceV2: { id: 'i1' } }, 'facebook');
test(media, { tweetStateResourceV2: { id: 'i1' } }, 'tweet');
test(media, { workitemStateResourceV2: { id: 'i1' } }, 'workitem');
test(media, { openmediaStateResourceV2: { id: 'i1' } }, 'openmedia');
test(media, { smsStateResourceV3: { id: 'i1' } }, 'sms');
test(media, { smsStateResource: { id: 'i1' } }, 'sms');
test(media, { stateResource: { id: 'i1' } }, undefined);
test(media, { chatStateResourceV2: { id: 7 } }, 'chat', false);
test(media, { chatStateResourceV2: null }, 'chat', false);
test(media, { chatStateResourceV2: 'i1' }, 'chat', false);
test(media, { note: { id: 'i1' } }, undefined);
test(media, {}, undefined);
test(media, { agentGroup: 'g', referenceId: 1, workbinUserId: 'u', chatStateResourceV2: { id: 'i1' } }, 'chat');

test('itemEvent: the owner is that of the message, where it says', (t) => {
  t.is(itemEvent(ann, chat('a', 'c1', 'ItemAdded', { workbinUserId: 'ann' })).workbinUserId, 'ann');
  t.false('workbinUserId' in itemEvent(ann, chat('a', 'c1')));
});

test('isInteraction: an object with an id is one', (t) => {
  t.true(isInteraction({ id: 'i1', more: 1 }));
  for (const value of [undefined, null, 'i1', 7, [], {}, { id: 7 }]) t.false(isInteraction(value));
});

test('project: a caller sees its own ids, and the whole reply', (t) => {
  const whole = accepted(['a', 'b', 'c'], [1, undefined, 3]);
  const own = project(whole, ['b', 'c']);
  t.deepEqual(own, { ...whole, workbinIds: ['b', 'c'], referenceIds: new Map([['c', 3]]) });
  t.is(own.response, whole.response);
});

test('project: a caller of all ids sees the event itself', (t) => {
  const whole = accepted(['a', 'b'], [1, 2]);
  t.is(project(whole, ['a', 'b']), whole);
});

for (const id of oddIds) {
  test(`project: the id ${id} is found when it is there, and only then`, (t) => {
    t.deepEqual(project(accepted(['x', id], [1, 2]), [id]).referenceIds, new Map([[id, 2]]));
    t.deepEqual(project(accepted(['x', id], [1, undefined]), [id]).referenceIds, new Map());
  });
}

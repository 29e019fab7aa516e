import test from 'ava';
import { Caller, COLLEAGUE, start, WORKBIN_A, WORKBIN_B, type Message } from './caller.js';

const ids = (list: unknown): readonly unknown[] =>
  Array.isArray(list) ? list.map((workbin: Message) => workbin['id']) : [];

test('list: me shows what is of type Agent or Place, with every documented field', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  const { body } = await caller.get('/api/v2/me/workbins?fields=*');
  t.is(body['statusCode'], 0);
  const shown = sandbox.workbins.filter(({ type }) => type === 'Agent' || type === 'Place');
  t.deepEqual(ids(body['workbins']), ids(shown));
  t.deepEqual((body['workbins'] as readonly Message[])[0], {
    workbinName: 'email-drafts',
    id: WORKBIN_A,
    displayName: 'Email drafts',
    uri: `${sandbox.url}/api/v2/workbins/${WORKBIN_A}`,
    type: 'Agent',
  });
});

for (const [query, types] of [
  ['/api/v2/workbins?fields=*', ['Agent', 'Place', 'AgentGroup', 'PlaceGroup']],
  [`/api/v2/users/${COLLEAGUE}/workbins?fields=*`, ['Agent', 'Place']],
  ['/api/v2/me/workbins?fields=*&agentGroup=Claims', ['AgentGroup']],
  ['/api/v2/me/workbins?fields=*&placeGroup=Branch', ['PlaceGroup']],
] as const) {
  test(`list: ${query.replace(COLLEAGUE, '{userId}')} shows the types ${types.join(', ')}`, async (t) => {
    const sandbox = await start(t);
    const { body } = await new Caller(sandbox).get(query);
    const shown = sandbox.workbins.filter(({ type }) => types.some((known) => known === type));
    t.deepEqual(ids(body['workbins']), ids(shown));
  });
}

test('list: without fields there are ids and uris alone', async (t) => {
  const { body } = await new Caller(await start(t)).get('/api/v2/workbins');
  for (const workbin of body['workbins'] as readonly Message[]) t.deepEqual(Object.keys(workbin), ['id', 'uri']);
});

test('content: holds the items by medium, of the subresources asked for', async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  const chat = sandbox.addItem(WORKBIN_A, { interaction: { subject: 'Hello' } });
  const email = sandbox.addItem(WORKBIN_A, { medium: 'email', interaction: { id: 'mail-1' } });
  const content = async (subresources: string): Promise<unknown> =>
    (await caller.get(`/api/v2/me/workbins/${WORKBIN_A}${subresources}`)).body['workbin'];
  t.is(email, 'mail-1');
  t.like(await content('?subresources=*'), {
    id: WORKBIN_A,
    displayName: 'Email drafts',
    chats: [{ id: chat, subject: 'Hello' }],
    emails: [{ id: email }],
  });
  t.like(await content('?subresources=email'), { chats: undefined, emails: [{ id: email }] });
  t.like(await content(''), { id: WORKBIN_A, chats: undefined, emails: undefined });
  t.true(sandbox.removeItem(WORKBIN_A, chat));
  t.like(await content('?subresources=*'), { chats: [] });
  t.false(sandbox.removeItem(WORKBIN_A, chat));
});

test("content: a user's items are his, a group's the group's", async (t) => {
  const sandbox = await start(t);
  const caller = new Caller(sandbox);
  sandbox.addItem(WORKBIN_A, { userId: COLLEAGUE, interaction: { id: 'his' } });
  sandbox.addItem(WORKBIN_A, { agentGroup: 'Claims', interaction: { id: 'claims' } });
  sandbox.addItem(WORKBIN_A, { placeGroup: 'Branch', interaction: { id: 'branch' } });
  const chats = async (base: string, query = ''): Promise<unknown> => {
    const { body } = await caller.get(`${base}/workbins/${WORKBIN_A}?subresources=*${query}`);
    return ids((body['workbin'] as Message)['chats']);
  };
  t.deepEqual(await chats('/api/v2/me'), []);
  t.deepEqual(await chats(`/api/v2/users/${COLLEAGUE}`), ['his']);
  t.deepEqual(await chats('/api/v2/me', '&agentGroup=Claims'), ['claims']);
  t.deepEqual(await chats('/api/v2/me', '&agentGroup=Others'), []);
  t.deepEqual(await chats('/api/v2/me', '&placeGroup=Branch'), ['branch']);
  t.deepEqual(await chats('/api/v2'), ['his', 'claims', 'branch']);
});

test('addItem, removeItem: tell who is subscribed, with the resource named after the medium', async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`);
  await caller.pushes();
  const id = sandbox.addItem(WORKBIN_A, { medium: 'email', interaction: { subject: 'Hi' } });
  const messageType = 'WorkbinStateChangeMessage';
  const emailStateResourceV2 = { subject: 'Hi', id };
  t.deepEqual(await caller.pushes(), [{ id: WORKBIN_A, action: 'ItemAdded', emailStateResourceV2, messageType }]);
  sandbox.addItem(WORKBIN_B);
  sandbox.removeItem(WORKBIN_A, id);
  t.deepEqual(await caller.pushes(), [{ id: WORKBIN_A, action: 'ItemRemoved', emailStateResourceV2, messageType }]);
});

test('addItem: reaches the scopes that its owner is in, and no others', async (t) => {
  const sandbox = await start(t);
  const open = async (path: string, userName?: string): Promise<Caller> => {
    const caller = await new Caller(sandbox, userName, 'secret').open();
    await caller.operate(path);
    await caller.pushes();
    return caller;
  };
  const callers = {
    mine: await open(`/api/v2/me/workbins/${WORKBIN_A}`),
    his: await open(`/api/v2/me/workbins/${WORKBIN_A}`, 'colleague'),
    byUser: await open(`/api/v2/users/${COLLEAGUE}/workbins/${WORKBIN_A}`),
    any: await open(`/api/v2/workbins/${WORKBIN_A}`),
    group: await open(`/api/v2/me/workbins/${WORKBIN_A}?agentGroup=Claims`),
    other: await open(`/api/v2/me/workbins/${WORKBIN_B}`),
  };
  const reached = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for (const [name, caller] of Object.entries(callers)) {
      if ((await caller.pushesSoFar()).length > 0) names.push(name);
    }
    return names;
  };
  sandbox.addItem(WORKBIN_A, { userId: COLLEAGUE });
  t.deepEqual(await reached(), ['his', 'byUser', 'any']);
  sandbox.addItem(WORKBIN_A, { agentGroup: 'Claims' });
  t.deepEqual(await reached(), ['any', 'group']);
  sandbox.addItem(WORKBIN_A);
  t.deepEqual(await reached(), ['mine', 'his', 'byUser', 'any', 'group']);
});

test("addItem: names the owner's user id or group in the message", async (t) => {
  const sandbox = await start(t);
  const caller = await new Caller(sandbox).open();
  await caller.operate(`/api/v2/workbins/${WORKBIN_A}`);
  await caller.pushes();
  sandbox.addItem(WORKBIN_A, { userId: COLLEAGUE });
  sandbox.addItem(WORKBIN_A, { agentGroup: 'Claims' });
  const [byUser, byGroup] = await caller.pushes(2);
  t.like(byUser, { workbinUserId: COLLEAGUE, agentGroup: undefined });
  t.like(byGroup, { workbinUserId: undefined, agentGroup: 'Claims' });
});

test('items: come and go on the timetable', async (t) => {
  const sandbox = await start(t, { items: { every: 5 } });
  const caller = await new Caller(sandbox).open();
  await caller.operate(`/api/v2/me/workbins/${WORKBIN_A}`);
  const actions = new Set<unknown>();
  while (!(actions.has('ItemAdded') && actions.has('ItemRemoved'))) {
    for (const message of await caller.pushes()) actions.add((message as Message)['action']);
  }
  t.pass();
});

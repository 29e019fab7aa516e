import test from 'ava';
import type { WorkbinClient, Workbins, WorkbinScope } from '../../src/index.js';
import { A, AGENT, all, B, COLLEAGUE, open, posts, state } from './wire.js';

const encodedGroup = 'Claims%20%26%20Co%2F1';
const group = 'Claims & Co/1';

interface Form {
  readonly workbins: (client: WorkbinClient) => Workbins;
  readonly scope: WorkbinScope;
  readonly one: string;
  /** Absent where several are one POST each. */
  readonly several?: string;
  readonly query?: string;
  /** What the sandbox calls the scope. */
  readonly there: string;
  /** What the message of one says of the owner. */
  readonly owner?: object;
  readonly ownerLeaving?: object;
}

const forms: Readonly<Record<string, Form>> = {
  me: {
    workbins: (client) => client,
    scope: { kind: 'me' },
    one: '/api/v2/me/workbins/',
    several: '/api/v2/me/workbins?workbinIds=',
    there: 'me',
  },
  any: {
    workbins: (client) => client.any,
    scope: { kind: 'any' },
    one: '/api/v2/workbins/',
    several: '/api/v2/workbins?workbinIds=',
    there: 'any',
  },
  forUser: {
    workbins: (client) => client.forUser(COLLEAGUE),
    scope: { kind: 'user', userId: COLLEAGUE },
    one: `/api/v2/users/${COLLEAGUE}/workbins/`,
    several: `/api/v2/users/${COLLEAGUE}/workbins?workbinIds=`,
    there: `users/${COLLEAGUE}`,
    owner: { workbinUserId: COLLEAGUE },
    ownerLeaving: { workbinUserId: COLLEAGUE },
  },
  forAgentGroup: {
    workbins: (client) => client.forAgentGroup(group),
    scope: { kind: 'agentGroup', name: group },
    one: '/api/v2/me/workbins/',
    query: `?agentGroup=${encodedGroup}`,
    there: `agentGroup/${group}`,
    owner: { agentGroup: group, referenceId: 1 },
    ownerLeaving: { agentGroup: group, referenceId: 2 },
  },
  forPlaceGroup: {
    workbins: (client) => client.forPlaceGroup(group),
    scope: { kind: 'placeGroup', name: group },
    one: '/api/v2/me/workbins/',
    query: `?placeGroup=${encodedGroup}`,
    there: `placeGroup/${group}`,
    owner: { placeGroup: group, referenceId: 1 },
    ownerLeaving: { referenceId: 2 },
  },
};

/** The fields of a message that a `state` event repeats. */
const repeated = (owner: object): object =>
  Object.fromEntries(Object.entries(owner).filter(([key]) => key === 'workbinUserId' || key === 'referenceId'));

for (const [
  name,
  { workbins, scope, one, several, query = '', there, owner = {}, ownerLeaving = {} },
] of Object.entries(forms)) {
  test(`${name}: subscribes to one workbin, and unsubscribes from it`, async (t) => {
    const { sandbox, client } = await open(t);
    const mine = workbins(client);
    t.deepEqual(mine.scope, scope);
    t.deepEqual(await all(mine.subscribe(A)), [
      {
        type: 'accepted',
        scope,
        workbinIds: [A],
        referenceIds: new Map([[A, 1]]),
        response: { statusCode: 0, referenceId: 1 },
      },
      {
        type: 'state',
        scope,
        workbinId: A,
        state: 'Subscribed',
        ...repeated(owner),
        message: state('Subscribed', A, owner),
      },
    ]);
    t.deepEqual(sandbox.subscriptions(), [{ userId: AGENT, scope: there, workbinId: A }]);
    t.deepEqual(await all(mine.unsubscribe(A)), [
      {
        type: 'accepted',
        scope,
        workbinIds: [A],
        referenceIds: new Map([[A, 2]]),
        response: { statusCode: 0, referenceId: 2 },
      },
      {
        type: 'state',
        scope,
        workbinId: A,
        state: 'Unsubscribed',
        ...repeated(ownerLeaving),
        message: state('Unsubscribed', A, ownerLeaving),
      },
    ]);
    t.deepEqual(sandbox.subscriptions(), []);
    for (const operationName of ['Subscribe', 'Unsubscribe']) {
      const [post, ...more] = posts(sandbox, operationName);
      t.like(post, { method: 'POST', path: `${one}${A}${query}`, body: { operationName } });
      t.is(more.length, 0);
    }
  });

  if (several === undefined) {
    test(`${name}: subscribes to several workbins with one POST each, and unsubscribes likewise`, async (t) => {
      const { sandbox, client } = await open(t);
      for (const operation of ['Subscribe', 'Unsubscribe'] as const) {
        const operate = operation === 'Subscribe' ? 'subscribe' : 'unsubscribe';
        const events = await all(workbins(client)[operate]([A, B]));
        const accepted = events.filter((event) => event.type === 'accepted');
        t.deepEqual(accepted.map(({ workbinIds }) => workbinIds.join()).sort(), [B, A].sort());
        const states = events.filter((event) => event.type === 'state');
        t.deepEqual(
          states.map(({ workbinId, state: is }) => `${workbinId} ${is}`).sort(),
          [`${B} ${operation}d`, `${A} ${operation}d`].sort(),
        );
        const paths = posts(sandbox, operation).map(({ path }) => path);
        t.deepEqual(paths, [`${one}${A}${query}`, `${one}${B}${query}`]);
      }
    });
    continue;
  }

  test(`${name}: subscribes to several workbins with one POST, and unsubscribes likewise`, async (t) => {
    const { sandbox, client } = await open(t);
    let last = 0;
    for (const operation of ['Subscribe', 'Unsubscribe'] as const) {
      const operate = operation === 'Subscribe' ? 'subscribe' : 'unsubscribe';
      const [accepted, ...states] = await all(workbins(client)[operate]([A, B]));
      t.deepEqual(accepted, {
        type: 'accepted',
        scope,
        workbinIds: [A, B],
        referenceIds: new Map([
          [A, last + 1],
          [B, last + 2],
        ]),
        response: { statusCode: 0, referenceIds: { [A]: last + 1, [B]: last + 2 } },
      });
      t.deepEqual(
        states,
        [A, B].map((workbinId) => ({
          type: 'state',
          scope,
          workbinId,
          state: `${operation}d` as const,
          message: state(`${operation}d`, workbinId),
        })),
      );
      t.deepEqual(
        posts(sandbox, operation).map(({ path, body }) => ({ path, body })),
        [{ path: `${several}${A},${B}`, body: { operationName: operation } }],
      );
      last += 2;
    }
  });
}

const lists: Readonly<Record<string, { readonly path: string; readonly types: readonly string[] }>> = {
  me: { path: '/api/v2/me/workbins?fields=*', types: ['Agent', 'Place'] },
  any: { path: '/api/v2/workbins?fields=*', types: ['Agent', 'AgentGroup', 'Place', 'PlaceGroup'] },
  forUser: { path: `/api/v2/users/${COLLEAGUE}/workbins?fields=*`, types: ['Agent', 'Place'] },
  forAgentGroup: { path: `/api/v2/me/workbins?fields=*&agentGroup=${encodedGroup}`, types: ['AgentGroup'] },
  forPlaceGroup: { path: `/api/v2/me/workbins?fields=*&placeGroup=${encodedGroup}`, types: ['PlaceGroup'] },
};

for (const [name, { path, types }] of Object.entries(lists)) {
  test(`${name}: lists its workbins, each with a name`, async (t) => {
    const { sandbox, client } = await open(t);
    const [workbins = [], ...more] = await all(forms[name]?.workbins(client).list() ?? t.fail());
    t.is(more.length, 0);
    t.deepEqual([...new Set(workbins.map(({ type = '' }) => type))].sort(), [...types]);
    t.deepEqual(
      workbins.map(({ id, name: given }) => [id, given]),
      sandbox.workbins.filter(({ type }) => types.includes(type)).map((workbin) => [workbin.id, workbin.name]),
    );
    t.deepEqual(
      sandbox.requests.map((request) => request.path),
      [path],
    );
  });
}

const contents: Readonly<Record<string, { readonly path: string; readonly item: object }>> = {
  me: { path: `/api/v2/me/workbins/${A}?subresources=*`, item: {} },
  any: { path: `/api/v2/workbins/${A}?subresources=*`, item: {} },
  forUser: { path: `/api/v2/users/${COLLEAGUE}/workbins/${A}?subresources=*`, item: { userId: COLLEAGUE } },
  forAgentGroup: {
    path: `/api/v2/me/workbins/${A}?subresources=*&agentGroup=${encodedGroup}`,
    item: { agentGroup: group },
  },
  forPlaceGroup: {
    path: `/api/v2/me/workbins/${A}?subresources=*&placeGroup=${encodedGroup}`,
    item: { placeGroup: group },
  },
};

for (const [name, { path, item }] of Object.entries(contents)) {
  test(`${name}: reads what is in a workbin`, async (t) => {
    const { sandbox, client } = await open(t);
    const chat = sandbox.addItem(A, { ...item, medium: 'chat' });
    const email = sandbox.addItem(A, { ...item, medium: 'email', interaction: { subject: 'Invoice' } });
    const [content, ...more] = await all(forms[name]?.workbins(client).content(A) ?? t.fail());
    t.is(more.length, 0);
    t.like(content?.workbin, { id: A, name: 'email-drafts', displayName: 'Email drafts', type: 'Agent' });
    t.deepEqual(
      content?.items,
      new Map([
        [chat, { workbinId: A, medium: 'chat', interaction: { id: chat, subject: `Interaction ${chat}` } }],
        [email, { workbinId: A, medium: 'email', interaction: { id: email, subject: 'Invoice' } }],
      ]),
    );
    t.deepEqual(
      sandbox.requests.map((request) => request.path),
      [path],
    );
  });
}

test('list and content: open no CometD session', async (t) => {
  const { sandbox, client } = await open(t);
  await all(client.list());
  await all(client.content(A));
  t.is(sandbox.bayeuxSessions, 0);
});

test('subscribe: no ids at all complete at once, without a request', async (t) => {
  const { sandbox, client } = await open(t);
  t.deepEqual(await all(client.subscribe([])), []);
  t.deepEqual(await all(client.unsubscribe([])), []);
  t.deepEqual(await all(client.watch([])), []);
  t.is(sandbox.requests.length, 0);
});

test('subscribe: an id given twice counts once', async (t) => {
  const { sandbox, client } = await open(t);
  const events = await all(client.subscribe([A, A]));
  t.is(events.length, 2);
  t.deepEqual(
    posts(sandbox).map(({ path }) => path),
    [`/api/v2/me/workbins/${A}`],
  );
});

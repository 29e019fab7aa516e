import test from 'ava';
import { ArgumentError, createWorkbinClient, type WorkbinClient, type Workbins } from '../../src/index.js';
import { A, accountOf, B, brief, errorOf, open, posts, record } from './wire.js';

const itself = (client: WorkbinClient): Workbins => client;

interface Argument {
  readonly workbins?: (client: WorkbinClient) => Workbins;
  readonly id: string | string[];
  readonly says: RegExp;
}

const unsendable: Readonly<Record<string, Argument>> = {
  'an empty id': { id: '', says: /the workbin id is empty/ },
  'a dot': { id: '.', says: /"\."/ },
  'two dots': { id: '..', says: /"\.\."/ },
  'half of a surrogate pair': { id: 'a\ud800', says: /surrogate/ },
  'a comma in an id of several': { id: ['a,b', 'c,d'], says: /comma/ },
  'an empty user id': { workbins: (client) => client.forUser(''), id: A, says: /the user id is empty/ },
  'a user id of dots': { workbins: (client) => client.forUser('..'), id: A, says: /the user id/ },
  'an empty group name': { workbins: (client) => client.forAgentGroup(''), id: A, says: /the group name is empty/ },
  'an empty place group name': {
    workbins: (client) => client.forPlaceGroup(''),
    id: A,
    says: /the group name is empty/,
  },
};

for (const [title, { workbins = itself, id, says }] of Object.entries(unsendable)) {
  test(`subscribe, unsubscribe, watch: ${title} is an ArgumentError, before any request`, async (t) => {
    const { sandbox, client } = await open(t);
    for (const operation of ['subscribe', 'unsubscribe', 'watch'] as const) {
      const account = await accountOf(workbins(client)[operation](id));
      t.deepEqual(new Set(account.failed.keys()), new Set([id].flat()));
      for (const error of account.failed.values()) {
        t.true(error instanceof ArgumentError);
        t.is(error.code, 'argument');
        t.regex(error.message, says);
      }
    }
    if (typeof id === 'string') {
      const error = await errorOf(workbins(client).content(id));
      t.true(error instanceof ArgumentError);
    }
    t.is(sandbox.requests.length, 0);
  });
}

test('list: an empty user id or group name is an ArgumentError itself, before any request', async (t) => {
  const { sandbox, client } = await open(t);
  for (const workbins of [
    client.forUser(''),
    client.forUser('.'),
    client.forAgentGroup(''),
    client.forPlaceGroup(''),
  ]) {
    t.true((await errorOf(workbins.list())) instanceof ArgumentError);
  }
  t.is(sandbox.requests.length, 0);
});

test('subscribe: a timeout that cannot be is an ArgumentError for each workbin', async (t) => {
  const { sandbox, client } = await open(t);
  for (const timeout of [-1, Number.NaN]) {
    const { failed } = await accountOf(client.subscribe([A, B], { timeout }));
    t.deepEqual([...failed.keys()], [A, B]);
    for (const error of failed.values()) t.true(error instanceof ArgumentError);
  }
  t.is(sandbox.requests.length, 0);
});

test('subscribe: an id that cannot be sent leaves the others alone', async (t) => {
  const { sandbox, client } = await open(t);
  const subscribing = record(client.subscribe([A, 'a,b', '']));
  const account = await accountOf(subscribing);
  t.deepEqual(subscribing.values.map(brief), [`accepted ${A}`, `Subscribed ${A}`]);
  t.deepEqual(account.subscribed, [A]);
  t.deepEqual([...account.failed.keys()], ['a,b', '']);
  t.regex(account.message, /2 of 3 workbins failed/);
  t.is(posts(sandbox).length, 1);
});

test('subscribe: a comma in the one id that is asked for is sent', async (t) => {
  const { sandbox, client } = await open(t, { sandbox: { acceptAnyWorkbin: true } });
  t.is((await record(client.subscribe('a,b')).ended).outcome, 'complete');
  t.is(posts(sandbox)[0]?.path, '/api/v2/me/workbins/a%2Cb');
});

test('list and content: end with the error itself', async (t) => {
  const { sandbox, client } = await open(t);
  t.like(await errorOf(client.content('nowhere')), { code: 'api', statusCode: 6, status: 404 });
  sandbox.fault({ method: 'GET' }, { kind: 'reply', body: '<html>Please log in</html>' });
  t.like(await errorOf(client.list()), { code: 'decode' });
});

const unusable: Readonly<Record<string, object>> = {
  'no baseUrl': {},
  'an empty baseUrl': { baseUrl: '' },
  'a relative baseUrl': { baseUrl: '/api' },
  'a baseUrl of another protocol': { baseUrl: 'ftp://gws.example.com' },
  'a baseUrl with credentials': { baseUrl: 'https://agent:hush@gws.example.com' },
  'an auth that is null': { baseUrl: 'https://gws.example.com', auth: null },
  'an auth that is a string': { baseUrl: 'https://gws.example.com', auth: 'hush' },
  'a maxUrlLength of 0': { baseUrl: 'https://gws.example.com', maxUrlLength: 0 },
  'a negative timeout': { baseUrl: 'https://gws.example.com', timeout: -1 },
  'a timeout that is no number': { baseUrl: 'https://gws.example.com', timeout: Number.NaN },
};

for (const [title, options] of Object.entries(unusable)) {
  test(`createWorkbinClient: throws an ArgumentError for ${title}`, (t) => {
    // The compiler would refuse most of these.
    const error = t.throws(() => createWorkbinClient(options as never), { instanceOf: ArgumentError });
    t.false(error.message.includes('hush'));
  });
}

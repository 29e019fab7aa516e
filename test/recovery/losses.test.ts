// Every way to lose a session, three states to lose it in, one proof for all of them.
import test from 'ava';
import type { BayeuxKill, Fault, FaultMatch, SandboxOptions } from '../../src/sandbox/index.js';
import type { WatchEvent } from '../../src/index.js';
import {
  A,
  B,
  Seen,
  TOPIC,
  type Rig,
  acceptedSince,
  assertHealthy,
  createRig,
  has,
  held,
  isSubscribe,
  posted,
} from './rig.js';

/** `accepted`: the reply came, the confirmation did not. `posted`: the server has acted, its reply is not here yet. */
type Mode = 'watching' | 'accepted' | 'posted';
const modes: readonly Mode[] = ['watching', 'accepted', 'posted'];

interface Loss {
  readonly name: string;
  readonly strike: (rig: Rig) => Promise<void> | void;
  readonly modes?: readonly Mode[];
  readonly sandbox?: SandboxOptions;
  /** The server has a session whose id never reached the client: it goes when its time is over. */
  readonly leavesOrphan?: boolean;
}

const clientOf = (rig: Rig): number => rig.trace.length;

/** Lets the held long poll return, with something that concerns nobody. */
const wake = ({ sandbox }: Rig): void => {
  sandbox.push({ messageType: 'WorkbinStateChangeMessage', id: 'nobody', action: 'ItemAdded' });
};

const arrives = (rig: Rig, from: number, fits: (request: Rig['trace'][number]['request']) => boolean): Promise<void> =>
  rig.until('a request', () =>
    rig.trace.slice(from).some(({ phase, request }) => phase === 'arrived' && fits(request)),
  );

const kills: readonly BayeuxKill[] = [
  'unknown',
  'unknown-without-advice',
  'other-text',
  'forbidden',
  'advice-none',
  'advice-handshake-on-success',
];

const html: Fault = {
  kind: 'reply',
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>Please log in</title>',
};
const proxy = (status: number): Fault => ({ kind: 'reply', status, body: `<h1>${status}</h1>` });

/** The next long poll meets a fault. */
const pollMeets = (name: string, fault: Fault, times = 1): Loss => ({
  name,
  strike: (rig) => {
    rig.sandbox.fault({ channel: '/meta/connect', times }, fault);
    wake(rig);
  },
});

/** A long poll whose answer leaves CometD waiting: noticed at once, or, with a message in it, when the patience is over. */
const unanswered = (name: string, body: readonly object[]): Loss => ({
  name,
  strike: async (rig) => {
    rig.sandbox.fault({ channel: '/meta/connect', times: 1 }, { kind: 'reply', body });
    wake(rig);
    const sign = body.length === 0 ? 'the session was lost' : 'did not decode';
    await rig.until('the poor answer', () => rig.log.some((line) => line.includes(sign)));
    if (body.length > 0) rig.clock.advance(60_000);
  },
});

/** A killed session, and on the way back trouble that passes. */
const onTheWay = (name: string, match: FaultMatch, fault: Fault, more: Partial<Loss> = {}): Loss => ({
  name: `killed, then ${name}`,
  strike: ({ sandbox }) => {
    sandbox.fault({ times: 1, ...match }, fault);
    sandbox.killBayeuxSessions();
  },
  ...more,
});

/** A killed session, and on the way back a request that hangs for as long as the library lets it. */
const hangsOnTheWay = (name: string, match: FaultMatch, patience: number, more: Partial<Loss> = {}): Loss => ({
  name: `killed, then ${name} hangs`,
  strike: async (rig) => {
    const from = clientOf(rig);
    rig.sandbox.fault({ ...match, times: 1 }, { kind: 'hang' });
    rig.sandbox.killBayeuxSessions();
    await arrives(
      rig,
      from,
      (request) =>
        (match.channel === undefined || has(match.channel)(request)) &&
        (match.path === undefined || match.path === request.path) &&
        (match.operation === undefined || match.operation === request.operationName),
    );
    rig.clock.advance(patience);
  },
  ...more,
});

/** A killed session, and on the way back one of the HTTP session that has expired. */
const expired = (name: string, match: FaultMatch): Loss => ({
  name: `killed, then ${name} gets 401 once`,
  strike: ({ sandbox }) => {
    sandbox.fault({ times: 1, ...match }, { kind: 'reply', status: 401 });
    sandbox.killHttpSessions();
    sandbox.killBayeuxSessions();
  },
});

const me = { method: 'GET', path: '/api/v2/me' };

const losses: readonly Loss[] = [
  ...kills.map((how): Loss => ({
    name: `the CometD session is killed: ${how}`,
    strike: ({ sandbox }) => sandbox.killBayeuxSessions(how),
  })),
  { name: 'the server restarts', strike: ({ sandbox }) => sandbox.restart() },
  ...[5, 60].map((seconds): Loss => ({
    name: `the server is back after ${seconds} s`,
    strike: async ({ sandbox, clock, until }) => {
      const at = clock.now();
      await sandbox.refuseConnections();
      await until('retries', () => clock.now() - at > seconds * 1000);
      await sandbox.restart();
    },
  })),
  {
    name: 'connections are refused for a while, no session forgotten',
    strike: async ({ sandbox, clock, until }) => {
      const at = clock.now();
      await sandbox.refuseConnections();
      await until('retries', () => clock.now() - at > 3000);
      await sandbox.acceptConnections();
    },
  },
  { name: 'connections are reset', strike: ({ sandbox }) => sandbox.resetConnections() },
  {
    name: 'the HTTP session is dropped, without an error anywhere',
    sandbox: { longPollTimeout: 40 },
    strike: ({ sandbox }) => sandbox.killHttpSessions(),
  },
  {
    name: 'HTTP and CometD sessions are dropped',
    strike: ({ sandbox }) => {
      sandbox.killHttpSessions();
      sandbox.killBayeuxSessions();
    },
  },
  {
    name: 'the HTTP session is dropped, and the CSRF token wanted for CometD too',
    sandbox: { longPollTimeout: 40, csrfOnBayeux: true },
    strike: ({ sandbox }) => sandbox.killHttpSessions(),
  },
  pollMeets('a long poll is reset', { kind: 'reset' }),
  ...[400, 404, 500, 502, 503, 504].map((status) =>
    pollMeets(`a proxy answers ${status} to long polls`, proxy(status)),
  ),
  pollMeets('a proxy answers HTML to a long poll', html),
  pollMeets('a long poll is answered with nothing', { kind: 'reply', body: '' }),
  unanswered('a long poll is answered with no message', []),
  unanswered('a long poll is answered without its own reply', [{ channel: TOPIC, data: {} }]),
  pollMeets('a connect fails with 402 and no advice', { kind: 'bayeux', error: '402::Unknown client' }),
  pollMeets('a connect fails with a text of its own', { kind: 'bayeux', error: 'something is wrong' }),
  pollMeets('a connect fails with advice none', {
    kind: 'bayeux',
    error: '500::Internal error',
    advice: { reconnect: 'none' },
  }),
  pollMeets('a connect fails with advice retry', {
    kind: 'bayeux',
    error: '400::Bad request',
    advice: { reconnect: 'retry', interval: 0 },
  }),
  {
    name: 'a long poll is reset in the middle of its answer',
    strike: async (rig) => {
      const from = clientOf(rig);
      rig.sandbox.fault({ channel: '/meta/connect', times: 1 }, { kind: 'reset-midway' });
      wake(rig);
      await arrives(rig, from, has('/meta/connect'));
      wake(rig);
    },
  },
  {
    name: 'a long poll hangs',
    strike: async (rig) => {
      const from = clientOf(rig);
      rig.sandbox.fault({ channel: '/meta/connect', times: 1 }, { kind: 'hang' });
      wake(rig);
      await arrives(rig, from, has('/meta/connect'));
      rig.clock.advance(60_000);
    },
  },
  {
    name: 'the whole server hangs',
    strike: async (rig) => {
      const from = clientOf(rig);
      const lift = rig.sandbox.fault({}, { kind: 'hang' });
      wake(rig);
      await arrives(rig, from, has('/meta/connect'));
      rig.clock.advance(60_000);
      await arrives(rig, from, ({ path }) => path === me.path);
      lift();
      rig.clock.advance(31_000);
    },
  },
  ...[429, 502, 503, 504].map((status): Loss => ({
    name: `a proxy answers ${status} to everything`,
    strike: (rig) => {
      rig.sandbox.fault({ times: 7 }, proxy(status));
      wake(rig);
    },
  })),
  {
    name: 'a proxy answers HTML to everything',
    strike: (rig) => {
      rig.sandbox.fault({ times: 7 }, html);
      wake(rig);
    },
  },
  onTheWay('the topic fails once', { channel: '/meta/subscribe' }, { kind: 'bayeux', error: '500::Internal error' }),
  onTheWay('the topic is refused once', { channel: '/meta/subscribe' }, { kind: 'bayeux', error: '403::denied' }),
  onTheWay('the topic gets 503', { channel: '/meta/subscribe' }, proxy(503)),
  onTheWay('the topic gets HTML', { channel: '/meta/subscribe' }, html),
  onTheWay('the topic is reset', { channel: '/meta/subscribe' }, { kind: 'reset' }),
  onTheWay('the answer for the topic is cut', { channel: '/meta/subscribe' }, { kind: 'reset-midway' }),
  hangsOnTheWay('the topic', { channel: '/meta/subscribe' }, 60_000),
  onTheWay('the handshake fails', { channel: '/meta/handshake' }, { kind: 'bayeux', error: '500::Internal error' }),
  onTheWay('the handshake is refused once', { channel: '/meta/handshake' }, { kind: 'bayeux', error: '403::denied' }),
  onTheWay(
    'the handshake fails with advice none',
    { channel: '/meta/handshake' },
    { kind: 'bayeux', error: '500::Internal error', advice: { reconnect: 'none' } },
  ),
  onTheWay('the handshake gets 502', { channel: '/meta/handshake', times: 3 }, proxy(502)),
  onTheWay(
    'the answer for the handshake is cut',
    { channel: '/meta/handshake' },
    { kind: 'reset-midway' },
    { leavesOrphan: true },
  ),
  hangsOnTheWay('the handshake', { channel: '/meta/handshake' }, 60_000),
  onTheWay('GET me gets 503', { ...me, times: 8 }, proxy(503)),
  onTheWay('GET me gets HTML', { ...me, times: 8 }, html),
  onTheWay('GET me gets 500', { ...me, times: 8 }, proxy(500)),
  expired('GET me', me),
  onTheWay('GET me is reset', me, { kind: 'reset' }),
  hangsOnTheWay('GET me', me, 31_000),
  onTheWay('the POST gets 503', { operation: 'Subscribe', times: 3 }, proxy(503)),
  onTheWay('the POST gets 429', { operation: 'Subscribe', times: 2 }, {
    ...proxy(429),
    headers: { 'retry-after': '1' },
  } as Fault),
  onTheWay('the POST is reset', { operation: 'Subscribe' }, { kind: 'reset' }),
  onTheWay('the reply to the POST is cut', { operation: 'Subscribe' }, { kind: 'reset-midway' }),
  expired('the POST', { operation: 'Subscribe' }),
  onTheWay('the confirmations come first', { operation: 'Subscribe' }, { kind: 'push', order: 'before' }),
  onTheWay('the confirmations come backwards', { operation: 'Subscribe' }, { kind: 'push', reverse: true }),
  onTheWay('the confirmations come three times', { operation: 'Subscribe' }, { kind: 'push', copies: 3 }),
  onTheWay('the POST gets 503 for long', { operation: 'Subscribe', times: 12 }, proxy(503), { modes: ['watching'] }),
  onTheWay('the POST gets HTML', { operation: 'Subscribe' }, html, { modes: ['watching'] }),
  onTheWay(
    'the POST gets statusCode 4',
    { operation: 'Subscribe' },
    { kind: 'status', statusCode: 4 },
    { modes: ['watching'] },
  ),
  hangsOnTheWay('the POST', { operation: 'Subscribe' }, 31_000),
  {
    name: 'killed twice, the second time between topic and POST',
    strike: async (rig) => {
      const { sandbox } = rig;
      sandbox.killBayeuxSessions();
      const from = clientOf(rig);
      await rig.until('the topic', () =>
        rig.trace.slice(from).some(({ phase, request }) => phase === 'answered' && has('/meta/subscribe')(request)),
      );
      sandbox.killBayeuxSessions();
    },
    modes: ['accepted', 'posted'],
  },
  {
    name: 'killed, then again when the POST arrives',
    strike: ({ sandbox }) => {
      let isArmed = true;
      void sandbox.request((request) => {
        if (isArmed && isSubscribe(request) && request.status === undefined) {
          isArmed = false;
          sandbox.killBayeuxSessions('unknown-without-advice');
        }
        return false;
      });
      sandbox.killBayeuxSessions();
    },
  },
];

const ids = [A, B];

const pending: Readonly<Record<Exclude<Mode, 'watching'>, Fault>> = {
  accepted: { kind: 'push', copies: 0 },
  posted: { kind: 'delay', ms: 600_000 },
};

const survives = test.macro({
  title: (_, mode: Mode, loss: Loss) => `recovery, ${mode}: ${loss.name}`,
  async exec(t, mode: Mode, loss: Loss) {
    const rig = await createRig(t, loss.sandbox === undefined ? {} : { sandbox: loss.sandbox });
    const { sandbox, client, clock, trace, until } = rig;
    if (mode !== 'watching') sandbox.fault({ operation: 'Subscribe', times: 1 }, pending[mode]);
    const heard: string[] = [];
    client.notifications$.subscribe((message) => {
      if ('action' in message && message.id !== 'nobody') {
        // as the sandbox says it
        heard.push((message['chatStateResourceV2'] as { id: string }).id);
      }
    });
    // As soon as the server observes a workbin, something happens in it.
    let atOnce = '';
    void sandbox.request((request) => {
      if (isSubscribe(request) && request.status === 200 && request.workbinIds?.includes(A) === true) {
        atOnce = sandbox.addItem(A);
      }
      return false;
    });

    const seen = new Seen<WatchEvent>(mode === 'watching' ? client.watch(ids) : client.subscribe(ids));
    const isMode = {
      watching: () => ids.every((id) => seen.confirmed(id) === 1) && seen.items.length === 1,
      accepted: () => seen.events.length === 1,
      posted: () => sandbox.subscriptions().length === 2,
    }[mode];
    await until(`to be ${mode}`, isMode);
    await held(rig);
    t.is(seen.confirmed(A), mode === 'watching' ? 1 : 0);
    clock.advance(1_000);

    const lossAt = clock.now();
    const from = trace.length;
    await loss.strike(rig);
    if (mode === 'watching') {
      await until('the gap', () => seen.gaps.length === 1);
      const [gap] = seen.gaps;
      t.deepEqual([...(gap?.workbinIds ?? [])].sort(), [...ids].sort());
      t.true((gap?.from ?? Infinity) <= lossAt, 'the gap begins after the loss');
      t.true((gap?.to ?? 0) >= lossAt && (gap?.to ?? Infinity) <= clock.now());
      t.is(typeof gap?.reason, 'string');
    } else {
      await until('the end', () => seen.hasEnded);
      t.is(seen.error, undefined);
      for (const id of ids) t.is(seen.confirmed(id), 1);
      t.is(seen.types.at(0), 'accepted');
    }
    const last = sandbox.addItem(B);
    await until('an item after the recovery', () => heard.includes(last));
    await until('the item that came at once', () => heard.includes(atOnce));
    await held(rig);
    if (mode === 'watching') {
      t.deepEqual(seen.items, [...new Set(seen.items)], 'nothing doubled');
      t.true(seen.items.includes(atOnce), 'the item that came with the recovery');
      t.is(seen.items.at(-1), last);
      t.is(seen.gaps.length, 1);
      t.false(seen.hasEnded);
      // An HTTP session that expires on the way back is a loss of its own.
      const isTwofold = loss.name.includes('401') || loss.name.includes('again');
      for (const id of ids) {
        if (isTwofold) t.true(seen.confirmed(id) >= 2);
        else t.is(seen.confirmed(id), 2, 'confirmed once more');
      }
    }
    t.deepEqual(heard, [...new Set(heard)]);
    await assertHealthy(t, rig, ids, 'me', loss.leavesOrphan);
    const accepted = acceptedSince(trace);
    if (!loss.name.includes('POST')) for (const id of ids) t.is(accepted.get(id), 1, 'posted once in the last session');
    t.true(posted(trace, 'Subscribe', from).length > 0);
    await client.close();
    t.is(clock.armed, 0, 'timers left');
  },
});

for (const mode of modes) {
  for (const loss of losses) {
    if (loss.modes === undefined || loss.modes.includes(mode)) test(survives, mode, loss);
  }
}

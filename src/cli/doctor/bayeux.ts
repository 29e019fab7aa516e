import { type Finding, failed, ok, warning } from './finding.js';
import { bayeuxPath, foreign, glimpse } from './session.js';
import { codeOf, trouble } from './trouble.js';
import { type Answer, type Visitor, field } from './visitor.js';

const topic = '/v2/me/workbins';

type Reply = { readonly message: unknown } | { readonly finding: Finding };

/** A CometD session by hand, one message a request. */
export class BayeuxVisit {
  #clientId: string | undefined;
  #transports: readonly unknown[] | undefined;
  #count = 0;
  readonly #visitor: Visitor;

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
  }

  get transports(): readonly unknown[] | undefined {
    return this.#transports;
  }

  async handshake(signal: AbortSignal): Promise<Finding> {
    const reply = await this.#ask(signal, {
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
    });
    if ('finding' in reply) return reply.finding;
    const { message } = reply;
    const transports = field(message, 'supportedConnectionTypes');
    this.#transports = Array.isArray(transports) ? (transports as readonly unknown[]) : undefined;
    const clientId = field(message, 'clientId');
    if (field(message, 'successful') !== true || typeof clientId !== 'string') {
      return failed(
        `refused: ${errorOf(message)}`,
        'CometD answers, and gives this user no session.',
        'Check the rights of the account; the text after the number is the server’s own reason.',
      );
    }
    this.#clientId = clientId;
    return ok('a session was given');
  }

  /** Whether the transport that this library uses is offered. */
  transport(): Finding {
    const names = this.#transports?.map(String).join(', ') ?? 'nothing said';
    if (this.#transports === undefined || this.#transports.includes('long-polling'))
      return ok(`long-polling, of ${names}`);
    return failed(
      `only ${names}`,
      'The server offers no long-polling, the one transport that Web Services document.',
      'Have long-polling allowed in the server’s CometD settings.',
    );
  }

  async topic(signal: AbortSignal): Promise<Finding> {
    const reply = await this.#ask(signal, { channel: '/meta/subscribe', subscription: topic });
    if ('finding' in reply) return reply.finding;
    if (field(reply.message, 'successful') === true) return ok(topic);
    return failed(
      `${topic} refused: ${errorOf(reply.message)}`,
      'The server lets this session not hear of workbins.',
      'The contact centre needs the feature api-multimedia, and the account the right to use it; a 402 means that the session was lost between two requests: a load balancer without stickiness.',
    );
  }

  /** The first poll is answered at once; the second is held: looked at for so many ms. */
  async poll(signal: AbortSignal, hold: number): Promise<Finding> {
    const connect = { channel: '/meta/connect', connectionType: 'long-polling' };
    const first = await this.#ask(signal, { ...connect, advice: { timeout: 0 } });
    if ('finding' in first) return first.finding;
    if (field(first.message, 'successful') !== true) return pollFailed(first.message);
    const advice = field(first.message, 'advice');
    const timeout = field(advice, 'timeout');
    const promised = typeof timeout === 'number' ? `, by its own word for ${timeout / 1_000} s` : '';
    const started = performance.now();
    const enough = new AbortController();
    const timer = setTimeout(() => {
      enough.abort();
    }, hold);
    const second = await this.#ask(AbortSignal.any([enough.signal, signal]), connect).catch((error: unknown) => {
      if (enough.signal.aborted) return undefined;
      throw error;
    });
    clearTimeout(timer);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    if (enough.signal.aborted || second === undefined)
      return ok(`answered, then held for ${seconds} s and longer${promised}`);
    if ('finding' in second) {
      const { outcome, detail } = second.finding;
      return {
        outcome,
        detail: `held, then after ${seconds} s: ${detail}`,
        meaning: 'Something cuts requests that stay open; each notification that falls into the cut is late.',
        advice:
          'Proxies and load balancers have to let requests wait longer than the server holds them (30 s and more).',
      };
    }
    if (field(second.message, 'successful') !== true) return pollFailed(second.message);
    return Number(seconds) >= 0.5 || hold < 500
      ? ok(`answered, then held for ${seconds} s${promised}`)
      : warning(
          `answered after ${seconds} s instead of being held`,
          'The server does not wait for news; it will be asked again and again.',
          'Another session of the same browser or a setting (maxSessionsPerBrowser, timeout 0) may be why.',
        );
  }

  /** Gives the session back, if there is one. */
  async end(signal: AbortSignal): Promise<void> {
    if (this.#clientId !== undefined) await this.#ask(signal, { channel: '/meta/disconnect' }).catch(() => undefined);
  }

  async #ask(
    signal: AbortSignal,
    message: { readonly channel: string } & Readonly<Record<string, unknown>>,
  ): Promise<Reply> {
    const id = String(++this.#count);
    const clientId = this.#clientId === undefined ? {} : { clientId: this.#clientId };
    let answer: Answer;
    try {
      answer = await this.#visitor.send(bayeuxPath, signal, [{ id, ...clientId, ...message }]);
    } catch (error) {
      if (codeOf(error) === '' && signal.aborted) throw error;
      return { finding: trouble(error) };
    }
    const reply = Array.isArray(answer.json)
      ? (answer.json as readonly unknown[]).find((each) => field(each, 'channel') === message.channel)
      : undefined;
    return reply === undefined ? { finding: noBayeux(answer, this.#visitor.pathOf(bayeuxPath)) } : { message: reply };
  }
}

const errorOf = (message: unknown): string => {
  const error = field(message, 'error');
  return typeof error === 'string' ? error : 'no reason given';
};

const pollFailed = (message: unknown): Finding =>
  failed(
    `refused: ${errorOf(message)}`,
    'The session is not known any more, a moment after it was given.',
    'A load balancer that sends each request to another server does this: it has to keep a session on one (stickiness).',
  );

/** An answer that no CometD server gives. */
const noBayeux = (answer: Answer, path: string): Finding => {
  if (answer.status === 403 && /csrf/i.test(answer.text)) {
    return failed(
      'HTTP 403, the CSRF token is missing or not valid',
      'The server protects its POSTs, and did not take the token that it gave, if it gave one.',
      'What stands in front of Web Services has to let X-CSRF-HEADER and X-CSRF-TOKEN through, and keep the session on one server.',
    );
  }
  if (answer.status === 401 || answer.status === 403) {
    return failed(
      glimpse(answer),
      'The server does not let this user to CometD.',
      `Check the rights of the account, and who guards ${path}.`,
    );
  }
  return (
    foreign(answer, path) ??
    failed(
      glimpse(answer),
      'What answers does not speak CometD.',
      `Requests to ${path} have to reach Web Services, POST included.`,
    )
  );
};

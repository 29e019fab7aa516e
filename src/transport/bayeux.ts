import * as cometd from '#bayeux';
import type { CometD, Message } from 'cometd';
import { Observable, type SchedulerLike, Subscription, asyncScheduler } from 'rxjs';
import { DecodeError, HttpError } from '../errors.js';
import { glimpse } from '../protocol/decode.js';
import type { HttpReply } from '../protocol/reply.js';
import { topic } from '../protocol/request.js';

/** What a CometD session tells of itself. */
export type BayeuxSignal =
  | { readonly type: 'handshaken'; readonly clientId: string }
  /** The topic's subscription is acknowledged: from now on no message is missed. */
  | { readonly type: 'live' }
  /** A sign of life. */
  | { readonly type: 'well' }
  /** What comes from now on may have gaps; only of a session that is not our own, which may come back. */
  | { readonly type: 'lost'; readonly reason: string };

/** The end of a CometD session. */
export class BayeuxLoss extends Error {
  constructor(
    readonly reason: string,
    /** The server said no: trying the same again does not help. */
    readonly isRefused: boolean,
    cause: unknown,
  ) {
    super(reason, { cause });
  }
}

/** A message as it comes; `cometd.d.ts` leaves `failure` out. */
type Reply = Message & {
  readonly failure?: { readonly exception?: unknown; readonly httpCode?: number; readonly reason?: string };
};

interface Envelope {
  readonly messages: readonly { readonly id: string }[];
}
interface TransportRequest {
  readonly metaConnect: boolean;
  xhr?: Subscription;
}
/** What `cometd.d.ts` leaves out of the transport classes, as far as it is used here. */
declare class RequestTransportType {
  convertToJSON(messages: Envelope['messages']): string;
  transportSuccess(envelope: Envelope, request: TransportRequest, replies: readonly object[]): void;
  transportFailure(envelope: Envelope, request: TransportRequest, failure: { exception: unknown }): void;
}
type Base = typeof CometD;
// The package exports both classes; its types know but one.
const { CometD: Client, RequestTransport } = cometd as unknown as {
  CometD: Base;
  RequestTransport: typeof RequestTransportType;
};

/** Sends a Bayeux body to the endpoint. */
export type BayeuxPost = (body: string) => Observable<HttpReply>;

const isMessages = (value: unknown): value is Message[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((message: unknown) => typeof message === 'object' && message !== null && 'channel' in message);

const messagesOf = ({ status, text, retryAfter }: HttpReply): Message[] => {
  if (status !== 200) throw new HttpError(`CometD was refused with HTTP status ${status}`, status, retryAfter);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (isMessages(value)) return value;
  throw new DecodeError('CometD was answered with what Bayeux does not document', [`body: got ${glimpse(text)}`]);
};

/** CometD's long polling over our own requests: same fetch, cookies and headers as REST. */
class PostTransport extends RequestTransport {
  readonly requests = new Subscription();

  constructor(
    private readonly post: BayeuxPost,
    private readonly receive: (message: Message) => void,
  ) {
    super();
  }

  accept(): boolean {
    return true;
  }

  transportSend(envelope: Envelope, request: TransportRequest): boolean {
    if (this.requests.closed) return false;
    const fail = (exception: unknown): void => {
      this.transportFailure(envelope, request, { exception });
    };
    const onReply = (reply: HttpReply): void => {
      let messages: Message[];
      try {
        messages = messagesOf(reply);
      } catch (error) {
        fail(error);
        return;
      }
      if (!request.metaConnect || messages.some(({ channel }) => channel === '/meta/connect')) {
        this.transportSuccess(envelope, request, messages);
        return;
      }
      // CometD would wait for ever for the reply that is not there.
      messages.forEach(this.receive);
      fail(new DecodeError('a long poll was answered without its /meta/connect', [`body: got ${glimpse(messages)}`]));
    };
    const sending = this.post(this.convertToJSON(envelope.messages)).subscribe({ next: onReply, error: fail });
    request.xhr = sending;
    this.requests.add(sending);
    return true;
  }

  abortXHR(xhr: Subscription | undefined): boolean {
    xhr?.unsubscribe();
    // Not by itself: CometD is to count the request as failed.
    return false;
  }

  xhrStatus(): number {
    return -1;
  }
}

/** A CometD client that prints nothing, keeps its timers together, and leaves every retry to us. */
class Session extends Client {
  readonly #timers = new Subscription();
  readonly #scheduler: SchedulerLike;
  readonly #onData: (data: unknown) => void;
  readonly #transport: PostTransport;

  constructor(post: BayeuxPost, onData: (data: unknown) => void, scheduler: SchedulerLike) {
    super();
    this.#scheduler = scheduler;
    this.#onData = onData;
    this.#transport = new PostTransport(post, (message) => {
      this.receive(message);
    });
    this.unregisterTransports();
    // The registry's type asks for what CometD's own base class has.
    this.registerTransport('long-polling', this.#transport as unknown as cometd.Transport);
  }

  /** Each message of each answer comes through here: the topic's take the short way, past all of CometD's listeners. */
  receive(message: Message): void {
    if (message.channel === topic && message.data !== undefined) this.#onData(message.data);
    // CometD has it; its types do not.
    else (Client.prototype as unknown as { receive(message: Message): void }).receive.call(this, message);
  }

  override setTimeout(work: () => void, delay: number): Subscription {
    // No delay is no timer: virtual time must not hold back what is due.
    const timer = (delay > 0 ? this.#scheduler : asyncScheduler).schedule(work, delay);
    this.#timers.add(timer);
    return timer;
  }

  override clearTimeout(timer: Subscription | undefined): void {
    timer?.unsubscribe();
  }

  onTransportFailure(): void {
    // What failed is told to the listeners of its channel; what to do about it is decided there.
  }

  dispose(): void {
    this.#transport.requests.unsubscribe();
    this.#timers.unsubscribe();
    this.clearListeners();
  }

  _warn(): void {
    // Prints nothing.
  }
  _info(): void {
    // Prints nothing.
  }
  _debug(): void {
    // Prints nothing.
  }
}

const isTopic = (subscription: unknown): boolean =>
  Array.isArray(subscription) ? subscription.includes(topic) : subscription === topic;

const lossOf = ({ channel, error, failure }: Reply): BayeuxLoss => {
  const cause = failure?.exception;
  const why = error ?? (cause instanceof Error ? cause.message : (failure?.reason ?? 'refused'));
  const isRefused = error !== undefined && channel !== '/meta/connect' && /^40[13]\b/.test(error);
  return new BayeuxLoss(`${channel}: ${why}`, isRefused, cause);
};

let barriers = 0;

/**
 * Listens in on a CometD client, whoever opens its session: keeps the topic subscribed in each, and tells what happens.
 *
 * Emits `live` when the topic is acknowledged, `lost` when a connect or a handshake fails. Unsubscribing takes its
 * listeners and its subscription away, and nothing else.
 *
 * @throws {@link BayeuxLoss} through the error channel when the topic is refused
 */
export const attachBayeux = (
  client: CometD,
  onData: (data: unknown) => void,
  isOwn = false,
): Observable<BayeuxSignal> =>
  new Observable((subscriber) => {
    let handle: cometd.SubscriptionHandle | undefined;
    let awaited: string | undefined;
    let acknowledged: string | null = null;
    let isLost = true;

    const lose = (loss: BayeuxLoss): void => {
      isLost = true;
      subscriber.next({ type: 'lost', reason: loss.reason });
    };
    const live = (): void => {
      isLost = false;
      subscriber.next({ type: 'live' });
    };
    const subscribeTopic = (): void => {
      acknowledged = null;
      handle = client.subscribe(topic, (message) => {
        onData(message.data);
      });
      if (isOwn) return;
      // Where the application has a listener or a subscription of its own on the topic, CometD sends nothing and reports
      // success, acknowledged or not: one message of our own tells.
      awaited = `rx-workbins-${++barriers}`;
      // CometD has `send`; its types do not.
      const raw = client as unknown as { send(message: object): void };
      raw.send({ id: awaited, channel: '/meta/subscribe', subscription: topic });
    };

    const listeners = [
      client.addListener('/meta/handshake', (message: Reply) => {
        if (message.successful === true && message.clientId !== undefined) {
          if (!isLost) lose(new BayeuxLoss('the CometD session was replaced', false, undefined));
          subscriber.next({ type: 'handshaken', clientId: message.clientId });
          subscribeTopic();
        } else {
          const transports = message.supportedConnectionTypes;
          if (isOwn && transports !== undefined && !transports.includes('long-polling')) {
            subscriber.error(
              new BayeuxLoss(`/meta/handshake: no long-polling among ${glimpse(transports)}`, true, undefined),
            );
          } else if (isOwn) subscriber.error(lossOf(message));
          else lose(lossOf(message));
        }
      }),
      client.addListener('/meta/subscribe', (message: Reply) => {
        if (!isTopic(message.subscription) || (awaited !== undefined && message.id !== awaited)) return;
        if (message.successful === true) {
          acknowledged = client.getClientId();
          live();
        } else {
          const loss = lossOf(message);
          if (loss.isRefused || isOwn) subscriber.error(loss);
          else lose(loss);
        }
      }),
      client.addListener('/meta/connect', (message: Reply) => {
        if (message.successful !== true) {
          lose(lossOf(message));
          return;
        }
        const advised = message.advice?.reconnect;
        if (isOwn && advised !== undefined && advised !== 'retry') {
          // CometD stops polling without a word.
          lose(new BayeuxLoss(`/meta/connect: advice ${advised}`, false, undefined));
        } else if (!isLost) {
          subscriber.next({ type: 'well' });
        } else if (!isOwn && acknowledged === client.getClientId()) {
          live();
        } else if (!isOwn && awaited !== undefined && acknowledged === null) {
          subscribeTopic();
        }
      }),
      client.addListener('/meta/disconnect', () => {
        lose(new BayeuxLoss('the CometD session was disconnected', false, undefined));
      }),
    ];
    subscriber.add(() => {
      for (const listener of listeners) client.removeListener(listener);
      if (handle !== undefined && !client.isDisconnected()) client.unsubscribe(handle);
      else if (handle !== undefined) client.removeListener(handle);
    });
    const clientId = client.getClientId();
    if (clientId !== null && client.getStatus() === 'connected') {
      subscriber.next({ type: 'handshaken', clientId });
      subscribeTopic();
    }
  });

const maxNetworkDelay = 10_000;
const slack = 5_000;

/**
 * A CometD session of our own: handshake, topic, long polls.
 *
 * Emits `handshaken`, `live`, then `well` with every long poll; ends in an error when the session is lost, for whatever
 * reason, and never heals by itself. Unsubscribing aborts what is in flight.
 *
 * @throws {@link BayeuxLoss} through the error channel
 */
export const openBayeux = (
  url: string,
  post: BayeuxPost,
  onData: (data: unknown) => void,
  scheduler: SchedulerLike,
): Observable<BayeuxSignal> =>
  new Observable((subscriber) => {
    const session = new Session(post, onData, scheduler);
    let watchdog: Subscription | undefined;
    const watch = (): void => {
      const { timeout = 60_000, interval = 0 } = session.getAdvice();
      watchdog?.unsubscribe();
      watchdog = session.setTimeout(
        () => {
          subscriber.error(new BayeuxLoss('the CometD session went silent', false, undefined));
        },
        timeout + interval + maxNetworkDelay + slack,
      );
    };
    session.configure({ url, useWorkerScheduler: false, appendMessageTypeToURL: false, maxNetworkDelay });
    // First, so that what follows sends nothing more.
    subscriber.add(() => {
      session.dispose();
    });
    subscriber.add(
      attachBayeux(session, onData, true).subscribe({
        next: (signal) => {
          watch();
          if (signal.type === 'lost') subscriber.error(new BayeuxLoss(signal.reason, false, undefined));
          else subscriber.next(signal);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
      }),
    );
    watch();
    session.handshake();
  });

/** The body that gives a CometD session back. */
export const disconnectBody = (clientId: string): string =>
  JSON.stringify([{ id: 'bye', channel: '/meta/disconnect', clientId }]);

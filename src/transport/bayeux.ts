import { CometD as Client, type Envelope, type Message } from '#bayeux';
import type { CometD, SubscriptionHandle } from 'cometd';
import { Observable, type SchedulerLike, Subscription, asyncScheduler } from 'rxjs';
import { DecodeError, HttpError } from '../errors.js';
import { type HttpAnswer, longestDelay } from './http.js';

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
    message: string,
    /** The server said no: trying the same again does not help. */
    readonly isRefused = false,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Sends a Bayeux body to the endpoint. */
export type BayeuxPost = (body: string) => Observable<HttpAnswer>;

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'channel' in value && typeof value.channel === 'string';

/** The Bayeux messages of an answer; what is none goes the way of what does not decode. */
const messagesOf = ({ status, text, retryAfter }: HttpAnswer, onData: (data: unknown) => void): Message[] => {
  if (status !== 200) throw new HttpError(`CometD was refused with HTTP status ${status}`, status, retryAfter);
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    // Said below.
  }
  const messages = Array.isArray(values) ? values.filter(isMessage) : [];
  if (messages.length > 0 && Array.isArray(values)) {
    for (const value of values) if (!isMessage(value)) onData(value);
    return messages;
  }
  // Without what it says: that may be anything, a secret too.
  const reason = `body: ${text.length} characters that are no Bayeux messages`;
  throw new DecodeError('CometD was answered with what Bayeux does not document', [reason]);
};

const lossOf = ({ channel, error, failure, supportedConnectionTypes: types }: Message): BayeuxLoss => {
  const cause = failure?.exception;
  const isForeign = types?.includes('long-polling') === false;
  const why = error ?? (cause instanceof Error ? cause.message : failure?.reason);
  const what = isForeign ? `no long-polling among ${types.join()}` : (why ?? 'refused');
  return new BayeuxLoss(`${channel}: ${what}`, isForeign || /^40[13]\b/.test(error ?? ''), cause);
};

/**
 * Listens in on a CometD client, whoever opens its session: keeps the topic subscribed in each, and tells what happens.
 *
 * Emits `live` when the topic is acknowledged, `lost` when a connect or a handshake fails. Unsubscribing takes its
 * listeners and its subscription away, and nothing else.
 *
 * @param isOwn - the session is ours: what is lost is the end of it
 * @throws {@link BayeuxLoss} through the error channel when the topic is refused
 */
export const attachBayeux = (
  client: CometD,
  topic: string,
  onData: (data: unknown) => void,
  isOwn = false,
): Observable<BayeuxSignal> =>
  new Observable((subscriber) => {
    /** The id of our own /meta/subscribe; another one each time, as an answer to the one before may still come. */
    let barrier: string | undefined;
    let handle: SubscriptionHandle | undefined;
    let acknowledged: string | null = null;
    let isLive = false;
    /** The session whose topic is asked for: the first /meta/connect may be answered before that is acknowledged. */
    let begun: string | undefined;

    const lose = (loss: BayeuxLoss): void => {
      isLive = false;
      begun = undefined;
      if (isOwn || (loss.isRefused && loss.message.startsWith('/meta/s'))) subscriber.error(loss);
      else subscriber.next({ type: 'lost', reason: loss.message });
    };
    const live = (): void => {
      isLive = true;
      subscriber.next({ type: 'live' });
    };
    const begin = (clientId: string): void => {
      acknowledged = null;
      begun = clientId;
      if (handle !== undefined) client.removeListener(handle);
      subscriber.next({ type: 'handshaken', clientId });
      handle = client.subscribe(topic, ({ data }) => {
        onData(data);
      });
      // Where the application has a listener or a subscription of its own on the topic, CometD sends nothing and reports
      // success, acknowledged or not: one message of our own tells. It names the topic twice, as CometD drops all
      // subscriptions of the one channel that a failure names. CometD has `send`; its types do not.
      if (isOwn) return;
      // Two clients may listen in on one CometD client, and its ids are one row.
      barrier = `rx-workbins-${Math.random()}`;
      (client as CometD & Pick<Client, 'send'>).send({
        id: barrier,
        channel: '/meta/subscribe',
        subscription: [topic, topic],
      });
    };
    const on = (channel: string, handle: (message: Message) => void): void => {
      const listener = client.addListener(channel, handle);
      subscriber.add(() => {
        client.removeListener(listener);
      });
    };

    on('/meta/handshake', (message) => {
      if (message.successful && message.clientId !== undefined) {
        if (isLive) lose(new BayeuxLoss('the CometD session was replaced'));
        begin(message.clientId);
      } else {
        lose(lossOf(message));
      }
    });
    on('/meta/subscribe', (message) => {
      if (!String(message.subscription).split(',').includes(topic)) return;
      if (!message.successful) {
        // With one subscription that fails, CometD drops all that the channel has: ours with the application's.
        acknowledged = null;
        barrier = undefined;
        lose(lossOf(message));
      } else if (isOwn || message.id === barrier) {
        acknowledged = client.getClientId();
        live();
      }
    });
    on('/meta/connect', (message) => {
      const advised = message.advice?.reconnect ?? 'retry';
      if (!message.successful) {
        lose(lossOf(message));
      } else if (isOwn && advised !== 'retry') {
        // CometD stops polling without a word.
        lose(new BayeuxLoss(`/meta/connect: advice ${advised}`));
      } else if (isLive || isOwn) {
        subscriber.next({ type: 'well' });
      } else {
        // It comes back: with the topic it had, or without.
        const clientId = client.getClientId();
        if (acknowledged === clientId) live();
        else if (clientId !== null && begun !== clientId) begin(clientId);
      }
    });
    on('/meta/disconnect', () => {
      lose(new BayeuxLoss('the CometD session was disconnected'));
    });

    subscriber.add(() => {
      if (handle === undefined) return;
      if (client.isDisconnected()) client.removeListener(handle);
      else client.unsubscribe(handle);
    });
    const clientId = client.getClientId();
    if (clientId !== null && client.getStatus() === 'connected') begin(clientId);
  });

/** ms beyond what the server may take to answer. */
const patience = 15_000;

/**
 * A CometD session of our own: handshake, topic, long polls, over our own requests.
 *
 * Emits `handshaken`, `live`, then `well` with every long poll; ends in an error when the session is lost, for whatever
 * reason, and never heals by itself. Unsubscribing aborts what is in flight.
 *
 * @throws {@link BayeuxLoss} through the error channel
 */
export const openBayeux = (
  url: string,
  topic: string,
  post: BayeuxPost,
  onData: (data: unknown) => void,
  scheduler: SchedulerLike,
): Observable<BayeuxSignal> =>
  new Observable((subscriber) => {
    const work = new Subscription();
    const client = new Client();
    const quiet = (): void => undefined;
    const later = (run: () => void, delay: number): Subscription => {
      // No delay is no timer: virtual time must not hold back what is due.
      const timer = (delay > 0 ? scheduler : asyncScheduler).schedule(run, delay);
      work.add(timer);
      return timer;
    };
    let watchdog: Subscription | undefined;
    const watch = (limit: number): void => {
      watchdog?.unsubscribe();
      watchdog = later(
        () => {
          subscriber.error(new BayeuxLoss('the CometD session went silent'));
        },
        Math.min(Math.max(limit, patience), longestDelay),
      );
    };

    // CometD calls these on itself. It is to keep its timers with ours, and leave every retry to us.
    Object.assign(client, {
      onTransportFailure: quiet,
      setTimeout: later,
      clearTimeout: (timer?: Subscription) => timer?.unsubscribe(),
      receive: (message: Message) => {
        // The topic's messages take the short way, past all of CometD's listeners.
        if (message.channel === topic && message.data !== undefined) onData(message.data);
        else {
          try {
            Client.prototype.receive.call(client, message);
          } catch (error) {
            // CometD would stop polling without a word.
            subscriber.error(new BayeuxLoss(`${message.channel}: CometD failed`, false, error));
          }
        }
      },
    });
    client.unregisterTransports();
    client.registerTransport('long-polling', {
      type: 'long-polling',
      url,
      accept: () => true,
      abort: quiet,
      reset: quiet,
      send: ({ messages, onSuccess, onFailure }: Envelope) => {
        if (work.closed) return;
        const fail = (exception: unknown): void => {
          onFailure(undefined, messages, { exception });
        };
        const requests = post(JSON.stringify(messages)).subscribe({
          next: (reply) => {
            let received: Message[];
            try {
              received = messagesOf(reply, onData);
            } catch (error) {
              fail(error);
              return;
            }
            onSuccess(received);
          },
          error: fail,
        });
        work.add(requests);
      },
    });
    client.configure({ url, useWorkerScheduler: false, appendMessageTypeToURL: false });

    // First, so that what follows sends nothing more.
    subscriber.add(() => {
      work.unsubscribe();
      client.clearListeners();
    });
    subscriber.add(
      attachBayeux(client, topic, onData, true).subscribe({
        next: (signal) => {
          const { timeout, interval } = client.getAdvice();
          watch((Number(timeout) || 0) + (Number(interval) || 0) + patience);
          subscriber.next(signal);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
      }),
    );
    watch(patience);
    client.handshake();
  });

/** The body that gives a CometD session back. */
export const disconnectBody = (clientId: string): string =>
  JSON.stringify([{ id: '1', channel: '/meta/disconnect', clientId }]);

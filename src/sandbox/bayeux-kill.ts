import { failure, handshakeAdvice, isMeta, replyTo, type BayeuxMessage } from './bayeux-message.js';
import type { BayeuxKill } from './types.js';

/** The clients whose sessions were killed, and how they are told. */
export class KilledClients {
  readonly #killed = new Map<unknown, BayeuxKill>();

  add(clientId: string, how: BayeuxKill): void {
    this.#killed.set(clientId, how);
  }

  has(message: BayeuxMessage): boolean {
    return this.#killed.has(message['clientId']);
  }

  clear(): void {
    this.#killed.clear();
  }

  /** The reply to a message of a killed client; `undefined` where the CometD server's own is the right one. */
  answer(message: BayeuxMessage): BayeuxMessage | undefined {
    const how = isMeta(message, 'handshake') ? undefined : this.#killed.get(message['clientId']);
    const isConnect = isMeta(message, 'connect');
    switch (how) {
      case undefined:
      case 'unknown':
        return undefined;
      case 'unknown-without-advice':
        return failure(message, '402::Unknown client');
      case 'other-text':
        return failure(message, '402::session_unknown', isConnect ? handshakeAdvice : undefined);
      case 'forbidden':
        return failure(message, '403::Forbidden');
      case 'advice-none':
        return failure(message, '402::Unknown client', { reconnect: 'none', interval: 0 });
      case 'advice-handshake-on-success':
        return isConnect
          ? replyTo(message, { successful: true, advice: handshakeAdvice })
          : failure(message, '402::Unknown client');
    }
  }

  /** What a connect that was held when its session was killed returns with. */
  released(message: BayeuxMessage, replies: readonly BayeuxMessage[]): readonly BayeuxMessage[] {
    const how = this.#killed.get(message['clientId']);
    if (how === undefined) return replies;
    return (
      replies
        // how the CometD server says that it disconnects a client; one that lost its session says nothing
        .filter((reply) => !(isMeta(reply, 'disconnect') && reply['id'] === undefined))
        .map((reply) =>
          how === 'advice-handshake-on-success' && isMeta(reply, 'connect')
            ? { ...reply, advice: handshakeAdvice }
            : reply,
        )
    );
  }
}

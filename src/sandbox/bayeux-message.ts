import { isRecord } from './incoming.js';

/** A Bayeux message from a client: whatever else it holds, it is an object. */
export type BayeuxMessage = Readonly<Record<string, unknown>>;

/** The messages of a body: Bayeux allows an array of them or a single one. `undefined` where it is neither. */
export function messagesOf(json: unknown): readonly BayeuxMessage[] | undefined {
  const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
  return messages.length > 0 && messages.every(isRecord) ? messages : undefined;
}

/** Advice to handshake again, as CometD servers give it. */
export const handshakeAdvice = { reconnect: 'handshake', interval: 0 };

/** An unsuccessful reply. */
export function failure(message: BayeuxMessage, error: string, advice?: object): BayeuxMessage {
  return replyTo(message, { successful: false, error, ...(advice === undefined ? {} : { advice }) });
}

export function replyTo({ id, channel, subscription }: BayeuxMessage, fields: BayeuxMessage): BayeuxMessage {
  return {
    ...(id === undefined ? {} : { id }),
    channel,
    ...(subscription === undefined ? {} : { subscription }),
    ...fields,
  };
}

/** Whether the names in a message are such that a server can look them up. */
export function hasValidChannels({ channel, subscription }: BayeuxMessage): boolean {
  const subscriptions: readonly unknown[] = Array.isArray(subscription) ? subscription : [subscription];
  return isChannel(channel) && subscriptions.every((name) => name === undefined || isChannel(name));
}

export function isMeta(message: BayeuxMessage, name: 'handshake' | 'connect' | 'disconnect'): boolean {
  return message['channel'] === `/meta/${name}`;
}

function isChannel(name: unknown): boolean {
  return typeof name === 'string' && /^(\/[^/\s]+)+$/.test(name);
}

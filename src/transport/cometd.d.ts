// The types of '#bayeux': the package's own, with what they leave out of its exports, as far as it is used here.
import type { CometD as Documented, Message as DocumentedMessage, Transport as DocumentedTransport } from 'cometd';

/** A message as it comes. */
export interface Message extends DocumentedMessage {
  /** Why a request failed: `exception` is what our own transport failed it with. */
  readonly failure?: { readonly exception?: unknown; readonly reason?: string };
}

/** What CometD gives a transport to send. */
export interface Envelope {
  readonly messages: readonly Message[];
  readonly onSuccess: (received: readonly Message[]) => void;
  readonly onFailure: (
    conduit: unknown,
    messages: readonly Message[],
    failure: { readonly exception: unknown },
  ) => void;
}

/** What CometD asks of a transport. */
export interface Transport extends DocumentedTransport {
  reset(isInitial: boolean): void;
  send(envelope: Envelope, isMetaConnect: boolean): void;
}

export declare class CometD extends Documented {
  registerTransport(type: string, transport: Transport, index?: number): boolean;
  receive(message: DocumentedMessage): void;
  send(message: object): void;
}

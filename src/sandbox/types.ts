/**
 * A user of the contact centre.
 *
 * @category sandbox
 */
export interface SandboxUser {
  readonly id: string;
  readonly userName: string;
  readonly password: string;
  /** May act on other users' workbins (`/api/v2/users/{userId}/workbins`). Default false. */
  readonly supervisor?: boolean;
}

/**
 * A workbin of the contact centre.
 *
 * @category sandbox
 */
export interface SandboxWorkbin {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly type: 'Agent' | 'Place' | 'AgentGroup' | 'PlaceGroup';
  /** The one user who has this workbin. Default: every user has one of his own under this id. */
  readonly ownerId?: string;
}

/**
 * When a push leaves, seen from the HTTP reply of the request that causes it.
 *
 * `before` holds the reply until the client came back after receiving the push (250 ms at most), `with` sends both in
 * the same turn, on two sockets, so that either may arrive first, `after` waits until the reply is written.
 *
 * @category sandbox
 */
export type PushOrder = 'before' | 'with' | 'after';

/**
 * What {@link createSandbox} takes. All of it is optional.
 *
 * @category sandbox
 */
export interface SandboxOptions {
  /** The port to listen on. Default 0: any free one, see {@link Sandbox.url}. */
  readonly port?: number;
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default {@link defaultUsers}: `agent` / `secret`, a supervisor, and `colleague` / `secret`. At least one. */
  readonly users?: readonly SandboxUser[];
  /** Default {@link defaultWorkbins}. */
  readonly workbins?: readonly SandboxWorkbin[];
  /** Every workbin id exists. Default false: an unknown one gets `statusCode` 6. */
  readonly acceptAnyWorkbin?: boolean;
  /** CSRF protection; a string names the header that clients have to send. Default true: `X-CSRF-TOKEN`. */
  readonly csrf?: boolean | string;
  /** The CometD POSTs need the CSRF token as well. Undocumented at Genesys. Default false. */
  readonly csrfOnBayeux?: boolean;
  /** Default `after`. */
  readonly push?: PushOrder;
  /** Every state message carries its `referenceId`. Default false, as in Genesys' samples: only those of groups. */
  readonly referenceIdInMessages?: boolean;
  /** Subscribing without a started contact centre session gets `statusCode` 2. Default false. */
  readonly requireContactCenterSession?: boolean;
  /**
   * Origins whose pages may call the sandbox with credentials. Default none.
   *
   * The cookies have no `SameSite` and no `Secure` attribute: pages on another port of the same host (loopback to
   * loopback) send them with `credentials: 'include'`; pages of another site do not, and would need https.
   */
  readonly cors?: readonly string[];
  /** Milliseconds that the server holds a `/meta/connect`. Default 30 000. */
  readonly longPollTimeout?: number;
  /** Items come and go by themselves, one change every so many milliseconds. Default: only by call. */
  readonly items?: { readonly every: number };
}

/**
 * A request that reached the sandbox. Credentials and cookie values are replaced by `***`.
 *
 * @category sandbox
 */
export interface SandboxRequest {
  readonly method: string;
  /** Path and query as they were sent, still percent-encoded. */
  readonly path: string;
  readonly operationName?: string;
  /** The workbins that a REST request names, decoded. */
  readonly workbinIds?: readonly string[];
  /** The HTTP status of the reply, once it leaves; never set when no reply leaves. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded where it is JSON, otherwise the text; absent where there is none. */
  readonly body?: unknown;
  /** The channels of the Bayeux messages in it. */
  readonly bayeux?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What a live HTTP session is subscribed to.
 *
 * @category sandbox
 */
export interface SandboxSubscription {
  /** The user that the HTTP session belongs to. */
  readonly userId: string;
  /** `me`, `any`, `users/{userId}`, `agentGroup/{name}` or `placeGroup/{name}`. */
  readonly scope: string;
  readonly workbinId: string;
}

/**
 * The media that items come from.
 *
 * @category sandbox
 */
export type Medium = 'chat' | 'email' | 'facebook' | 'facebooksession' | 'tweet' | 'workitem' | 'openmedia';

/**
 * Whose instance of a workbin an item lies in: a user's, an agent group's or a place group's. With none of them it is
 * the workbin's {@link SandboxWorkbin.ownerId}'s, or, without one, everybody's who looks into a workbin of that id.
 *
 * @category sandbox
 */
export interface ItemOwner {
  readonly userId?: string;
  readonly agentGroup?: string;
  readonly placeGroup?: string;
}

/**
 * An item to add to a workbin.
 *
 * @category sandbox
 */
export interface SandboxItem extends ItemOwner {
  /** Default `chat`. */
  readonly medium?: Medium;
  /** The resource in message and content. Default: an `id` of its own and little more. */
  readonly interaction?: { readonly id?: string } & Readonly<Record<string, unknown>>;
}

/**
 * Narrows {@link Sandbox.push}.
 *
 * @category sandbox
 */
export interface PushOptions {
  /** Only to sessions of this user. */
  readonly userId?: string;
  /** Default `/v2/me/workbins`. */
  readonly channel?: string;
}

/**
 * Which requests a fault befalls: those that fit every field given. `{}` fits all; CORS preflights fit only where
 * `method: 'OPTIONS'` asks for them.
 *
 * @category sandbox
 */
export interface FaultMatch {
  /** `operationName` of the body: `Subscribe`, `Unsubscribe`, `StartContactCenterSession`, … */
  readonly operation?: string;
  /** The request names this workbin, alone or among others. */
  readonly workbinId?: string;
  /** A string: the path as sent, with or without its query. A RegExp: tested on path and query. */
  readonly path?: string | RegExp;
  readonly method?: string;
  /** A Bayeux message on this channel is in the request, e.g. `/meta/connect`. */
  readonly channel?: string;
  /** How many requests it befalls. Default: all until lifted. */
  readonly times?: number;
}

/**
 * What goes wrong.
 *
 * - `reply`: something in front of Web Services answers this instead; nothing is done.
 * - `status`: Web Services refuses with the documented error body; authentication and CSRF come first. For REST.
 * - `partial`: `statusCode` 7; the ids named are left out of reply, messages and subscription.
 * - `request-failed`: the reply is fine, CometD then says `RequestFailed` of these workbins (default: of all).
 * - `push`: the messages come in another order, later (`delay`, ms), backwards, several times, never (`copies: 0`) or
 *   changed; those that `change` turns into `undefined` are dropped.
 * - `delay`: the request takes effect, its reply leaves `ms` later.
 * - `hang`: nothing is done and no answer ever comes. `reset`: nothing is done, the connection is reset.
 * - `reset-midway`: the request takes effect, half of the reply's body leaves, then the connection ends.
 * - `bayeux`: an unsuccessful reply to the Bayeux messages on {@link FaultMatch.channel} (default: to all).
 *
 * @category sandbox
 */
export type Fault =
  | {
      readonly kind: 'reply';
      /** Default 200. */
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** A string goes out as it is, anything else as JSON. */
      readonly body?: unknown;
    }
  | { readonly kind: 'status'; readonly statusCode: number; readonly statusMessage?: string; readonly status?: number }
  | { readonly kind: 'partial'; readonly without: readonly string[] }
  | { readonly kind: 'request-failed'; readonly workbinIds?: readonly string[] }
  | {
      readonly kind: 'push';
      readonly order?: PushOrder;
      readonly delay?: number;
      readonly reverse?: boolean;
      readonly copies?: number;
      /** Gives what leaves in place of a message; `undefined` drops it. */
      readonly change?: (message: Readonly<Record<string, unknown>>) => unknown;
    }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'reset-midway' }
  | { readonly kind: 'bayeux'; readonly error: string; readonly advice?: object };

/**
 * How the server forgets its CometD sessions. Held connects return successfully, what comes next is told:
 *
 * - `unknown`: `402::Unknown client`, with advice `handshake` on `/meta/connect`, as CometD 3 does.
 * - `unknown-without-advice`: the same error, no advice at all.
 * - `other-text`: `402::session_unknown` with the advice, as later CometD versions do.
 * - `forbidden`: `403::Forbidden`, no advice.
 * - `advice-none`: `402::Unknown client` with advice `none`.
 * - `advice-handshake-on-success`: connects, held ones included, return `successful` with advice `handshake`; all
 *   else gets `402::Unknown client`.
 *
 * @category sandbox
 */
export type BayeuxKill =
  'unknown' | 'unknown-without-advice' | 'other-text' | 'forbidden' | 'advice-none' | 'advice-handshake-on-success';

/**
 * A running stand-in for Genesys Web Services, and the handles to look into it and to make it fail.
 *
 * @category sandbox
 */
export interface Sandbox extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, the same for the sandbox's life. */
  readonly url: string;
  /** The first user's. */
  readonly username: string;
  readonly password: string;
  readonly users: readonly SandboxUser[];
  readonly workbins: readonly SandboxWorkbin[];
  /** Every request received, in order of arrival; grows. */
  readonly requests: readonly SandboxRequest[];
  /** Live sockets. */
  readonly connections: number;
  /** Live CometD sessions. */
  readonly bayeuxSessions: number;
  /** Live HTTP sessions (`JSESSIONID`). */
  readonly httpSessions: number;
  /** What the live HTTP sessions are subscribed to. */
  subscriptions(): readonly SandboxSubscription[];
  /** Puts an item into a workbin and tells who is subscribed (`ItemAdded`). Returns the interaction's id. */
  addItem(workbinId: string, item?: SandboxItem): string;
  /** Takes an item out and tells who is subscribed (`ItemRemoved`). Returns whether it was there. */
  removeItem(workbinId: string, interactionId: string): boolean;
  /** Sends any data at all on the topic, to every session that is subscribed to it and whose HTTP session lives. */
  push(message: unknown, options?: PushOptions): void;
  /** Makes requests fail. Returns what lifts it. Of several that fit a request, the oldest befalls it. */
  fault(match: FaultMatch, fault: Fault): () => void;
  /** Forgets every CometD session. Default `unknown`. */
  killBayeuxSessions(how?: BayeuxKill): void;
  /** Forgets every `JSESSIONID`, and nothing else: CometD sessions go on, without pushes. */
  killHttpSessions(): void;
  /** Gives every HTTP session another CSRF token. */
  rotateCsrf(): void;
  /** Stops listening and destroys the live sockets. */
  refuseConnections(): Promise<void>;
  /** Listens again, on the same port. */
  acceptConnections(): Promise<void>;
  /** Refuses, forgets all sessions, HTTP and CometD, accepts again. Items stay. */
  restart(): Promise<void>;
  /** Destroys the live sockets, once. */
  resetConnections(): void;
  /**
   * Resolves with the first request, past or future, that fits. The predicate sees each request when it has been read
   * and again when its reply leaves. Rejects when the sandbox closes.
   */
  request(predicate: (request: SandboxRequest) => boolean): Promise<SandboxRequest>;
  /** Ends everything: no socket, timer or listener stays. Idempotent. */
  close(): Promise<void>;
}

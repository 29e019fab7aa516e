/// <reference lib="esnext.disposable" preserve="true" />
import { createPlatform } from '#platform';
import { EMPTY, type Observable, Subject, defer, map, merge } from 'rxjs';
import type { Accepted } from './core/events.js';
import { ClosedError, type WorkbinError } from './errors.js';
import { reasonsOf } from './protocol/decode.js';
import { WorkbinNotification, notificationOf } from './protocol/notification.js';
import { SubscribeResponse, partialSuccess, referenceIdsOf } from './protocol/reply.js';
import { operationPath } from './protocol/request.js';
import type { WorkbinScope } from './scope.js';
import { type ConnectionState, createConnection } from './session/connection.js';
import { createRegistry } from './session/registry.js';
import { type WorkbinClientOptions, settingsOf } from './session/settings.js';
import { createWebSession } from './session/webSession.js';
import { type Workbins, createWorkbins } from './session/workbins.js';

/**
 * A message of the topic that is not what the API documents.
 *
 * @category notifications
 */
export interface UndecodedMessage {
  /** As it came. */
  readonly value: unknown;
  /** One line for each thing that is not as documented, with its path. */
  readonly reasons: readonly string[];
}

/**
 * One session with Web Services; itself the session's own workbins (scope `me`).
 *
 * @category client
 */
export interface WorkbinClient extends Workbins {
  /** Any workbin: `/api/v2/workbins`. */
  readonly any: Workbins;
  /** Another user's workbins: `/api/v2/users/{userId}/workbins`. */
  forUser(userId: string): Workbins;
  /** An agent group's workbins: `/api/v2/me/workbins/{id}?agentGroup=`. */
  forAgentGroup(name: string): Workbins;
  /** A place group's workbins: `/api/v2/me/workbins/{id}?placeGroup=`. */
  forPlaceGroup(name: string): Workbins;
  /** How the client stands to Web Services: the present state first, then each change; completes after `closed`. */
  readonly connection$: Observable<ConnectionState>;
  /**
   * Every decoded message of the topic `/v2/me/workbins`, as it comes; shared, and connects when subscribed to.
   *
   * @throws {@link WorkbinError} through the error channel when the session cannot be had
   */
  readonly notifications$: Observable<WorkbinNotification>;
  /** What came on the topic and did not decode. */
  readonly undecoded$: Observable<UndecodedMessage>;
  /**
   * Ends everything: what is pending errors with {@link ClosedError}, Unsubscribes on their way still go out (2 s at
   * most), the CometD session is disconnected, the streams complete. All that is said to the server is sent in the same
   * turn of the event loop, and in a browser outlives the page. A second call does nothing more.
   */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a client for the workbins behind one Web Services. Nothing is sent before the first Observable is subscribed to.
 *
 * @example
 * ```ts
 * import { createWorkbinClient } from 'rx-workbins';
 *
 * const client = createWorkbinClient({
 *   baseUrl: 'https://gws.example.com',
 *   auth: { username: 'agent', password: process.env.GWS_PASSWORD ?? '' },
 * });
 * client.subscribe('aee812a5-7396-4dd9-b180-230f1c1fb085').subscribe({
 *   next: (event) => console.log(event.type),
 *   error: (error: unknown) => console.error(String(error)),
 *   complete: () => console.log('subscribed'),
 * });
 * ```
 *
 * @throws {@link ArgumentError} for options that cannot work
 * @category client
 */
export const createWorkbinClient = (options: WorkbinClientOptions): WorkbinClient => {
  const settings = settingsOf(options);
  const web = createWebSession(settings, createPlatform(settings.baseUrl, options.fetch));
  const notifications = new Subject<WorkbinNotification>();
  const undecoded = new Subject<UndecodedMessage>();
  const failures = new Subject<WorkbinError>();
  const closing = new Subject<never>();
  let closed: Promise<void> | undefined;

  const registry = createRegistry(settings, {
    post: (scope, workbinIds, operationName) =>
      web.request(operationPath(scope, workbinIds), SubscribeResponse, { operationName }, [0, partialSuccess]).pipe(
        map((response): Accepted => {
          const referenceIds = referenceIdsOf(response, workbinIds);
          return { type: 'accepted', scope, workbinIds, referenceIds, response };
        }),
      ),
    maxUrlLength: web.maxUrlLength,
    need: () => {
      connection.need();
    },
    trouble: () => connection.trouble(),
  });
  const connection = createConnection(settings, web, options.cometd, {
    live: registry.live,
    lost: registry.lost,
    fail: (error) => {
      registry.fail(error);
      failures.next(error);
    },
    receive: (data) => {
      const message = notificationOf(data);
      if (message !== undefined) {
        registry.push(message);
        if (notifications.observed) notifications.next(message);
        return;
      }
      const result = WorkbinNotification.decode(data);
      const reasons = result._tag === 'Left' ? reasonsOf(result.left) : [];
      settings.log('warn', 'a message of the topic did not decode', { reasons });
      undecoded.next({ value: data, reasons });
    },
  });

  const scoped = (scope: WorkbinScope): Workbins =>
    createWorkbins({ settings, web, registry, closing$: closing }, scope);

  const close = (): Promise<void> => {
    if (closed !== undefined) return closed;
    let settle = (): void => undefined;
    // There before it begins: who is told of the end may call for it again.
    closed = new Promise((resolve) => {
      settle = resolve;
    });
    closing.error(new ClosedError('the client was closed'));
    web.outliveThePage();
    void connection
      .close(registry.close())
      .forEach(() => undefined)
      .then(() => {
        for (const subject of [notifications, failures, undecoded]) subject.complete();
        settle();
      });
    return closed;
  };

  return {
    ...scoped({ kind: 'me' }),
    any: scoped({ kind: 'any' }),
    forUser: (userId) => scoped({ kind: 'user', userId }),
    forAgentGroup: (name) => scoped({ kind: 'agentGroup', name }),
    forPlaceGroup: (name) => scoped({ kind: 'placeGroup', name }),
    connection$: connection.state$,
    notifications$: merge(
      notifications,
      failures.pipe(
        map((error) => {
          throw error;
        }),
      ),
      // Last, so that a failure that comes at once is heard.
      defer(() => {
        connection.need();
        return EMPTY;
      }),
    ),
    undecoded$: undecoded.asObservable(),
    close,
    [Symbol.asyncDispose]: close,
  };
};

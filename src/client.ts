/// <reference lib="esnext.disposable" preserve="true" />
import { createPlatform } from '#platform';
import { type Observable, EMPTY, Subject, defer, lastValueFrom, map, merge, of } from 'rxjs';
import type { Accepted } from './core/events.js';
import { ClosedError, type WorkbinError } from './errors.js';
import { reasonsOf } from './protocol/decode.js';
import { WorkbinNotification } from './protocol/notification.js';
import { SubscribeResponse, partialSuccess, referenceIdsOf } from './protocol/reply.js';
import { operationPath } from './protocol/request.js';
import type { WorkbinScope } from './scope.js';
import { Connection, type ConnectionState } from './session/connection.js';
import { Registry } from './session/registry.js';
import { type WorkbinClientOptions, settingsOf } from './session/settings.js';
import { WebSession } from './session/webSession.js';
import { ScopedWorkbins, type Workbins, type WorkbinsParts } from './session/workbins.js';

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
   * most), the CometD session is disconnected, the streams complete. A second call does nothing more.
   */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** ms for each part of closing. */
const closingLimit = 2_000;

class Client extends ScopedWorkbins implements WorkbinClient {
  readonly any: Workbins;
  readonly connection$: Observable<ConnectionState>;
  readonly notifications$: Observable<WorkbinNotification>;
  readonly undecoded$: Observable<UndecodedMessage>;
  readonly #parts: WorkbinsParts;
  readonly #end: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(options: WorkbinClientOptions) {
    const settings = settingsOf(options);
    const { fetch, cometd } = options;
    const web = new WebSession(settings, fetch === undefined ? createPlatform(settings.baseUrl) : { fetch });
    const notifications = new Subject<WorkbinNotification>();
    const undecoded = new Subject<UndecodedMessage>();
    const failures = new Subject<WorkbinError>();
    const closing = new Subject<never>();

    const post = (
      scope: WorkbinScope,
      workbinIds: readonly string[],
      operationName: 'Subscribe' | 'Unsubscribe',
    ): Observable<Accepted> =>
      web
        .request('POST', operationPath(scope, workbinIds), SubscribeResponse, { operationName }, [0, partialSuccess])
        .pipe(
          map((response) => ({
            type: 'accepted',
            scope,
            workbinIds,
            referenceIds: referenceIdsOf(response, workbinIds),
            response,
          })),
        );

    const registry = new Registry(settings, {
      post,
      need: () => {
        connection.need();
      },
      trouble: () => connection.trouble,
    });
    const connection = new Connection(settings, web, cometd, {
      live: (ownUserId) => {
        registry.live(ownUserId);
      },
      lost: (gap) => {
        registry.lost(gap);
      },
      fail: (error) => {
        registry.fail(error);
        failures.next(error);
      },
      receive: (data) => {
        if (WorkbinNotification.is(data)) {
          registry.push(data);
          notifications.next(data);
          return;
        }
        const result = WorkbinNotification.decode(data);
        const reasons = result._tag === 'Left' ? reasonsOf(result.left) : [];
        settings.log('warn', 'a message of the topic did not decode', { reasons });
        undecoded.next({ value: data, reasons });
      },
    });

    const parts = { settings, web, registry, closing$: closing };
    super(parts, { kind: 'me' });
    this.#parts = parts;
    this.any = new ScopedWorkbins(parts, { kind: 'any' });
    this.connection$ = defer(() => (connection.isClosed ? of<ConnectionState>('closed') : connection.state$));
    this.undecoded$ = undecoded.asObservable();
    this.notifications$ = defer(() =>
      merge(
        notifications,
        failures.pipe(
          map((error) => {
            throw error;
          }),
        ),
        defer(() => {
          connection.need();
          return EMPTY;
        }),
      ),
    );
    this.#end = async () => {
      closing.error(new ClosedError('the client was closed'));
      await registry.close();
      await lastValueFrom(connection.close(closingLimit), { defaultValue: undefined });
      notifications.complete();
      failures.complete();
      undecoded.complete();
    };
  }

  forUser(userId: string): Workbins {
    return new ScopedWorkbins(this.#parts, { kind: 'user', userId });
  }

  forAgentGroup(name: string): Workbins {
    return new ScopedWorkbins(this.#parts, { kind: 'agentGroup', name });
  }

  forPlaceGroup(name: string): Workbins {
    return new ScopedWorkbins(this.#parts, { kind: 'placeGroup', name });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
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
export const createWorkbinClient = (options: WorkbinClientOptions): WorkbinClient => new Client(options);

import type { CometD } from 'cometd';
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  Subscription,
  catchError,
  concat,
  defer,
  from,
  ignoreElements,
  map,
  merge,
  of,
  retry,
  switchMap,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { ConnectionError, type WorkbinError, isTransient, isWorkbinError } from '../errors.js';
import { StatusResponse, partialSuccess } from '../protocol/reply.js';
import { bayeuxPath, mePath, topic } from '../protocol/request.js';
import {
  BayeuxLoss,
  type BayeuxPost,
  type BayeuxSignal,
  attachBayeux,
  disconnectBody,
  openBayeux,
} from '../transport/bayeux.js';
import { backoff } from '../transport/retry.js';
import type { Gap } from './entry.js';
import { refusalOf } from './hope.js';
import type { Settings } from './settings.js';
import type { WebSession } from './webSession.js';

/**
 * How the client stands to Web Services.
 *
 * @category client
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** Who is told about the session. */
export interface ConnectionPorts {
  readonly live: (ownUserId: string | undefined) => void;
  readonly lost: (gap: Gap) => void;
  readonly fail: (error: WorkbinError) => void;
  readonly receive: (data: unknown) => void;
}

/** Keeps one session standing, from the first need until the client is closed. */
export interface Connection {
  /** The present state first; completes after `closed`. */
  readonly state$: Observable<ConnectionState>;
  /** Why there is no session, while there is none. */
  trouble(): WorkbinError | undefined;
  /** Opens a session unless there is one, or one on its way. */
  need(): void;
  /** Gives the session back, beside what is still `said` in it, each in its time; completes, and never errors. */
  close(said: Promise<void>): Observable<never>;
}

/** ms between two looks at an HTTP session that would be replaced without a sign. */
const probeInterval = 60_000;
/** ms for each part of giving a session back. */
const closingLimit = 2_000;

const replaced = 'the HTTP session was replaced';

const causeOf = (error: unknown): unknown => (error instanceof BayeuxLoss ? error.cause : error);

const asWorkbinError = (error: unknown): WorkbinError => {
  if (isWorkbinError(error)) return error;
  const { message, cause = error } = error instanceof Error ? error : new Error(String(error));
  return new ConnectionError(`the session cannot be had: ${message}`, cause);
};

/** Makes the connection of one client; `app` is the application's own CometD client, where there is one. */
export const createConnection = (
  settings: Settings,
  web: WebSession,
  app: CometD | undefined,
  ports: ConnectionPorts,
): Connection => {
  const { scheduler, contactCenterSession, log } = settings;
  const state = new BehaviorSubject<ConnectionState>('idle');
  let running: Subscription | undefined;
  /** Our CometD session, from its handshake until it is given back. */
  let formerId: string | undefined;
  /** The HTTP session in which the contact centre session was started. */
  let startedIn: { readonly identity: string | undefined } | undefined;
  /** Whether a session has stood since it was last needed. */
  let hasStood = false;
  let isLive = false;
  let isClosed = false;
  let lastGood = 0;
  let polledAt = 0;
  /** ms since the epoch: the present session stood. */
  let liveAt = 0;
  /** The HTTP session in which the handshake was sent. */
  let openedIn: string | undefined;
  /** Answered polls of the present session. */
  let polls = 0;
  let failures = 0;
  let refusals = 0;
  let trouble: WorkbinError | undefined;

  const set = (next: ConnectionState): void => {
    if (state.value !== next) state.next(next);
  };

  const isRunning = (): boolean => running !== undefined;

  const bayeuxPost: BayeuxPost = (body) => web.post(bayeuxPath, body);

  /** Does its best, in time, and tells nothing. */
  const politely = (request$: Observable<unknown>): Observable<never> =>
    request$.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
      takeUntil(timer(closingLimit, scheduler)),
    );

  /** A CometD session that we had may still stand, and keep the place of the one poll that a browser has. */
  const giveBack = (): Observable<never> =>
    defer(() => {
      const former = formerId;
      formerId = undefined;
      return former === undefined ? EMPTY : politely(bayeuxPost(disconnectBody(former)));
    });

  const startContactCenter = (): Observable<never> => {
    const identity = web.identity();
    const isStarted = startedIn !== undefined && startedIn.identity === identity;
    if (contactCenterSession === undefined || isStarted) return EMPTY;
    const body = { operationName: 'StartContactCenterSession', ...contactCenterSession };
    return web.request(mePath, StatusResponse, body, [0, partialSuccess]).pipe(
      map((response) => {
        startedIn = { identity };
        if (response.statusCode === partialSuccess) log('warn', 'only some channels started', response);
      }),
      ignoreElements(),
      catchError((error: unknown) =>
        throwError(() =>
          isTransient(error) ? error : new ConnectionError('the contact centre session cannot be started', error),
        ),
      ),
    );
  };

  const bayeux = (): Observable<BayeuxSignal> =>
    defer(() => {
      openedIn = web.identity();
      return app === undefined
        ? openBayeux(settings.baseUrl + bayeuxPath, topic, bayeuxPost, ports.receive, scheduler)
        : attachBayeux(app, topic, ports.receive);
    });

  const lose = (reason: string): void => {
    if (!isLive) return;
    isLive = false;
    log('warn', 'the session was lost', { reason });
    set('reconnecting');
    // What stands was confirmed after the session stood.
    const from = web.showsReplacement ? lastGood : Math.max(liveAt, Math.min(lastGood, web.provenAt()));
    ports.lost({ from, reason });
  };

  const on = (signal: BayeuxSignal, userId: string | undefined): void => {
    if (signal.type === 'lost') {
      lose(signal.reason);
    } else if (signal.type === 'handshaken') {
      if (app === undefined) {
        formerId = signal.clientId;
        if (openedIn !== web.identity() && openedIn !== undefined) throw new BayeuxLoss(replaced);
      }
      polls = 0;
      web.pin();
    } else {
      // An answer to a poll says that the session was well when the poll was sent: after the one before.
      lastGood = signal.type === 'well' ? polledAt : scheduler.now();
      polledAt = scheduler.now();
      // Only a poll that was held says that the session holds: the first one is answered at once.
      if (app !== undefined || (signal.type === 'well' && ++polls > 1)) failures = refusals = 0;
      if (signal.type === 'well') return;
      hasStood = isLive = true;
      liveAt = scheduler.now();
      trouble = undefined;
      set('connected');
      ports.live(userId);
    }
  };

  /** Where no cookie shows that the HTTP session was replaced, an answer to a GET may. */
  const probe = (): Observable<unknown> =>
    web.showsReplacement
      ? EMPTY
      : timer(probeInterval, probeInterval, scheduler).pipe(
          switchMap(() => web.establish().pipe(catchError(() => EMPTY))),
        );

  /** One session, from the GET that begins it to the error that ends it. */
  const session$ = defer(() =>
    web.establish().pipe(
      switchMap((userId) =>
        concat(
          startContactCenter(),
          merge(
            // First, as long as it is the former one.
            giveBack(),
            bayeux().pipe(
              map((signal) => {
                on(signal, userId);
              }),
            ),
            web.replaced$.pipe(
              map(() => {
                throw new BayeuxLoss(replaced);
              }),
            ),
            probe(),
          ),
        ),
      ),
    ),
  );

  /** The error with which to give up: where trying again cannot help, or has not helped at the first attempts. */
  const verdict = (error: unknown): WorkbinError | undefined => {
    const cause = causeOf(error);
    const isRefused = error instanceof BayeuxLoss && error.isRefused && ++refusals > 1;
    const isFinal = isRefused || (!hasStood && isWorkbinError(cause) && !isTransient(cause));
    const isSpent = !hasStood && failures >= settings.retry.maxAttempts;
    return refusalOf(cause) ?? (isFinal || isSpent ? asWorkbinError(error) : undefined);
  };

  return {
    state$: defer(() => (state.value === 'closed' ? of(state.value) : state)),
    trouble: () => trouble,

    need: () => {
      if (running !== undefined || isClosed) return;
      failures = refusals = 0;
      // There before it begins: a failure that comes at once must find what it ends, and who hears `connecting` too.
      const own = (running = new Subscription());
      set('connecting');
      if (own.closed) return;
      own.add(
        session$
          .pipe(
            retry({
              delay: (error: unknown) => {
                failures++;
                lose(error instanceof Error ? error.message : String(error));
                const fatal = verdict(error);
                if (fatal !== undefined) return throwError(() => fatal);
                trouble = asWorkbinError(error);
                const delay = backoff(settings.retry, failures, causeOf(error));
                log('info', 'connecting again', { delay, reason: trouble.message });
                return timer(delay, scheduler);
              },
            }),
          )
          .subscribe({
            error: (error: unknown) => {
              running = undefined;
              hasStood = false;
              ports.fail(asWorkbinError(error));
              // Who was told may have asked again.
              if (!isRunning()) set('idle');
            },
          }),
      );
    },

    close: (said) => {
      isClosed = true;
      running?.unsubscribe();
      const end$ =
        startedIn && politely(web.request(mePath, StatusResponse, { operationName: 'EndContactCenterSession' }));
      return concat(
        // In one turn with what is still said: a page that is left has no other.
        merge(giveBack(), from(said).pipe(ignoreElements())),
        end$ ?? EMPTY,
        defer(() => {
          set('closed');
          state.complete();
          return EMPTY;
        }),
      );
    },
  };
};

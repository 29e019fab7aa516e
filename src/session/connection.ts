import type { CometD } from 'cometd';
import * as t from 'io-ts';
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  Subscription,
  catchError,
  concat,
  defer,
  exhaustMap,
  ignoreElements,
  interval,
  map,
  merge,
  retry,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { ConnectionError, type WorkbinError, isWorkbinError } from '../errors.js';
import { partialSuccess } from '../protocol/reply.js';
import { bayeuxPath, mePath } from '../protocol/request.js';
import { BayeuxLoss, type BayeuxSignal, attachBayeux, disconnectBody, openBayeux } from '../transport/bayeux.js';
import { backoff, isTransient } from '../transport/retry.js';
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
  live(ownUserId: string | undefined): void;
  lost(gap: Gap): void;
  fail(error: WorkbinError): void;
  receive(data: unknown): void;
}

/** ms between two looks at an HTTP session that would be replaced without a sign. */
const probeInterval = 60_000;

/** Keeps one session standing, from the first need until the client is closed. */
export class Connection {
  readonly state$ = new BehaviorSubject<ConnectionState>('idle');
  #running: Subscription | undefined;
  #clientId: string | undefined;
  /** The contact centre session is started in the HTTP session of this identity. */
  #startedIn: { readonly identity: string | undefined } | undefined;
  /** Whether a session has stood since it was last needed. */
  #hasStood = false;
  #isLive = false;
  #isClosed = false;
  #lastGood = 0;
  #failures = 0;
  #refusals = 0;
  #trouble: WorkbinError | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly web: WebSession,
    private readonly app: CometD | undefined,
    private readonly ports: ConnectionPorts,
  ) {}

  /** Why there is no session, while there is none. */
  get trouble(): WorkbinError | undefined {
    return this.#trouble;
  }

  get isClosed(): boolean {
    return this.#isClosed && this.state$.value === 'closed';
  }

  /** Opens a session unless there is one, or one on its way. */
  need(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    this.#set('connecting');
    this.#failures = 0;
    this.#refusals = 0;
    // A failure that comes at once must find what it ends.
    const running = new Subscription();
    this.#running = running;
    const session$ = this.#session().pipe(retry({ delay: (error: unknown) => this.#delay(error) }));
    running.add(
      session$.subscribe({
        error: (error: unknown) => {
          this.#running = undefined;
          this.#hasStood = false;
          this.#set('idle');
          this.ports.fail(asWorkbinError(error));
        },
      }),
    );
  }

  /** Gives the session back, its parts one after another, each with `limit` ms; never errors. */
  close(limit: number): Observable<never> {
    return defer(() => {
      const clientId = this.#isOwn ? this.#clientId : undefined;
      this.#isClosed = true;
      this.#running?.unsubscribe();
      this.#running = undefined;
      this.web.unpin();
      const politely = (request$: Observable<unknown>): Observable<never> =>
        request$.pipe(
          takeUntil(timer(limit, this.settings.scheduler)),
          ignoreElements(),
          catchError(() => EMPTY),
        );
      return concat(
        clientId === undefined ? EMPTY : politely(this.web.post(bayeuxPath, disconnectBody(clientId))),
        this.#startedIn === undefined
          ? EMPTY
          : politely(this.web.request('POST', mePath, t.unknown, { operationName: 'EndContactCenterSession' })),
        defer(() => {
          this.#set('closed');
          this.state$.complete();
          return EMPTY;
        }),
      );
    });
  }

  get #isOwn(): boolean {
    return this.app === undefined;
  }

  #set(state: ConnectionState): void {
    if (this.state$.value !== state) this.state$.next(state);
  }

  /** One session, from the GET that begins it to the error that ends it. */
  #session(): Observable<unknown> {
    return defer(() => {
      const former = this.#isOwn ? this.#clientId : undefined;
      this.#clientId = undefined;
      return this.web.establish().pipe(
        switchMap(({ userId }) =>
          concat(
            this.#startContactCenter(),
            merge(
              this.#bayeux().pipe(
                tap((signal) => {
                  this.#on(signal, userId);
                }),
              ),
              this.web.replaced$.pipe(
                map(() => {
                  throw new BayeuxLoss('the HTTP session was replaced', false, undefined);
                }),
              ),
              this.#probe(),
              former === undefined ? EMPTY : this.#giveBack(former),
            ),
          ),
        ),
      );
    });
  }

  #bayeux(): Observable<BayeuxSignal> {
    const { receive } = this.ports;
    const { app } = this;
    if (app !== undefined) return attachBayeux(app, receive);
    const post = (body: string): ReturnType<WebSession['post']> => this.web.post(bayeuxPath, body);
    return openBayeux(this.settings.baseUrl + bayeuxPath, post, receive, this.settings.scheduler);
  }

  #on(signal: BayeuxSignal, userId: string | undefined): void {
    switch (signal.type) {
      case 'handshaken':
        this.#clientId = signal.clientId;
        this.web.pin();
        return;
      case 'lost':
        this.#lose(signal.reason);
        return;
      case 'live':
        this.#failures = 0;
        this.#refusals = 0;
        this.#hasStood = true;
        this.#isLive = true;
        this.#trouble = undefined;
        this.#lastGood = this.settings.scheduler.now();
        this.settings.log('info', 'connected');
        this.#set('connected');
        this.ports.live(userId);
        return;
      case 'well':
        this.#lastGood = this.settings.scheduler.now();
    }
  }

  #lose(reason: string): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.web.unpin();
    this.settings.log('warn', 'the session was lost', { reason });
    this.#trouble = new ConnectionError(`the session was lost: ${reason}`);
    this.#set('reconnecting');
    this.ports.lost({ from: this.#lastGood, reason });
  }

  /** When to try again after a failure, if ever. */
  #delay(error: unknown): Observable<unknown> {
    this.#lose(error instanceof Error ? error.message : String(error));
    const fatal = this.#verdict(error);
    if (fatal !== undefined) return throwError(() => fatal);
    this.#trouble = asWorkbinError(error);
    const delay = backoff(this.settings.retry, ++this.#failures, error);
    this.settings.log('info', 'connecting again', { delay, error: this.#trouble });
    return timer(delay, this.settings.scheduler);
  }

  /** The error with which to give up, where trying again cannot help, or has not helped at the first attempts. */
  #verdict(error: unknown): WorkbinError | undefined {
    const refusal = refusalOf(error instanceof BayeuxLoss ? error.cause : error);
    if (refusal !== undefined) return refusal;
    if (error instanceof BayeuxLoss) {
      if (error.isRefused && ++this.#refusals > 1) return asWorkbinError(error);
    } else if (!this.#hasStood && !isTransient(error)) {
      return asWorkbinError(error);
    }
    const isSpent = !this.#hasStood && this.#failures + 1 >= this.settings.retry.maxAttempts;
    return isSpent ? asWorkbinError(error) : undefined;
  }

  #startContactCenter(): Observable<never> {
    const { contactCenterSession } = this.settings;
    if (contactCenterSession === undefined) return EMPTY;
    return defer(() => {
      const { identity } = this.web;
      if (this.#startedIn !== undefined && this.#startedIn.identity === identity) return EMPTY;
      const body = { operationName: 'StartContactCenterSession', ...contactCenterSession };
      return this.web.request('POST', mePath, StartResponse, body, [0, partialSuccess]).pipe(
        tap((response) => {
          this.#startedIn = { identity };
          if (response.statusCode === partialSuccess) {
            this.settings.log('warn', 'only some channels of the contact centre session started', response);
          }
        }),
        ignoreElements(),
        catchError((error: unknown) =>
          throwError(() =>
            isTransient(error) ? error : new ConnectionError('the contact centre session cannot be started', error),
          ),
        ),
      );
    });
  }

  /** Asks for the HTTP session now and then, where only an answer to a GET shows that it was replaced. */
  #probe(): Observable<never> {
    if (this.web.showsReplacement) return EMPTY;
    return interval(probeInterval, this.settings.scheduler).pipe(
      exhaustMap(() => this.web.establish().pipe(catchError(() => EMPTY))),
      ignoreElements(),
    );
  }

  /** The CometD session of before may still stand, and keep the place of the one poll that a browser has. */
  #giveBack(clientId: string): Observable<never> {
    return this.web.post(bayeuxPath, disconnectBody(clientId)).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
  }
}

const StartResponse = t.UnknownRecord;

const asWorkbinError = (error: unknown): WorkbinError =>
  isWorkbinError(error)
    ? error
    : error instanceof BayeuxLoss && isWorkbinError(error.cause)
      ? new ConnectionError(`the session cannot be had: ${error.reason}`, error.cause)
      : new ConnectionError(
          `the session cannot be had: ${error instanceof Error ? error.message : String(error)}`,
          error,
        );

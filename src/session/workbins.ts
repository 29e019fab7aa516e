import type * as t from 'io-ts';
import { type Observable, EMPTY, catchError, concat, defer, from, map, takeUntil, throwError } from 'rxjs';
import { account } from '../core/account.js';
import { type FailedEvent, type Item, type SubscriptionEvent, type WatchEvent, isInteraction } from '../core/events.js';
import { type ArgumentError, SubscriptionError, type WorkbinError } from '../errors.js';
import { type Workbin, WorkbinResponse, WorkbinsResponse } from '../protocol/reply.js';
import { type WorkbinOperation, contentPath, idFault, listPath, scopeFault } from '../protocol/request.js';
import type { WorkbinScope } from '../scope.js';
import type { Registry } from './registry.js';
import { type Settings, timeoutFault } from './settings.js';
import type { WebSession } from './webSession.js';

/**
 * A workbin and what is in it.
 *
 * @category reading
 */
export interface WorkbinContent {
  readonly workbin: Workbin;
  /** By interaction id. */
  readonly items: ReadonlyMap<string, Item>;
}

/**
 * How one operation differs from the client's options.
 *
 * @category subscribing
 */
export interface OperationOptions {
  /** ms the operation may take; default the client's. `Infinity` for no limit. */
  readonly timeout?: number;
}

/**
 * The workbins of one scope.
 *
 * Every method gives a cold Observable: nothing is sent before it is subscribed to, and each subscription asks anew.
 *
 * @category subscribing
 */
export interface Workbins {
  /** Whose workbins these are. */
  readonly scope: WorkbinScope;
  /**
   * Subscribes to the notifications of one workbin or several: `accepted` for each POST, a `state` for each workbin,
   * then completes.
   *
   * `POST …/workbins/{id}` or `POST …/workbins?workbinIds=`, and the topic `/v2/me/workbins`. Unsubscribing before the
   * end aborts the request. What is subscribed stays wanted, and is restored after a loss of the session, until
   * `unsubscribe()` or `close()`.
   *
   * @param ids - one id, or several; given twice they count once, and none at all completes at once
   * @throws {@link SubscriptionError} through the error channel once each workbin is settled, if one of them failed
   */
  subscribe(ids: string | readonly string[], options?: OperationOptions): Observable<SubscriptionEvent>;
  /**
   * Ends the notifications of one workbin or several: `accepted`, a `state` for each, then completes.
   *
   * The same requests as `subscribe`, with the operation `Unsubscribe`. Who watches one of these workbins loses it.
   *
   * @throws {@link SubscriptionError} through the error channel once each workbin is settled, if one of them failed
   */
  unsubscribe(ids: string | readonly string[], options?: OperationOptions): Observable<SubscriptionEvent>;
  /**
   * Subscribes, and stays: emits what `subscribe` does, then an `item` for each change in the workbins, a `gap` after
   * each loss of the session, `failed` for a workbin that cannot be had while others can.
   *
   * Who watches the same workbin shares one subscription at the server. Unsubscribing ends it there once nobody wants the
   * workbin any more. Completes when `unsubscribe()` took the last workbin, or with `close()`.
   *
   * @param options - `timeout` is that of the first subscription; recovery goes on until it succeeds
   * @throws {@link SubscriptionError} through the error channel when none of the workbins can be had
   */
  watch(ids: string | readonly string[], options?: OperationOptions): Observable<WatchEvent>;
  /**
   * Emits the workbins of this scope once, and completes.
   *
   * `GET …/workbins?fields=*`.
   *
   * @throws {@link WorkbinError} through the error channel
   */
  list(): Observable<readonly Workbin[]>;
  /**
   * Emits what is in a workbin once, and completes.
   *
   * `GET …/workbins/{id}?subresources=*`.
   *
   * @throws {@link WorkbinError} through the error channel
   */
  content(id: string): Observable<WorkbinContent>;
}

/** The parts that the workbins of all scopes share. */
export interface WorkbinsParts {
  readonly settings: Settings;
  readonly web: WebSession;
  readonly registry: Registry;
  /** Errors when the client is closed, and from then on. */
  readonly closing$: Observable<never>;
}

/** Ids as they were given, sorted into those that can be asked for and those that cannot. */
interface Sorted {
  readonly good: readonly string[];
  readonly timeout: number;
  readonly failed: readonly FailedEvent[];
}

/** Web Services says `workbinName` or `name`. */
const named = (workbin: { readonly id: string; readonly [field: string]: unknown }): Workbin => {
  const name = workbin.name ?? workbin.workbinName;
  return typeof name === 'string' ? { ...workbin, name } : workbin;
};

/** `chats`, `emails`, …: whatever list of things with an id stands in a workbin. */
const itemsOf = (workbinId: string, workbin: Readonly<Record<string, unknown>>): ReadonlyMap<string, Item> =>
  new Map(
    Object.entries(workbin).flatMap(([name, list]) =>
      Array.isArray(list)
        ? list.filter(isInteraction).map((interaction): [string, Item] => {
            const medium = name.replace(/s$/, '');
            return [interaction.id, { workbinId, medium, interaction }];
          })
        : [],
    ),
  );

/** {@link Workbins} over one session. */
export class ScopedWorkbins implements Workbins {
  readonly #parts: WorkbinsParts;

  constructor(
    parts: WorkbinsParts,
    readonly scope: WorkbinScope,
  ) {
    this.#parts = parts;
  }

  subscribe(ids: string | readonly string[], options?: OperationOptions): Observable<SubscriptionEvent> {
    return this.#operate('Subscribe', ids, options);
  }

  unsubscribe(ids: string | readonly string[], options?: OperationOptions): Observable<SubscriptionEvent> {
    return this.#operate('Unsubscribe', ids, options);
  }

  watch(ids: string | readonly string[], options?: OperationOptions): Observable<WatchEvent> {
    return defer(() => {
      const { good, timeout, failed } = this.#sort(ids, options);
      const bad = failed.map(({ workbinId, error }): [string, WorkbinError] => [workbinId, error]);
      if (good.length === 0) {
        return bad.length === 0 ? EMPTY : throwError(() => new SubscriptionError([], new Map(bad)));
      }
      const watching$ = this.#parts.registry
        .watch(this.scope, good, timeout)
        .pipe(
          catchError((error: unknown) =>
            throwError(() =>
              error instanceof SubscriptionError
                ? new SubscriptionError([], new Map([...bad, ...error.failed]))
                : error,
            ),
          ),
        );
      return concat(from(failed), watching$);
    });
  }

  list(): Observable<readonly Workbin[]> {
    return this.#get(WorkbinsResponse, () => listPath(this.scope), scopeFault(this.scope)).pipe(
      map(({ workbins }) => workbins.map(named)),
    );
  }

  content(id: string): Observable<WorkbinContent> {
    const fault = scopeFault(this.scope) ?? idFault(id, false);
    return this.#get(WorkbinResponse, () => contentPath(this.scope, id), fault).pipe(
      map(({ workbin }) => ({ workbin: named({ ...workbin, id }), items: itemsOf(id, workbin) })),
    );
  }

  #get<A>(codec: t.Type<A, unknown>, path: () => string, fault: ArgumentError | undefined): Observable<A> {
    const { web, closing$ } = this.#parts;
    return defer(() => {
      if (fault !== undefined) throw fault;
      return web.request('GET', path(), codec).pipe(takeUntil(closing$));
    });
  }

  #operate(
    operation: WorkbinOperation,
    ids: string | readonly string[],
    options: OperationOptions | undefined,
  ): Observable<SubscriptionEvent> {
    return defer(() => {
      const { good, timeout, failed } = this.#sort(ids, options);
      const asking$ = good.length === 0 ? EMPTY : this.#parts.registry.ask(this.scope, good, operation, timeout);
      return concat(from(failed), asking$).pipe(account(operation));
    });
  }

  #sort(ids: string | readonly string[], options: OperationOptions | undefined): Sorted {
    const all = [...new Set(Array.isArray(ids) ? (ids as readonly string[]) : [ids as string])];
    const timeout = options?.timeout ?? this.#parts.settings.timeout;
    const fault = scopeFault(this.scope) ?? timeoutFault(timeout);
    const good: string[] = [];
    const failed: FailedEvent[] = [];
    for (const workbinId of all) {
      const error = fault ?? idFault(workbinId, all.length > 1);
      if (error === undefined) good.push(workbinId);
      else failed.push({ type: 'failed', scope: this.scope, workbinId, error });
    }
    return { good, timeout, failed };
  }
}

import type * as t from 'io-ts';
import { type Observable, EMPTY, concat, defer, from, map, takeUntil, throwError } from 'rxjs';
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

/** Web Services says `workbinName` or `name`. */
const named = (workbin: Workbin): Workbin => {
  const { name = workbin.workbinName } = workbin;
  return typeof name === 'string' ? { ...workbin, name } : workbin;
};

/** `chats`, `emails`, …: whatever list of things with an id stands in a workbin. */
const itemsOf = (workbinId: string, workbin: object): ReadonlyMap<string, Item> =>
  new Map(
    Object.entries(workbin).flatMap(([name, list]: [string, unknown]) =>
      (Array.isArray(list) ? list : [])
        .filter(isInteraction)
        .map((interaction) => [interaction.id, { workbinId, medium: name.replace(/s$/, ''), interaction }] as const),
    ),
  );

/** Makes the workbins of one scope. */
export const createWorkbins = ({ settings, web, registry, closing$ }: WorkbinsParts, scope: WorkbinScope): Workbins => {
  /** Sorts ids into those that can be asked for and those that cannot. */
  const sort = (ids: string | readonly string[], { timeout = settings.timeout }: OperationOptions = {}) => {
    const all = [...new Set(Array.isArray(ids) ? (ids as readonly string[]) : [ids as string])];
    const fault = scopeFault(scope) ?? timeoutFault(timeout);
    const failed = new Map<string, WorkbinError>();
    const good = all.filter((id) => {
      const error = fault ?? idFault(id, all.length > 1);
      if (error !== undefined) failed.set(id, error);
      return error === undefined;
    });
    const failed$ = from(
      [...failed].map(([workbinId, error]): FailedEvent => ({ type: 'failed', scope, workbinId, error })),
    );
    return { good, timeout, failed, failed$ };
  };

  const operate =
    (operation: WorkbinOperation): Workbins['subscribe'] =>
    (ids, options) =>
      defer(() => {
        const { good, timeout, failed$ } = sort(ids, options);
        return concat(failed$, good.length > 0 ? registry.ask(scope, good, operation, timeout) : EMPTY);
      }).pipe(account(operation));

  const watch: Workbins['watch'] = (ids, options) =>
    defer(() => {
      const { good, timeout, failed, failed$ } = sort(ids, options);
      if (failed.size === 0) return good.length > 0 ? registry.watch(scope, good, timeout) : EMPTY;
      if (good.length === 0) return throwError(() => new SubscriptionError([], failed));
      return concat(failed$, registry.watch(scope, good, timeout, failed));
    });

  const read = <A>(path: () => string, codec: t.Type<A, unknown>, idError?: ArgumentError): Observable<A> =>
    defer(() => {
      const fault = scopeFault(scope) ?? idError;
      return fault === undefined ? web.request(path(), codec).pipe(takeUntil(closing$)) : throwError(() => fault);
    });

  return {
    scope,
    subscribe: operate('Subscribe'),
    unsubscribe: operate('Unsubscribe'),
    watch,
    list: () => read(() => listPath(scope), WorkbinsResponse).pipe(map(({ workbins }) => workbins.map(named))),
    content: (id) =>
      read(() => contentPath(scope, id), WorkbinResponse, idFault(id, false)).pipe(
        map(({ workbin }) => ({ workbin: named({ ...workbin, id }), items: itemsOf(id, workbin) })),
      ),
  };
};

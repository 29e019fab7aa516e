import { type WorkbinNotification, isStateMessage } from '../protocol/notification.js';
import { type WorkbinScope, scopeKey } from '../scope.js';
import { belongsTo } from './match.js';

/** Who waits for the messages of one workbin in one scope. */
export interface Target<T> {
  readonly scope: WorkbinScope;
  readonly workbinId: string;
  deliver(message: WorkbinNotification): void;
  /** The next target of the same workbin, in another scope: {@link Dispatch}'s own. */
  sibling?: T | undefined;
}

/** A target, and those that hang on it. */
function* chain<T extends Target<T>>(first: T | undefined): Generator<T> {
  for (let target = first; target !== undefined; target = target.sibling) yield target;
}

/**
 * The workbins, findable by id and scope, and the way of each message to those who wait for its workbin: one lookup by
 * id, whatever number of workbins there is.
 *
 * Almost always one scope waits for a workbin; the few others hang on it in a list, so that ten thousand workbins cost
 * ten thousand map entries and not an array more.
 */
export class Dispatch<T extends Target<T>> implements Iterable<T> {
  readonly #byId = new Map<string, T>();

  *[Symbol.iterator](): Generator<T> {
    for (const first of this.#byId.values()) yield* chain(first);
  }

  /** Those of one workbin, in whatever scope. */
  of(workbinId: string): readonly T[] {
    return Array.from(chain(this.#byId.get(workbinId)));
  }

  find(scope: WorkbinScope, workbinId: string): T | undefined {
    return this.of(workbinId).find((target) => scopeKey(target.scope) === scopeKey(scope));
  }

  push(message: WorkbinNotification, ownUserId: string | undefined): void {
    let target = this.#byId.get(message.id);
    while (target !== undefined) {
      const next = target.sibling;
      if ((message.referenceId !== undefined && isStateMessage(message)) || belongsTo(target.scope, message, ownUserId))
        target.deliver(message);
      target = next;
    }
  }

  add(target: T): void {
    target.sibling = this.#byId.get(target.workbinId);
    this.#byId.set(target.workbinId, target);
  }

  remove(target: T): void {
    const first = this.#byId.get(target.workbinId);
    if (first !== target) {
      for (const each of chain(first)) if (each.sibling === target) each.sibling = target.sibling;
    } else if (target.sibling === undefined) {
      this.#byId.delete(target.workbinId);
    } else {
      this.#byId.set(target.workbinId, target.sibling);
    }
  }

  clear(): void {
    this.#byId.clear();
  }
}

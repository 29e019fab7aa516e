import { type WorkbinNotification, isStateMessage } from '../protocol/notification.js';
import type { WorkbinScope } from '../scope.js';
import { belongsTo } from './match.js';

/** Who waits for the messages of one workbin in one scope. */
export interface Target {
  readonly scope: WorkbinScope;
  readonly workbinId: string;
  deliver(message: WorkbinNotification): void;
  /** The next target of the same workbin, in another scope: {@link Dispatch}'s own. */
  sibling?: Target | undefined;
}

/**
 * Brings each message to those who wait for its workbin: one lookup by id, whatever number of workbins there is.
 *
 * Almost always one scope waits for a workbin; the few others hang on it in a list, so that ten thousand workbins cost
 * ten thousand map entries and not an array more.
 */
export class Dispatch<T extends Target> {
  readonly #byId = new Map<string, T>();

  push(message: WorkbinNotification, ownUserId: string | undefined): void {
    let target: Target | undefined = this.#byId.get(message.id);
    while (target !== undefined) {
      const next: Target | undefined = target.sibling;
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
    if (first === target) {
      // What hangs on a target of this dispatch was added to it: it is a T as well.
      const next = target.sibling as T | undefined;
      if (next === undefined) this.#byId.delete(target.workbinId);
      else this.#byId.set(target.workbinId, next);
      return;
    }
    for (let each: Target | undefined = first; each !== undefined; each = each.sibling) {
      if (each.sibling === target) each.sibling = target.sibling;
    }
  }
}

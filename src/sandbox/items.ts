import type { Directory } from './directory.js';
import type { HttpSession } from './http-sessions.js';
import type { WorkbinScope } from '../scope.js';
import type { ItemOwner, Medium, SandboxItem, SandboxUser } from './types.js';

/** An item that lies in a workbin. */
export interface StoredItem {
  readonly workbinId: string;
  readonly medium: Medium;
  readonly interaction: { readonly id: string } & Readonly<Record<string, unknown>>;
  readonly owner: ItemOwner;
}

/** What lies in the workbins. */
export class Items {
  readonly #directory: Directory;
  readonly #items = new Map<string, StoredItem[]>();
  #lastId = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  add(workbinId: string, item: SandboxItem): StoredItem {
    const { medium = 'chat', interaction, userId, agentGroup, placeGroup } = item;
    const owner = agentGroup ?? placeGroup ?? userId;
    const ownerId = owner === undefined ? this.#directory.workbin(workbinId)?.ownerId : userId;
    const id = interaction?.id ?? this.#nextId();
    const stored: StoredItem = {
      workbinId,
      medium,
      interaction: { subject: `Interaction ${id}`, ...interaction, id },
      owner: {
        ...(ownerId === undefined ? {} : { userId: ownerId }),
        ...(agentGroup === undefined ? {} : { agentGroup }),
        ...(placeGroup === undefined ? {} : { placeGroup }),
      },
    };
    this.#items.set(workbinId, [...this.in(workbinId), stored]);
    return stored;
  }

  remove(workbinId: string, interactionId: string): StoredItem | undefined {
    const items = this.in(workbinId);
    const removed = items.find((item) => item.interaction.id === interactionId);
    this.#items.set(
      workbinId,
      items.filter((item) => item !== removed),
    );
    return removed;
  }

  in(workbinId: string): readonly StoredItem[] {
    return this.#items.get(workbinId) ?? [];
  }

  #nextId(): string {
    this.#lastId += 1;
    return `00015aDRUSU7${this.#lastId.toString(36).toUpperCase().padStart(4, '0')}`;
  }
}

/** Whether an item lies in the instance of its workbin that a scope shows to a user. */
export function isVisible({ owner }: StoredItem, scope: WorkbinScope, user: SandboxUser): boolean {
  const isGroups = owner.agentGroup !== undefined || owner.placeGroup !== undefined;
  switch (scope.kind) {
    case 'any':
      return true;
    case 'me':
      return !isGroups && (owner.userId ?? user.id) === user.id;
    case 'user':
      return !isGroups && (owner.userId ?? scope.userId) === scope.userId;
    case 'agentGroup':
      return isGroups ? owner.agentGroup === scope.name : owner.userId === undefined;
    case 'placeGroup':
      return isGroups ? owner.placeGroup === scope.name : owner.userId === undefined;
  }
}

/** Whether an HTTP session has asked to be told about this item. */
export function concerns(item: StoredItem, session: HttpSession): boolean {
  return session.scopesOf(item.workbinId).some((scope) => isVisible(item, scope, session.user));
}

export function itemMessage(item: StoredItem, action: 'ItemAdded' | 'ItemRemoved'): Readonly<Record<string, unknown>> {
  const { userId, ...groups } = item.owner;
  return {
    ...(userId === undefined ? {} : { workbinUserId: userId }),
    ...groups,
    id: item.workbinId,
    action,
    [`${item.medium}StateResourceV2`]: item.interaction,
    messageType: 'WorkbinStateChangeMessage',
  };
}

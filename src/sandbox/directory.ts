import type { Reply } from './reply.js';
import type { WorkbinScope } from '../scope.js';
import { refusal } from './status.js';
import type { SandboxUser, SandboxWorkbin } from './types.js';

/** Who and what there is in the contact centre, and who may see what. */
export class Directory {
  readonly #users: ReadonlyMap<string, SandboxUser>;
  readonly #workbins: ReadonlyMap<string, SandboxWorkbin>;
  readonly #acceptAny: boolean;

  constructor(users: readonly SandboxUser[], workbins: readonly SandboxWorkbin[], acceptAny: boolean) {
    this.#users = new Map(users.map((user) => [user.id, user]));
    this.#workbins = new Map(workbins.map((workbin) => [workbin.id, workbin]));
    this.#acceptAny = acceptAny;
  }

  /** The refusal of a scope that the user has no access to. */
  refuse(scope: WorkbinScope, user: SandboxUser): Reply | undefined {
    if (scope.kind !== 'user' || scope.userId === user.id) return undefined;
    if (user.supervisor !== true) return refusal(5);
    return this.#users.has(scope.userId) ? undefined : refusal(6, `User ${scope.userId} was not found`);
  }

  workbin(id: string): SandboxWorkbin | undefined {
    const known = this.#workbins.get(id);
    if (known !== undefined || !this.#acceptAny || id === '') return known;
    return { id, name: id, displayName: id, type: 'Agent' };
  }

  find(id: string, scope: WorkbinScope, user: SandboxUser): SandboxWorkbin | undefined {
    const workbin = this.workbin(id);
    return workbin !== undefined && isReachable(workbin, scope, user) ? workbin : undefined;
  }

  /** Documented: `/me` lists what is of type Agent or Place, `/workbins` all types, a group what is of its own. */
  list(scope: WorkbinScope, user: SandboxUser): readonly SandboxWorkbin[] {
    const types = typesIn(scope);
    return [...this.#workbins.values()].filter(
      (workbin) => types.includes(workbin.type) && isReachable(workbin, scope, user),
    );
  }
}

function isReachable(workbin: SandboxWorkbin, scope: WorkbinScope, user: SandboxUser): boolean {
  if (workbin.ownerId === undefined) return true;
  switch (scope.kind) {
    case 'me':
      return workbin.ownerId === user.id;
    case 'any':
      return workbin.ownerId === user.id || user.supervisor === true;
    case 'user':
      return workbin.ownerId === scope.userId;
    case 'agentGroup':
    case 'placeGroup':
      return false;
  }
}

function typesIn(scope: WorkbinScope): readonly SandboxWorkbin['type'][] {
  switch (scope.kind) {
    case 'any':
      return ['Agent', 'Place', 'AgentGroup', 'PlaceGroup'];
    case 'me':
    case 'user':
      return ['Agent', 'Place'];
    case 'agentGroup':
      return ['AgentGroup'];
    case 'placeGroup':
      return ['PlaceGroup'];
  }
}

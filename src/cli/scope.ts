import type { WorkbinClient, WorkbinScope, Workbins } from '../index.js';
import { Misuse } from './misuse.js';

/** The options that say whose workbins are meant; the command line refuses two of them at once. */
export interface ScopeOptions {
  readonly user?: string;
  readonly any?: boolean;
  readonly agentGroup?: string;
  readonly placeGroup?: string;
}

const required = (option: string, value: string): string => {
  if (value.trim() === '') throw new Misuse(`${option} must not be empty`);
  return value;
};

/** Whose workbins are meant. */
export const scopeOf = ({ user, any, agentGroup, placeGroup }: ScopeOptions): WorkbinScope =>
  user !== undefined
    ? { kind: 'user', userId: required('--user', user) }
    : agentGroup !== undefined
      ? { kind: 'agentGroup', name: required('--agent-group', agentGroup) }
      : placeGroup !== undefined
        ? { kind: 'placeGroup', name: required('--place-group', placeGroup) }
        : { kind: any === true ? 'any' : 'me' };

/** The workbins of a scope. */
export const workbinsOf = (client: WorkbinClient, scope: WorkbinScope): Workbins => {
  switch (scope.kind) {
    case 'me':
      return client;
    case 'any':
      return client.any;
    case 'user':
      return client.forUser(scope.userId);
    case 'agentGroup':
      return client.forAgentGroup(scope.name);
    case 'placeGroup':
      return client.forPlaceGroup(scope.name);
  }
};

/** Who owns the workbins of a scope, as far as the scope says. */
export const ownerText = (scope: WorkbinScope): string =>
  scope.kind === 'user' ? scope.userId : 'name' in scope ? scope.name : scope.kind;

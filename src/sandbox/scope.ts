import type { WorkbinScope } from '../scope.js';

/** One text per scope: the key of subscriptions, and what {@link SandboxSubscription} shows. */
export function scopeName(scope: WorkbinScope): string {
  switch (scope.kind) {
    case 'me':
    case 'any':
      return scope.kind;
    case 'user':
      return `users/${scope.userId}`;
    case 'agentGroup':
    case 'placeGroup':
      return `${scope.kind}/${scope.name}`;
  }
}

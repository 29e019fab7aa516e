import type { WorkbinNotification } from '../protocol/notification.js';
import type { WorkbinScope } from '../scope.js';

/**
 * Whether a message may speak of a workbin of this scope, going by what it says of the owner; what it leaves out
 * speaks against nothing.
 *
 * Scope `me` takes no user but the session's own: any that is named, while `ownUserId` is unknown, is another one.
 * Scopes `any` and the groups take every user.
 */
export const belongsTo = (
  scope: WorkbinScope,
  message: WorkbinNotification,
  ownUserId: string | undefined,
): boolean => {
  const { workbinUserId, agentGroup, placeGroup } = message;
  switch (scope.kind) {
    case 'any':
      return true;
    case 'agentGroup':
      return placeGroup === undefined && (agentGroup === undefined || agentGroup === scope.name);
    case 'placeGroup':
      return agentGroup === undefined && (placeGroup === undefined || placeGroup === scope.name);
    default: {
      const user = scope.kind === 'user' ? scope.userId : ownUserId;
      return (
        (workbinUserId === undefined || workbinUserId === user) && agentGroup === undefined && placeGroup === undefined
      );
    }
  }
};

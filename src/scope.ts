/**
 * Whose workbins are meant: the part of the URL in front of the workbin's id.
 *
 * @example
 * ```ts
 * import type { WorkbinScope } from 'rx-workbins';
 *
 * const scope: WorkbinScope = { kind: 'user', userId: 'e6f2ad1b26ea4e9b8dd907eabe167522' };
 * console.log(scope.kind);
 * ```
 *
 * @category subscribing
 */
export type WorkbinScope =
  | {
      /** The session's own user: `/api/v2/me/workbins`. */
      readonly kind: 'me';
    }
  | {
      /** Any workbin: `/api/v2/workbins`. */
      readonly kind: 'any';
    }
  | {
      /** Another user: `/api/v2/users/{userId}/workbins`. */
      readonly kind: 'user';
      readonly userId: string;
    }
  | {
      /** An agent group: `/api/v2/me/workbins/{id}?agentGroup={name}`. */
      readonly kind: 'agentGroup';
      readonly name: string;
    }
  | {
      /** A place group: `/api/v2/me/workbins/{id}?placeGroup={name}`. */
      readonly kind: 'placeGroup';
      readonly name: string;
    };

/** The user id or group name of a scope; undefined for `me` and `any`. */
export const ownerOf = (scope: WorkbinScope): string | undefined =>
  scope.kind === 'user' ? scope.userId : 'name' in scope ? scope.name : undefined;

/** A string that two scopes share if, and only if, they are the same scope. */
export const scopeKey = (scope: WorkbinScope): string => `${scope.kind}/${ownerOf(scope) ?? ''}`;

/** How a message for people names a scope. */
export const scopeText = (scope: WorkbinScope): string => {
  switch (scope.kind) {
    case 'me':
      return 'mine';
    case 'any':
      return 'any';
    default:
      return `${scope.kind} ${JSON.stringify(ownerOf(scope))}`;
  }
};

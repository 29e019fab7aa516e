import type { Fault, FaultMatch, SandboxRequest } from './types.js';

/** A fault that a request has run into. It counts as used only when it takes effect. */
export interface ActiveFault {
  readonly match: FaultMatch;
  readonly fault: Fault;
  use(): void;
}

/** The faults in force, oldest first. */
export class Faults {
  readonly #active = new Set<ActiveFault>();

  add(match: FaultMatch, fault: Fault): () => void {
    let left = match.times ?? Infinity;
    const active: ActiveFault = {
      match,
      fault,
      use: () => {
        left -= 1;
        if (left <= 0) this.#active.delete(active);
      },
    };
    if (left > 0) this.#active.add(active);
    return () => {
      this.#active.delete(active);
    };
  }

  find(request: SandboxRequest): ActiveFault | undefined {
    return [...this.#active].find(({ match, fault }) => canBefall(fault, request) && fits(match, request));
  }
}

/** Some faults have a meaning for some requests only. */
function canBefall(fault: Fault, request: SandboxRequest): boolean {
  switch (fault.kind) {
    case 'bayeux':
      return request.bayeux !== undefined;
    case 'status':
      return request.bayeux === undefined;
    case 'partial':
    case 'request-failed':
    case 'push':
      return (
        request.workbinIds !== undefined &&
        (request.operationName === 'Subscribe' || request.operationName === 'Unsubscribe')
      );
    case 'reply':
    case 'delay':
    case 'hang':
    case 'reset':
    case 'reset-midway':
      return true;
  }
}

function fits(match: FaultMatch, request: SandboxRequest): boolean {
  if (match.method === undefined ? request.method === 'OPTIONS' : match.method.toUpperCase() !== request.method) {
    return false;
  }
  return (
    (match.operation === undefined || match.operation === request.operationName) &&
    (match.workbinId === undefined || request.workbinIds?.includes(match.workbinId) === true) &&
    (match.channel === undefined || request.bayeux?.includes(match.channel) === true) &&
    (match.path === undefined || fitsPath(match.path, request.path))
  );
}

function fitsPath(expected: string | RegExp, path: string): boolean {
  // `search` pays no heed to a RegExp's flag g and its lastIndex, unlike `test`
  if (typeof expected !== 'string') return path.search(expected) >= 0;
  return expected === path || expected === path.split('?')[0];
}

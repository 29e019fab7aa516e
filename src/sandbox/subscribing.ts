import type { Directory } from './directory.js';
import type { ActiveFault } from './faults.js';
import type { HttpSession } from './http-sessions.js';
import { jsonReply, type Reply } from './reply.js';
import type { WorkbinScope } from '../scope.js';
import { refusal, statusMessageOf } from './status.js';

/** A Subscribe or Unsubscribe that has been read. */
export interface SubscribeRequest {
  readonly operation: 'Subscribe' | 'Unsubscribe';
  readonly session: HttpSession;
  readonly scope: WorkbinScope;
  readonly form: 'single' | 'several';
  readonly workbinIds: readonly string[];
}

/** The reply, and the CometD messages that follow from it. */
export interface Subscribing {
  readonly reply: Reply;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
}

/** The asynchronous half-operations of the API: an HTTP reply with reference ids, and one message for each workbin. */
export class Subscriber {
  readonly #directory: Directory;
  readonly #referenceIdInMessages: boolean;
  #lastReferenceId = 0;

  constructor(directory: Directory, referenceIdInMessages: boolean) {
    this.#directory = directory;
    this.#referenceIdInMessages = referenceIdInMessages;
  }

  run(request: SubscribeRequest, active: ActiveFault | undefined): Subscribing {
    const { session, scope, workbinIds } = request;
    const known = workbinIds.filter((id) => this.#directory.find(id, scope, session.user) !== undefined);
    if (known.length === 0) return { reply: refusal(6), messages: [] };
    const fault = active?.fault;
    const isAffected = fault?.kind === 'partial' || fault?.kind === 'request-failed';
    if (isAffected) active?.use();
    const without = fault?.kind === 'partial' ? fault.without : [];
    const failing = fault?.kind === 'request-failed' ? (fault.workbinIds ?? known) : [];
    const accepted = new Map(known.filter((id) => !without.includes(id)).map((id) => [id, this.#nextReferenceId()]));
    const messages = [...accepted].map(([id, referenceId]) => {
      const hasFailed = failing.includes(id);
      if (!hasFailed) apply(request, id);
      return this.#message(request, id, referenceId, hasFailed);
    });
    return { reply: replyOf(request, accepted), messages };
  }

  #nextReferenceId(): number {
    this.#lastReferenceId += 1;
    return this.#lastReferenceId;
  }

  #message(
    { operation, scope, form }: SubscribeRequest,
    id: string,
    referenceId: number,
    hasFailed: boolean,
  ): Readonly<Record<string, unknown>> {
    const isGroup = scope.kind === 'agentGroup' || scope.kind === 'placeGroup';
    return {
      // Genesys' sample of several workbins by user has no workbinUserId
      ...(scope.kind === 'user' && form === 'single' ? { workbinUserId: scope.userId } : {}),
      ...(scope.kind === 'agentGroup' ? { agentGroup: scope.name } : {}),
      // and that of leaving a place group's workbin has no placeGroup
      ...(scope.kind === 'placeGroup' && operation === 'Subscribe' ? { placeGroup: scope.name } : {}),
      ...(isGroup || this.#referenceIdInMessages ? { referenceId } : {}),
      stateResource: hasFailed ? 'RequestFailed' : `${operation}d`,
      id,
      messageType: 'WorkbinSubscriptionStateChangeMessage',
    };
  }
}

function apply({ operation, session, scope }: SubscribeRequest, workbinId: string): void {
  if (operation === 'Subscribe') session.subscribe(scope, workbinId);
  else session.unsubscribe(scope, workbinId);
}

function replyOf({ form, workbinIds }: SubscribeRequest, accepted: ReadonlyMap<string, number>): Reply {
  const status =
    accepted.size === workbinIds.length ? { statusCode: 0 } : { statusCode: 7, statusMessage: statusMessageOf(7) };
  if (form === 'several') return jsonReply({ ...status, referenceIds: Object.fromEntries(accepted) });
  const [referenceId] = accepted.values();
  return jsonReply({ ...status, ...(referenceId === undefined ? {} : { referenceId }) });
}

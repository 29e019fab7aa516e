import { authenticate } from './authentication.js';
import type { BayeuxEndpoint } from './bayeux.js';
import { failure } from './bayeux-message.js';
import { describeUser, endSession, startSession } from './contact-center.js';
import type { Csrf } from './csrf.js';
import type { ActiveFault } from './faults.js';
import type { HttpSession, HttpSessions } from './http-sessions.js';
import { isRecord, type Incoming } from './incoming.js';
import { planPush, type PushPlan } from './pushes.js';
import { listWorkbins, workbinContent, type Reader } from './reading.js';
import { withCookies, withHeaders, type Reply } from './reply.js';
import { refuseMethod, routeOf, type Route } from './route.js';
import { refusal } from './status.js';
import type { Subscriber } from './subscribing.js';
import type { PushOrder, SandboxUser } from './types.js';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request on its way through the services, and the fault that it has run into. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly incoming: Incoming;
  readonly active: ActiveFault | undefined;
}

/** What comes of a call. */
export interface Outcome {
  readonly reply: Reply;
  readonly push?: PushPlan;
}

export interface ServicesParts extends Reader {
  readonly users: readonly SandboxUser[];
  readonly sessions: HttpSessions;
  readonly bayeux: BayeuxEndpoint;
  readonly csrf: Csrf;
  readonly subscriber: Subscriber;
  readonly push: PushOrder;
  readonly csrfOnBayeux: boolean;
  readonly requireContactCenterSession: boolean;
}

/** Web Services themselves: who may, what is meant, what comes of it. */
export class Services {
  readonly #parts: ServicesParts;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
  }

  /** `undefined` where the client goes away before there is an answer. */
  async run(call: Call): Promise<Outcome | undefined> {
    const { users, sessions, csrf } = this.#parts;
    const authentication = authenticate(call.incoming, users, sessions);
    if (authentication.refused !== undefined) return { reply: authentication.refused };
    const { session, cookies } = authentication;
    const outcome = await this.#dispatch(call, session);
    if (outcome === undefined) return undefined;
    const reply = withHeaders(outcome.reply, csrf.headersFor(call.incoming, session));
    return { ...outcome, reply: withCookies(reply, cookies) };
  }

  async #dispatch(call: Call, session: HttpSession): Promise<Outcome | undefined> {
    const { incoming, active } = call;
    const route = routeOf(incoming);
    const needsToken = route.kind !== 'notifications' || this.#parts.csrfOnBayeux;
    const refused = needsToken ? this.#parts.csrf.refuse(incoming, session) : undefined;
    if (refused !== undefined) return { reply: refused };
    if (route.kind === 'refused') return { reply: route.reply };
    const wrongMethod = refuseMethod(incoming, route);
    if (wrongMethod !== undefined) return { reply: wrongMethod };
    if (route.kind === 'notifications') return this.#notifications(call, session);
    if (active?.fault.kind === 'status') {
      active.use();
      const { statusCode, statusMessage, status } = active.fault;
      return { reply: refusal(statusCode, statusMessage, status) };
    }
    return incoming.method === 'GET'
      ? { reply: this.#read(incoming, route, session) }
      : this.#operate(call, route, session);
  }

  async #notifications(
    { request, response, incoming, active }: Call,
    session: HttpSession,
  ): Promise<Outcome | undefined> {
    const reply = await this.#parts.bayeux.exchange({
      request,
      response,
      json: incoming.json,
      httpSession: session,
      fault: (message) => {
        if (active?.fault.kind !== 'bayeux') return undefined;
        if (active.match.channel !== undefined && active.match.channel !== message['channel']) return undefined;
        active.use();
        return failure(message, active.fault.error, active.fault.advice);
      },
    });
    return reply === undefined ? undefined : { reply };
  }

  #read(incoming: Incoming, route: Exclude<Route, { kind: 'notifications' }>, session: HttpSession): Reply {
    const { directory, url } = this.#parts;
    if (route.kind === 'me') return describeUser(session, url);
    const refused = directory.refuse(route.scope, session.user);
    if (refused !== undefined) return refused;
    return route.kind === 'workbins'
      ? listWorkbins(this.#parts, route.scope, session.user, incoming.query)
      : workbinContent(this.#parts, route.scope, session.user, route.workbinId, incoming.query);
  }

  #operate(
    { incoming, active }: Call,
    route: Exclude<Route, { kind: 'notifications' }>,
    session: HttpSession,
  ): Outcome {
    const { json, text } = incoming;
    if (!isRecord(json)) {
      return { reply: text === '' ? refusal(1, 'The body is missing') : refusal(10, 'The body must be a JSON object') };
    }
    const operation = json['operationName'];
    if (operation === undefined) return { reply: refusal(1, 'The parameter operationName is missing') };
    if (route.kind === 'me') {
      if (operation === 'StartContactCenterSession') return { reply: startSession(session, json) };
      if (operation === 'EndContactCenterSession') return { reply: endSession(session, this.#parts.sessions) };
    } else if (operation === 'Subscribe' || operation === 'Unsubscribe') {
      return this.#subscribe(operation, route, session, active);
    }
    return { reply: refusal(10, `The operation ${JSON.stringify(operation)} does not exist here`) };
  }

  #subscribe(
    operation: 'Subscribe' | 'Unsubscribe',
    route: Extract<Route, { kind: 'workbin' | 'workbins' }>,
    session: HttpSession,
    active: ActiveFault | undefined,
  ): Outcome {
    const { directory, subscriber, push, requireContactCenterSession } = this.#parts;
    const { scope } = route;
    const refused = directory.refuse(scope, session.user);
    if (refused !== undefined) return { reply: refused };
    if (requireContactCenterSession && !session.isContactCenterSessionStarted) return { reply: refusal(2) };
    const workbinIds = route.kind === 'workbin' ? [route.workbinId] : route.workbinIds;
    if (workbinIds === undefined) return { reply: refusal(1, 'The parameter workbinIds is missing') };
    if (workbinIds.includes('')) return { reply: refusal(10, 'The parameter workbinIds has an empty id') };
    if (route.kind === 'workbins' && (scope.kind === 'agentGroup' || scope.kind === 'placeGroup')) {
      return { reply: refusal(10, 'The workbins of a group are subscribed to one by one') };
    }
    const form = route.kind === 'workbin' ? 'single' : 'several';
    const { reply, messages } = subscriber.run({ operation, session, scope, form, workbinIds }, active);
    return { reply, push: planPush(session, messages, push, active) };
  }
}

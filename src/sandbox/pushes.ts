import type { BayeuxEndpoint } from './bayeux.js';
import { WORKBINS_TOPIC } from './defaults.js';
import type { ActiveFault } from './faults.js';
import type { HttpSession, HttpSessions } from './http-sessions.js';
import type { Timers } from './timers.js';
import type { PushOrder } from './types.js';

/** The longest that a reply waits for its push to be seen, ms: a client that is not there must not hang the server. */
const PATIENCE = 250;

/** Messages that are to leave around a reply. */
export interface PushPlan {
  readonly session: HttpSession;
  readonly messages: readonly unknown[];
  readonly order: PushOrder;
  readonly delay: number;
}

export function planPush(
  session: HttpSession,
  messages: readonly Readonly<Record<string, unknown>>[],
  order: PushOrder,
  active: ActiveFault | undefined,
): PushPlan {
  if (active?.fault.kind !== 'push' || messages.length === 0) return { session, messages, order, delay: 0 };
  active.use();
  const { fault } = active;
  const change = fault.change ?? ((message: Readonly<Record<string, unknown>>): unknown => message);
  const changed = messages
    .flatMap((message) => Array.from({ length: fault.copies ?? 1 }, () => change(message)))
    .filter((message) => message !== undefined);
  return {
    session,
    messages: fault.reverse === true ? changed.reverse() : changed,
    order: fault.order ?? order,
    delay: fault.delay ?? 0,
  };
}

/** Lets pushes leave at their time. */
export class Pusher {
  readonly #bayeux: BayeuxEndpoint;
  readonly #sessions: HttpSessions;
  readonly #timers: Timers;

  constructor(bayeux: BayeuxEndpoint, sessions: HttpSessions, timers: Timers) {
    this.#bayeux = bayeux;
    this.#sessions = sessions;
    this.#timers = timers;
  }

  /** Lets the reply leave through `send` and the push before, with or after it. */
  async around(plan: PushPlan, send: () => Promise<void>): Promise<void> {
    if (plan.order === 'before') {
      if (plan.delay > 0) await this.#timers.wait(plan.delay);
      await Promise.race([this.#push(plan), this.#timers.wait(PATIENCE)]);
      await send();
      return;
    }
    const sent = send();
    if (plan.order === 'after') await sent;
    if (plan.delay > 0) await this.#timers.wait(plan.delay);
    void this.#push(plan);
  }

  /** Sends to whoever fits and has a live HTTP session. */
  push(fits: (session: HttpSession) => boolean, messages: readonly unknown[], channel = WORKBINS_TOPIC): Promise<void> {
    return this.#bayeux.deliver((session) => this.#sessions.isLive(session) && fits(session), channel, messages);
  }

  #push({ session, messages }: PushPlan): Promise<void> {
    return this.push((candidate) => candidate === session, messages);
  }
}

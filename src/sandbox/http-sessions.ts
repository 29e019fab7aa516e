import { randomBytes } from 'node:crypto';
import type { WorkbinScope } from '../scope.js';
import { scopeName } from './scope.js';
import type { SandboxSubscription, SandboxUser } from './types.js';

/** What the server keeps under one `JSESSIONID`. */
export class HttpSession {
  readonly id = `node0${randomBytes(16).toString('hex')}`;
  readonly user: SandboxUser;
  csrfToken = randomBytes(16).toString('hex');
  isContactCenterSessionStarted = false;
  /** By workbin id, then by scope: an item event asks for the workbin first. */
  readonly #subscriptions = new Map<string, Map<string, WorkbinScope>>();

  constructor(user: SandboxUser) {
    this.user = user;
  }

  subscribe(scope: WorkbinScope, workbinId: string): void {
    const scopes = this.#subscriptions.get(workbinId) ?? new Map<string, WorkbinScope>();
    this.#subscriptions.set(workbinId, scopes.set(scopeName(scope), scope));
  }

  unsubscribe(scope: WorkbinScope, workbinId: string): void {
    const scopes = this.#subscriptions.get(workbinId);
    scopes?.delete(scopeName(scope));
    if (scopes?.size === 0) this.#subscriptions.delete(workbinId);
  }

  /** The scopes in which this session is subscribed to a workbin. */
  scopesOf(workbinId: string): readonly WorkbinScope[] {
    return [...(this.#subscriptions.get(workbinId)?.values() ?? [])];
  }

  *subscribed(): Generator<{ readonly scope: WorkbinScope; readonly workbinId: string }> {
    for (const [workbinId, scopes] of this.#subscriptions) {
      for (const scope of scopes.values()) yield { scope, workbinId };
    }
  }
}

/** The live HTTP sessions. */
export class HttpSessions implements Iterable<HttpSession> {
  readonly #sessions = new Map<string, HttpSession>();

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<HttpSession> {
    return this.#sessions.values();
  }

  create(user: SandboxUser): HttpSession {
    const session = new HttpSession(user);
    this.#sessions.set(session.id, session);
    return session;
  }

  find(id: string): HttpSession | undefined {
    return this.#sessions.get(id);
  }

  isLive(session: HttpSession): boolean {
    return this.#sessions.get(session.id) === session;
  }

  invalidate(session: HttpSession): void {
    this.#sessions.delete(session.id);
  }

  clear(): void {
    this.#sessions.clear();
  }

  rotateCsrf(): void {
    for (const session of this) session.csrfToken = randomBytes(16).toString('hex');
  }

  subscriptions(): readonly SandboxSubscription[] {
    return [...this].flatMap((session) =>
      [...session.subscribed()].map(({ scope, workbinId }) => ({
        userId: session.user.id,
        scope: scopeName(scope),
        workbinId,
      })),
    );
  }
}

import { BayeuxEndpoint } from './bayeux.js';
import { Cors } from './cors.js';
import { Csrf } from './csrf.js';
import { defaultUsers, defaultWorkbins } from './defaults.js';
import { Directory } from './directory.js';
import { Exchange } from './exchange.js';
import { Faults } from './faults.js';
import { HttpSessions } from './http-sessions.js';
import { concerns, itemMessage, Items, type StoredItem } from './items.js';
import { Listener } from './listener.js';
import { Pusher } from './pushes.js';
import { RequestLog } from './request-log.js';
import { Services } from './services.js';
import { Subscriber } from './subscribing.js';
import { Timers } from './timers.js';
import { createTimetable } from './timetable.js';
import type { Sandbox, SandboxOptions } from './types.js';

/**
 * Starts a stand-in for Genesys Web Services: a real HTTP server with the CometD project's own Bayeux endpoint.
 *
 * It does what Web Services document, for any client: Basic authentication, `JSESSIONID`, CSRF protection, subscribing
 * to workbins in every URL form, the notifications on `/v2/me/workbins`, lists and contents. It fails on demand, see
 * {@link Sandbox.fault}. Resolves when it listens; it runs until {@link Sandbox.close}.
 *
 * @example
 * ```ts
 * import { createSandbox } from 'rx-workbins/sandbox';
 *
 * const sandbox = await createSandbox();
 * const authorization = `Basic ${btoa(`${sandbox.username}:${sandbox.password}`)}`;
 * const response = await fetch(`${sandbox.url}/api/v2/me`, { headers: { authorization } });
 * console.log(await response.json());
 * await sandbox.close();
 * ```
 *
 * @param options - users, workbins, protection, timing; default: one supervisor and a colleague, CSRF on, any free port
 * @returns the running sandbox
 * @throws TypeError when `users` is empty; the socket's error when it cannot listen
 * @see {@link SandboxOptions}
 * @category sandbox
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { users = defaultUsers, workbins = defaultWorkbins, items: itemOptions } = options;
  const [firstUser] = users;
  if (firstUser === undefined) throw new TypeError('A sandbox needs at least one user');

  const timers = new Timers();
  const timetableTimers = new Timers();
  const log = new RequestLog();
  const faults = new Faults();
  const sessions = new HttpSessions();
  const directory = new Directory(users, workbins, options.acceptAnyWorkbin ?? false);
  const items = new Items(directory);
  const bayeux = new BayeuxEndpoint(options.longPollTimeout ?? 30_000);
  const pusher = new Pusher(bayeux, sessions, timers);
  const services = new Services({
    users,
    sessions,
    directory,
    items,
    bayeux,
    csrf: new Csrf(options.csrf ?? true),
    subscriber: new Subscriber(directory, options.referenceIdInMessages ?? false),
    push: options.push ?? 'after',
    csrfOnBayeux: options.csrfOnBayeux ?? false,
    requireContactCenterSession: options.requireContactCenterSession ?? false,
    get url() {
      return listener.url;
    },
  });
  const exchange = new Exchange({ log, cors: new Cors(options.cors ?? []), faults, services, pusher, timers });
  const listener = new Listener(options.host ?? '127.0.0.1', options.port ?? 0, (request, response) => {
    void exchange.run(request, response);
  });

  const announce = (item: StoredItem, action: 'ItemAdded' | 'ItemRemoved'): void => {
    void pusher.push((session) => concerns(item, session), [itemMessage(item, action)]);
  };
  const addItem: Sandbox['addItem'] = (workbinId, item = {}) => {
    const stored = items.add(workbinId, item);
    announce(stored, 'ItemAdded');
    return stored.interaction.id;
  };
  const removeItem: Sandbox['removeItem'] = (workbinId, interactionId) => {
    const removed = items.remove(workbinId, interactionId);
    if (removed !== undefined) announce(removed, 'ItemRemoved');
    return removed !== undefined;
  };

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    timers.close();
    timetableTimers.close();
    await listener.stop();
    bayeux.close();
    sessions.clear();
    log.close();
  };
  const refuseIfClosed = (): void => {
    if (closing !== undefined) throw new Error('The sandbox is closed');
  };

  try {
    await listener.start();
  } catch (error) {
    // the CometD server has a timer from the start
    bayeux.close();
    throw error;
  }
  if (itemOptions !== undefined) {
    const timetable = createTimetable({ workbins, sessions, add: addItem, remove: removeItem });
    timetableTimers.every(itemOptions.every, timetable);
  }

  return {
    get url() {
      return listener.url;
    },
    username: firstUser.userName,
    password: firstUser.password,
    users,
    workbins,
    requests: log.requests,
    get connections() {
      return listener.connections;
    },
    get bayeuxSessions() {
      return bayeux.size;
    },
    get httpSessions() {
      return sessions.size;
    },
    subscriptions: () => sessions.subscriptions(),
    addItem,
    removeItem,
    push: (message, { userId, channel } = {}) => {
      void pusher.push((session) => userId === undefined || session.user.id === userId, [message], channel);
    },
    fault: (match, fault) => faults.add(match, fault),
    killBayeuxSessions: (how = 'unknown') => bayeux.kill(how),
    killHttpSessions: () => sessions.clear(),
    rotateCsrf: () => sessions.rotateCsrf(),
    refuseConnections: () => listener.stop(),
    acceptConnections: async () => {
      refuseIfClosed();
      await listener.start();
    },
    restart: async () => {
      await listener.stop();
      refuseIfClosed();
      timers.clear();
      sessions.clear();
      bayeux.reset();
      await listener.start();
    },
    resetConnections: () => listener.reset(),
    request: (predicate) => log.wait(predicate),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

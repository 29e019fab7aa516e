// An application's file: all of it must compile, but for the lines that say otherwise. `npm run check` compiles it against
// the source, `npm run check:package` against the packed package, under two module resolutions.
import { EMPTY, filter, map, type Observable, of, type OperatorFunction, VirtualTimeScheduler } from 'rxjs';
import {
  type Accepted,
  ApiError,
  type ArgumentError,
  type AuthProvider,
  collectItems,
  type ConnectionState,
  createWorkbinClient,
  type FailedEvent,
  type GapEvent,
  isApiError,
  isConnectionError,
  isSubscriptionError,
  isWorkbinError,
  type Item,
  type ItemEvent,
  type Logger,
  mergeSubscription,
  ofState,
  ofUser,
  ofWorkbin,
  progress,
  type Settlement,
  settle,
  type StateChanged,
  subscribeForUsers,
  subscribeWorkbins,
  SubscriptionError,
  type SubscriptionEvent,
  type UndecodedMessage,
  untilSubscribed,
  type WatchEvent,
  type Workbin,
  type WorkbinClient,
  type WorkbinClientOptions,
  type WorkbinContent,
  type WorkbinError,
  type WorkbinNotification,
  type Workbins,
  type WorkbinScope,
  type WorkbinSubscriptionStateChangeMessage,
} from '../../src/index.js';

/** Whether two types are the same, `any` and `readonly` told apart. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_verdict: Same<A, B>): void => undefined;

// --- The client's options

const logger: Logger = (level, message, details) => {
  same<typeof level, 'debug' | 'info' | 'warn'>(true);
  void [message.length, details];
};
const headers: AuthProvider = () => ({ Authorization: 'Bearer t' });
const headersLater: AuthProvider = () => Promise.resolve({ Authorization: 'Bearer t' });
const headersInTime: AuthProvider = () => of({ Authorization: 'Bearer t' });

export const options: WorkbinClientOptions[] = [
  { baseUrl: 'https://gws.example.com' },
  { baseUrl: new URL('https://gws.example.com'), auth: { username: 'agent', password: 'secret' } },
  { baseUrl: 'https://gws.example.com', auth: headers },
  { baseUrl: 'https://gws.example.com', auth: headersLater },
  { baseUrl: 'https://gws.example.com', auth: headersInTime },
  {
    baseUrl: 'https://gws.example.com',
    fetch: globalThis.fetch,
    contactCenterSession: { channels: ['chat', 'email'] as const, place: 'P1' },
    timeout: Infinity,
    retry: { maxAttempts: 3, initialDelay: 100, maxDelay: 1000, random: () => 0.5 },
    coalesce: false,
    maxUrlLength: 4000,
    logger,
    scheduler: new VirtualTimeScheduler(),
  },
];

export const client: WorkbinClient = createWorkbinClient({ baseUrl: 'https://gws.example.com', retry: {} });

// @ts-expect-error the base URL is required
createWorkbinClient({});
// @ts-expect-error nothing to connect to
createWorkbinClient();
// @ts-expect-error a user name without a password
createWorkbinClient({ baseUrl: 'https://gws.example.com', auth: { username: 'agent' } });
// @ts-expect-error a token is handed in by a function
createWorkbinClient({ baseUrl: 'https://gws.example.com', auth: 'Bearer t' });
// @ts-expect-error milliseconds, a number
createWorkbinClient({ baseUrl: 'https://gws.example.com', timeout: '30s' });
// @ts-expect-error no such option
createWorkbinClient({ baseUrl: 'https://gws.example.com', retries: 3 });
// @ts-expect-error a contact centre session names its channels
createWorkbinClient({ baseUrl: 'https://gws.example.com', contactCenterSession: { place: 'P1' } });

// --- Workbins: the client's own, and those of other scopes

const ids: readonly string[] = ['a', 'b'];
const scopes: readonly Workbins[] = [
  client,
  client.any,
  client.forUser('u'),
  client.forAgentGroup('g'),
  client.forPlaceGroup('p'),
];
for (const workbins of scopes) {
  const scope: WorkbinScope = workbins.scope;
  if (scope.kind === 'user') same<typeof scope.userId, string>(true);
  else if (scope.kind === 'agentGroup' || scope.kind === 'placeGroup') same<typeof scope.name, string>(true);
  else same<typeof scope.kind, 'any' | 'me'>(true);
  // @ts-expect-error it is read only
  workbins.scope = { kind: 'me' };
}
// @ts-expect-error not every scope has a user
export const userOfAny: string = client.any.scope.userId;
// @ts-expect-error a user's workbins are not a client
export const notAClient: WorkbinClient = client.forUser('u');
// @ts-expect-error it wants a user id
client.forUser();

export const one: Observable<SubscriptionEvent> = client.subscribe('a');
export const several: Observable<SubscriptionEvent> = client.subscribe(ids, { timeout: 1000 });
export const undone: Observable<SubscriptionEvent> = client.unsubscribe('a');
export const watched: Observable<WatchEvent> = client.forUser('u').watch(ids);
export const listed: Observable<readonly Workbin[]> = client.any.list();
export const content: Observable<WorkbinContent> = client.content('a');
// @ts-expect-error one workbin's content at a time
client.content(ids);
// @ts-expect-error ids are strings
client.subscribe(57);
// @ts-expect-error what is subscribed to says nothing of items
export const noItems: Observable<ItemEvent> = client.subscribe('a');

// --- The client's streams and its end

client.connection$.pipe(
  map((state) => {
    same<typeof state, ConnectionState>(true);
  }),
);
same<ConnectionState, 'closed' | 'connected' | 'connecting' | 'idle' | 'reconnecting'>(true);
export const notifications: Observable<WorkbinNotification> = client.notifications$;
export const undecoded: Observable<UndecodedMessage> = client.undecoded$;
export const closed: Promise<void> = client.close();
export const disposed: PromiseLike<void> = client[Symbol.asyncDispose]();
// @ts-expect-error it is read only
client.connection$ = EMPTY;

// --- Events, told apart by `type`

export const tell = (event: WatchEvent): string => {
  switch (event.type) {
    case 'accepted':
      same<typeof event, Accepted>(true);
      // @ts-expect-error nobody changes an event
      event.referenceIds.set('a', 1);
      // @ts-expect-error nobody changes an event
      event.workbinIds.push('a');
      return `${String(event.referenceIds.get('a') ?? 0)} ${event.workbinIds.join()} ${String(event.response.statusCode)}`;
    case 'state':
      same<typeof event, StateChanged>(true);
      same<typeof event.state, 'RequestFailed' | 'Subscribed' | 'Unsubscribed'>(true);
      same<typeof event.message, WorkbinSubscriptionStateChangeMessage>(true);
      // @ts-expect-error it is read only
      event.workbinId = 'b';
      // @ts-expect-error not every message says whose workbin it is
      return event.workbinUserId;
    case 'item':
      same<typeof event, ItemEvent>(true);
      // @ts-expect-error the interaction is not always there
      return event.interaction.id;
    case 'gap':
      same<typeof event, GapEvent>(true);
      return `${event.workbinIds.join()} ${String(event.to - event.from)} ms: ${event.reason}`;
    case 'failed':
      same<typeof event, FailedEvent>(true);
      same<typeof event.error, WorkbinError>(true);
      return event.workbinId;
  }
};
export const subscriptionOnly = (event: SubscriptionEvent): void => {
  // @ts-expect-error `subscribe` never says so
  if (event.type === 'item') return;
  // @ts-expect-error an `accepted` is not about one workbin
  void event.workbinId;
};

// --- Operators, inside `pipe`

export const mine: Observable<WorkbinNotification> = client.notifications$.pipe(ofWorkbin('a', 'b'), ofUser('u'));
export const myEvents: Observable<WatchEvent> = client.watch(ids).pipe(ofWorkbin('a'), ofUser('u'));
export const messages: Observable<WorkbinSubscriptionStateChangeMessage> = client.notifications$.pipe(
  ofWorkbin('a'),
  ofState('Subscribed', 'RequestFailed'),
);
export const states: Observable<StateChanged> = client.subscribe(ids).pipe(ofState('Subscribed'));
export const until: Observable<WorkbinNotification> = client.notifications$.pipe(untilSubscribed(ids));
export const fromIds: Observable<SubscriptionEvent> = of('a', ['b', 'c']).pipe(subscribeWorkbins(client.forUser('u')));
export const perUser: Observable<SubscriptionEvent> = of('u', 'v').pipe(subscribeForUsers(client, ids));
export const settled: Observable<Settlement> = client.subscribe(ids).pipe(settle());
export const failedIds: Observable<readonly string[]> = settled.pipe(map(({ failed }) => [...failed.keys()]));
export const pending: Observable<readonly string[]> = client.subscribe(ids).pipe(
  progress(ids),
  map(({ subscribed, failed, pending: left }) => [...subscribed, ...failed, ...left]),
);
export const collected: Observable<ReadonlyMap<string, Item>> = client.watch(ids).pipe(collectItems());
export const current: Observable<ReadonlyMap<string, Item>> = client.watch(ids).pipe(collectItems({ from: client }));
export const own: OperatorFunction<SubscriptionEvent, Settlement> = settle();
export const narrowed: Observable<ItemEvent> = client.watch(ids).pipe(filter((event) => event.type === 'item'));
export const merged: Observable<SubscriptionEvent> = mergeSubscription(EMPTY, client.notifications$, {
  scope: { kind: 'me' },
  workbinIds: ids,
  operation: 'Subscribe',
});

// @ts-expect-error no such state
client.notifications$.pipe(ofState('Gone'));
// @ts-expect-error numbers are not what it narrows
of(1, 2).pipe(ofWorkbin('a'));
// @ts-expect-error an account is made of a subscription's events
client.notifications$.pipe(settle());
// @ts-expect-error a client, or the workbins of a scope
of('a').pipe(subscribeWorkbins());
// @ts-expect-error users are asked for through the client
of('u').pipe(subscribeForUsers(client.forUser('u'), ids));
settled.pipe(
  map(({ failed }) => {
    // @ts-expect-error nobody changes an account
    failed.delete('a');
  }),
);

// --- Errors

export const explain = (error: unknown): string => {
  if (isSubscriptionError(error)) {
    same<typeof error, SubscriptionError>(true);
    same<typeof error.code, 'subscription'>(true);
    const failed: ReadonlyMap<string, WorkbinError> = error.failed;
    const subscribed: readonly string[] = error.subscribed;
    // @ts-expect-error nobody changes an account
    error.failed.clear();
    return `${error.name}: ${subscribed.join()} but not ${[...failed.keys()].join()}`;
  }
  if (isApiError(error)) return `${String(error.status)} ${String(error.statusCode)} ${error.statusMessage ?? ''}`;
  if (isConnectionError(error)) same<typeof error.code, 'connection'>(true);
  if (isWorkbinError(error)) return `${error.code}: ${error.message}`;
  // @ts-expect-error not known to be an error at all
  return error.message;
};
export const classes: readonly (abstract new (...args: never[]) => WorkbinError)[] = [ApiError, SubscriptionError];
export const argument = (error: ArgumentError): 'argument' => error.code;
// @ts-expect-error another error's code
export const notArgument = (error: ArgumentError): 'api' => error.code;

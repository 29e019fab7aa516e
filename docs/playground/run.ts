import { type Observable, Subscription, share } from 'rxjs';
import {
  type ConnectionState,
  type Item,
  type WatchEvent,
  type WorkbinClient,
  type WorkbinScope,
  type Workbins,
  collectItems,
  createWorkbinClient,
} from 'rx-workbins';
import type { SandboxInfo } from './sandbox.js';
import { type Line, type Mark, letterOf } from './trace.js';
import { type Pace, type WireEvent, tappedFetch } from './wire.js';
import { sayError, sayEvent } from './words.js';

/** What is asked for. */
export interface Request {
  readonly method: 'subscribe' | 'watch';
  readonly ids: readonly string[];
  readonly scope: WorkbinScope;
  readonly pace: Pace;
  /** ms */
  readonly timeout: number;
}

/** Who draws and tells what happens in a run. */
export interface Audience {
  now(): number;
  mark(mark: Mark): void;
  line(line: Line): void;
  connection(state: ConnectionState): void;
  workbin(id: string, state: string, isBad?: boolean): void;
  items(items: ReadonlyMap<string, Item>): void;
  /** The Observable has ended. */
  settled(text: string, isBad: boolean): void;
}

type Body = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const scopedTo = (client: WorkbinClient, scope: WorkbinScope): Workbins => {
  switch (scope.kind) {
    case 'me':
      return client;
    case 'any':
      return client.any;
    case 'user':
      return client.forUser(scope.userId);
    case 'agentGroup':
      return client.forAgentGroup(scope.name);
    case 'placeGroup':
      return client.forPlaceGroup(scope.name);
  }
};

/** What a server says where a text is expected. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? `${value}` : '?';

/** What a message and the event made of it have in common. */
const keyOf = (message: object): string => {
  const { id, stateResource, action } = message as Body;
  return `${textOf(id)} ${textOf(stateResource ?? action)}`;
};

/** One press of Subscribe or Watch: a client of its own, from the first request to `close()`. */
export class Run {
  readonly #client: WorkbinClient;
  readonly #workbins: Workbins;
  readonly #subscriptions = new Subscription();
  readonly #replies = new Map<number, Mark>();
  readonly #messages = new Map<string, Mark>();
  #isLeaving = false;
  #isOver = false;

  constructor(
    sandbox: SandboxInfo,
    private readonly request: Request,
    private readonly audience: Audience,
  ) {
    this.#client = createWorkbinClient({
      baseUrl: sandbox.url,
      auth: { username: sandbox.username, password: sandbox.password },
      timeout: request.timeout,
      retry: { initialDelay: 300 },
      fetch: tappedFetch(
        request.pace,
        (event) => this.#onWire(event),
        () => this.#isLeaving,
      ),
    });
    this.#workbins = scopedTo(this.#client, request.scope);
  }

  begin(): void {
    const { method, ids } = this.request;
    const { audience } = this;
    this.#subscriptions.add(
      this.#client.connection$.subscribe({ next: (state) => audience.connection(state), error: () => undefined }),
    );
    if (method === 'watch') {
      const events$ = this.#workbins.watch(ids).pipe(share());
      this.#subscriptions.add(
        events$.pipe(collectItems({ from: this.#workbins })).subscribe({
          next: (items) => audience.items(items),
          error: () => undefined,
        }),
      );
      this.#follow(events$);
    } else {
      this.#follow(this.#workbins.subscribe(ids));
    }
  }

  /** Asks for something that makes the library look at its HTTP session. */
  look(): void {
    this.#subscriptions.add(this.#workbins.list().subscribe({ error: () => undefined }));
  }

  /** Unsubscribes, then gives the session back. */
  async stop(): Promise<void> {
    this.#subscriptions.unsubscribe();
    if (!this.#isOver) this.#line('Result', 'unsubscribed by the page');
    this.#isOver = true;
    await this.#client.close();
    this.audience.connection('closed');
  }

  /** The page goes away: what is sent from now on must outlive it. */
  leave(): void {
    this.#isLeaving = true;
    this.#subscriptions.unsubscribe();
    void this.#client.close();
  }

  #follow(events$: Observable<WatchEvent>): void {
    const { audience } = this;
    this.#subscriptions.add(
      events$.subscribe({
        next: (event) => this.#onEvent(event),
        complete: () => {
          this.#isOver = true;
          audience.mark({ lane: 'result', at: audience.now(), shape: 'complete', label: '', caption: 'complete' });
          this.#line('Result', 'complete');
          audience.settled(
            `Complete: ${this.#count()} subscribed, after ${(audience.now() / 1000).toFixed(1)} s.`,
            false,
          );
        },
        error: (error: unknown) => {
          this.#isOver = true;
          const text = sayError(error, this.#letter);
          audience.mark({
            lane: 'result',
            at: audience.now(),
            shape: 'error',
            label: '',
            caption: 'error',
            isBad: true,
          });
          this.#line('Result', `error: ${text}`, true, error);
          if (isRecord(error) && error['failed'] instanceof Map) {
            for (const [id, cause] of error['failed'] as ReadonlyMap<string, Error>) {
              audience.workbin(id, cause.name, true);
            }
          }
          audience.settled(`Error: ${text}`, true);
        },
      }),
    );
  }

  #count(): string {
    const { length } = this.request.ids;
    return length === 1 ? 'one workbin' : `all ${length} workbins`;
  }

  readonly #letter = (id: string): string => {
    const index = this.request.ids.indexOf(id);
    return index < 0 ? '?' : letterOf(index);
  };

  #tone(id: string): number | undefined {
    const index = this.request.ids.indexOf(id);
    return index < 0 ? undefined : index;
  }

  #line(source: Line['source'], text: string, isBad = false, detail?: unknown): void {
    this.audience.line({ at: this.audience.now(), source, text, isBad, detail });
  }

  #onEvent(event: WatchEvent): void {
    const { audience } = this;
    const at = audience.now();
    const lane = 'result';
    switch (event.type) {
      case 'accepted': {
        const [reference = -1] = event.referenceIds.values();
        const letters = event.workbinIds.map(this.#letter).join(' ');
        audience.mark({
          lane,
          at,
          shape: 'reply',
          label: 'A',
          caption: `for ${letters}`,
          from: this.#replies.get(reference),
        });
        break;
      }
      case 'state': {
        const isBad = event.state === 'RequestFailed';
        const id = event.workbinId;
        const from = this.#messages.get(keyOf(event.message));
        const [label, tone] = [this.#letter(id), this.#tone(id)];
        audience.mark({ lane, at, shape: isBad ? 'failed' : 'marble', label, tone, caption: event.state, isBad, from });
        audience.workbin(id, event.state, isBad);
        break;
      }
      case 'item': {
        const from = this.#messages.get(keyOf(event.message));
        audience.mark({ ...this.#itemMark(event.workbinId, event.action, event.medium), lane, at, from });
        break;
      }
      case 'gap':
        audience.mark({
          lane,
          at,
          shape: 'gap',
          label: 'gap',
          caption: `${((event.to - event.from) / 1000).toFixed(1)} s`,
        });
        break;
      case 'failed': {
        const label = this.#letter(event.workbinId);
        audience.mark({
          lane,
          at,
          shape: 'failed',
          label,
          caption: 'failed',
          tone: this.#tone(event.workbinId),
          isBad: true,
        });
        audience.workbin(event.workbinId, event.error.name, true);
      }
    }
    this.#line('Result', sayEvent(event, this.#letter), event.type === 'failed', event);
  }

  #itemMark(id: string, action: string, medium = ''): Pick<Mark, 'shape' | 'label' | 'tone' | 'caption'> {
    const sign = action === 'ItemAdded' ? '+' : action === 'ItemRemoved' ? '−' : action;
    return { shape: 'marble', label: this.#letter(id), tone: this.#tone(id), caption: `${sign} ${medium}` };
  }

  #onWire(event: WireEvent): void {
    const { audience } = this;
    const at = audience.now();
    switch (event.type) {
      case 'sent':
        if (event.operation !== undefined) {
          audience.mark({
            lane: 'http',
            at,
            shape: 'tick',
            label: '',
            caption: event.operation === 'Subscribe' ? 'POST' : event.operation,
          });
        }
        this.#line(
          'HTTP',
          `${event.method} ${event.path}${event.operation === undefined ? '' : ` ${event.operation}`}`,
        );
        return;
      case 'answered':
        this.#onAnswer(event);
        return;
      case 'unanswered': {
        const isBayeux = event.path.endsWith('/notifications');
        audience.mark({
          lane: isBayeux ? 'cometd' : 'http',
          at,
          shape: 'tick',
          label: '',
          caption: 'lost',
          isBad: true,
        });
        this.#line(isBayeux ? 'CometD' : 'HTTP', `no answer to ${event.method} ${event.path}`, true);
        return;
      }
      case 'message':
        this.#onMessage(event.message);
    }
  }

  #onAnswer({ operation, status, body }: Extract<WireEvent, { type: 'answered' }>): void {
    const at = this.audience.now();
    const reply = isRecord(body) ? body : {};
    const code = reply['statusCode'];
    const references: readonly unknown[] = isRecord(reply['referenceIds'])
      ? Object.values(reply['referenceIds'])
      : reply['referenceId'] === undefined
        ? []
        : [reply['referenceId']];
    const isBad = status >= 400 || (code !== undefined && code !== 0);
    const caption =
      references.length > 0
        ? `ref ${references.slice(0, 3).join(', ')}${references.length > 3 ? '…' : ''}`
        : code === undefined
          ? `HTTP ${status}`
          : `code ${textOf(code)}`;
    if (operation !== undefined) {
      const label = references.length > 0 ? 'A' : '!';
      const mark: Mark = { lane: 'http', at, shape: 'reply', label, caption, isBad };
      for (const reference of references) if (typeof reference === 'number') this.#replies.set(reference, mark);
      this.audience.mark(mark);
    }
    const said = isRecord(body) ? `statusCode ${textOf(code)}` : String(body);
    const named = references.length > 0 ? `, reference ${references.join(', ')}` : '';
    this.#line('HTTP', `${status}: ${said}${named}`, isBad, body);
  }

  #onMessage(message: Body): void {
    const at = this.audience.now();
    const { channel, successful, error, data } = message;
    const lane = 'cometd';
    if (isRecord(data)) {
      const id = String(data['id']);
      const state = data['stateResource'];
      const medium = Object.keys(data)
        .find((key) => key.endsWith('StateResourceV2'))
        ?.replace('StateResourceV2', '');
      const isBad = state === 'RequestFailed';
      const mark: Mark =
        typeof state === 'string'
          ? {
              lane,
              at,
              shape: isBad ? 'failed' : 'marble',
              label: this.#letter(id),
              tone: this.#tone(id),
              caption: state,
              isBad,
            }
          : { ...this.#itemMark(id, String(data['action']), medium), lane, at };
      this.#messages.set(keyOf(data), mark);
      this.audience.mark(mark);
      const what =
        typeof state === 'string' ? state : `${String(data['action'])}${medium === undefined ? '' : `: ${medium}`}`;
      this.#line('CometD', `${this.#letter(id)} ${what}`, isBad, data);
      return;
    }
    const name = String(channel).replace('/meta/', '');
    if (successful === true) {
      if (name === 'connect') return;
      const caption = name === 'subscribe' ? 'topic' : name;
      this.audience.mark({ lane, at, shape: 'tick', label: '', caption });
      this.#line('CometD', name === 'subscribe' ? 'the topic /v2/me/workbins is acknowledged' : name, false, message);
    } else {
      this.audience.mark({
        lane,
        at,
        shape: 'tick',
        label: '',
        caption: textOf(error ?? name).slice(0, 3),
        isBad: true,
      });
      this.#line('CometD', `${name}: ${textOf(error ?? 'refused')}`, true, message);
    }
  }
}

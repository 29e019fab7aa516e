import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isRecord, workbinIdsOf, type Incoming } from './incoming.js';
import { isBayeux, routeOf } from './route.js';
import type { SandboxRequest } from './types.js';

type Entry = { -readonly [Key in keyof SandboxRequest]: SandboxRequest[Key] };

interface Waiting {
  readonly predicate: (request: SandboxRequest) => boolean;
  readonly resolve: (request: SandboxRequest) => void;
  readonly reject: (reason: unknown) => void;
}

/** Every request in order of arrival, and who waits for one. */
export class RequestLog {
  readonly #entries: Entry[] = [];
  readonly #waiting = new Set<Waiting>();
  #isClosed = false;

  get requests(): readonly SandboxRequest[] {
    return this.#entries;
  }

  arrived(request: IncomingMessage): SandboxRequest {
    const entry: Entry = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: redact(request.headers),
      at: Date.now(),
    };
    this.#entries.push(entry);
    return entry;
  }

  read(request: SandboxRequest, incoming: Incoming): void {
    Object.assign(request, described(incoming));
    this.#tell(request);
  }

  answered(request: SandboxRequest, status: number): void {
    Object.assign(request, { status });
    this.#tell(request);
  }

  wait(predicate: (request: SandboxRequest) => boolean): Promise<SandboxRequest> {
    const found = new Promise<SandboxRequest>((resolve, reject) => {
      const past = this.#entries.find(predicate);
      if (past !== undefined) resolve(past);
      else if (this.#isClosed) reject(new Error('The sandbox is closed'));
      else this.#waiting.add({ predicate, resolve, reject });
    });
    // a test that ended without looking at it must not fail for an unhandled rejection
    found.catch(() => undefined);
    return found;
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting) reject(new Error('The sandbox closed before such a request came'));
    this.#waiting.clear();
  }

  #tell(request: SandboxRequest): void {
    for (const waiting of [...this.#waiting]) {
      try {
        if (!waiting.predicate(request)) continue;
        waiting.resolve(request);
      } catch (error) {
        waiting.reject(error);
      }
      this.#waiting.delete(waiting);
    }
  }
}

function described(incoming: Incoming): Partial<SandboxRequest> {
  const { json, text } = incoming;
  const operationName = isRecord(json) ? json['operationName'] : undefined;
  const workbinIds = workbinIdsIn(incoming);
  return {
    ...(text === '' ? {} : { body: json === undefined ? text : json }),
    ...(typeof operationName === 'string' ? { operationName } : {}),
    ...(workbinIds === undefined ? {} : { workbinIds }),
    ...(isBayeux(incoming) ? { bayeux: channelsOf(json) } : {}),
  };
}

function workbinIdsIn(incoming: Incoming): readonly string[] | undefined {
  const route = routeOf(incoming);
  if (route.kind === 'workbin') return [route.workbinId];
  return route.kind === 'workbins' ? workbinIdsOf(incoming.query) : undefined;
}

function channelsOf(json: unknown): readonly string[] {
  return (Array.isArray(json) ? json : [json])
    .map((message: unknown) => (isRecord(message) ? message['channel'] : undefined))
    .filter((channel) => typeof channel === 'string');
}

function redact(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
      if (name === 'authorization') return [name, text.replace(/^(\S+) .*$/s, '$1 ***')];
      return [name, name === 'cookie' ? text.replace(/=[^;]*/g, '=***') : text];
    }),
  );
}

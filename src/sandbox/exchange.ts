import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cors } from './cors.js';
import type { Faults } from './faults.js';
import { readIncoming } from './incoming.js';
import type { Pusher } from './pushes.js';
import { jsonReply, sendReply, textReply, withHeaders, type Reply } from './reply.js';
import type { RequestLog } from './request-log.js';
import type { Services } from './services.js';
import { refusal } from './status.js';
import type { Timers } from './timers.js';
import type { Fault, SandboxRequest } from './types.js';

export interface ExchangeParts {
  readonly log: RequestLog;
  readonly cors: Cors;
  readonly faults: Faults;
  readonly services: Services;
  readonly pusher: Pusher;
  readonly timers: Timers;
}

/** One request and its reply, from the socket and back: what stands around the services, faults above all. */
export class Exchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async run(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const logged = this.#parts.log.arrived(request);
    // a client may go away at any time; that is no reason to crash
    response.on('error', () => undefined);
    try {
      await this.#answer(request, response, logged);
    } catch (error) {
      if (response.headersSent) request.socket.destroy();
      else await this.#send(request, response, logged, refusal(4, String(error)));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, logged: SandboxRequest): Promise<void> {
    const { log, cors, faults, services, pusher, timers } = this.#parts;
    const incoming = await readIncoming(request);
    if (incoming === undefined) return;
    log.read(logged, incoming);
    const active = faults.find(logged);
    const fault = active?.fault;
    // the services use up the faults that are theirs, and only when they get that far
    if (fault !== undefined && !isForServices(fault)) active?.use();
    if (fault !== undefined && isInFront(fault)) {
      await this.#fail(request, response, logged, fault);
      return;
    }
    const preflight = cors.preflight(request);
    const outcome =
      preflight === undefined ? await services.run({ request, response, incoming, active }) : { reply: preflight };
    if (outcome === undefined) return;
    if (fault?.kind === 'delay') await timers.wait(fault.ms);
    const isMidway = fault?.kind === 'reset-midway';
    const send = (): Promise<void> => this.#send(request, response, logged, outcome.reply, isMidway);
    await (outcome.push === undefined ? send() : pusher.around(outcome.push, send));
  }

  async #fail(
    request: IncomingMessage,
    response: ServerResponse,
    logged: SandboxRequest,
    fault: InFront,
  ): Promise<void> {
    switch (fault.kind) {
      case 'hang':
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'reply': {
        const { status = 200, headers = {}, body = '' } = fault;
        const reply = typeof body === 'string' ? textReply(body, status) : jsonReply(body, status);
        await this.#send(request, response, logged, withHeaders(reply, headers));
      }
    }
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    logged: SandboxRequest,
    reply: Reply,
    isMidway = false,
  ): Promise<void> {
    this.#parts.log.answered(logged, reply.status);
    return sendReply(response, withHeaders(reply, this.#parts.cors.headersFor(request)), isMidway);
  }
}

type InFront = Extract<Fault, { kind: 'reply' | 'hang' | 'reset' }>;

/** Whether a fault keeps the request from the services altogether. */
function isInFront(fault: Fault): fault is InFront {
  return fault.kind === 'reply' || fault.kind === 'hang' || fault.kind === 'reset';
}

function isForServices({ kind }: Fault): boolean {
  return ['status', 'partial', 'request-failed', 'push', 'bayeux'].includes(kind);
}

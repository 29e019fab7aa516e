import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Jetty's limit for a request's line and headers together. */
const MAX_HEADER_SIZE = 8192;

/** The server socket: what listens, what is connected, and the port that stays the same between. */
export class Listener {
  readonly #host: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #turn: Promise<void> = Promise.resolve();

  constructor(host: string, port: number, handle: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#host = host;
    this.#port = port;
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_SIZE, keepAliveTimeout: 30_000 }, handle);
    this.#server.on('connection', (socket: Socket) => {
      // accepted by the system before the server stopped
      if (!this.#server.listening) socket.destroy();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('clientError', refuseMalformed);
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get url(): string {
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}`;
  }

  /** Resolves when it listens. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /** Resolves when nothing listens and no socket is left. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  /** Destroys the live sockets. */
  reset(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A server that is asked to stop while it is about to listen would not stop. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #start(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    // an address of a TCP server is never a string
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #stop(): Promise<void> {
    if (!this.#server.listening) return;
    // the server counts a socket as gone before the socket itself says so
    const gone = [...this.#sockets].map(closed);
    const stopped = closed(this.#server);
    this.#server.close();
    this.reset();
    await Promise.all([stopped, ...gone]);
  }
}

/** Unlike `events.once`, which rejects when a socket ends with an error. */
function closed(emitter: Server | Socket): Promise<void> {
  return new Promise((resolve) => {
    emitter.once('close', resolve);
  });
}

/** Answers what is no readable HTTP as Jetty does: a URI that is too long, headers that are too large, or neither. */
function refuseMalformed(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const isUriTooLong = isTooLarge && error.rawPacket?.subarray(0, MAX_HEADER_SIZE).includes('\n') === false;
  const status = isUriTooLong
    ? '414 URI Too Long'
    : isTooLarge
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

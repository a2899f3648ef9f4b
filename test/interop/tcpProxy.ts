import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What a proxy does to the connections through it. */
export interface Weather {
  /** Breaks a connection after so many bytes towards the server, or the client; undefined lets it be. */
  readonly cutAfter?: (
    connection: number,
  ) => { readonly toServer?: number; readonly toClient?: number } | undefined;
  /** Changes one byte of a piece that holds nothing but content, now and then. */
  readonly flip?: (piece: number) => boolean;
}

/** Carries TCP connections to a port of this machine, well or badly. */
export class TcpProxy {
  weather: Weather = {};
  readonly seen = { connections: 0, cut: 0, flipped: 0 };
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#carry(client));
  #pieces = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(client: Socket): void {
    this.seen.connections += 1;
    const limits = this.weather.cutAfter?.(this.seen.connections);
    const server = connect(this.#port, '127.0.0.1');
    const cut = (): void => {
      if (client.destroyed) return;
      this.seen.cut += 1;
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    for (const [from, to, limit] of [
      [client, server, limits?.toServer],
      [server, client, limits?.toClient],
    ] as const) {
      this.#sockets.add(from);
      let left = limit ?? Number.POSITIVE_INFINITY;
      from.on('data', (bytes) => {
        left -= bytes.length;
        if (left < 0) return cut();
        if (!to.write(this.#spoil(bytes))) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#sockets.delete(from);
      });
    }
  }

  /** Headers stay whole: pieces with a line end of them are let through. */
  #spoil(bytes: Buffer): Buffer {
    if (this.weather.flip === undefined || bytes.length < 16_384 || bytes.includes('HTTP/1.1')) return bytes;
    this.#pieces += 1;
    if (!this.weather.flip(this.#pieces)) return bytes;
    this.seen.flipped += 1;
    const other = Buffer.from(bytes);
    const middle = other.length >> 1;
    other[middle] = (other[middle] ?? 0) ^ 0x20;
    return other;
  }
}

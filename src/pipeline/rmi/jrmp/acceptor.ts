import type { Socket } from 'node:net';
import type { NetworkFilter } from './networks.ts';
import { plainAddress } from './networks.ts';
import { Refusals } from './refusal.ts';
import { ServerConnection } from './serverConnection.ts';
import type { ServerConnectionOptions } from './serverConnection.ts';

export interface AcceptorOptions extends Omit<ServerConnectionOptions, 'socket' | 'caller'> {
  readonly allowed: NetworkFilter | undefined;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Takes connections in, as many as may be, and has those that are open. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #open = new Map<ServerConnection, string>();
  readonly #refusals: Refusals;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.clock, options.nextUid);
  }

  get size(): number {
    return this.#open.size;
  }

  accept(socket: Socket): void {
    const { allowed, onEvent } = this.#options;
    const address = plainAddress(socket.remoteAddress ?? '');
    const caller = { address, port: socket.remotePort ?? 0 };
    if (allowed?.(address) === false) {
      onEvent({ kind: 'refused', address, reason: 'its network is not allowed' });
      this.#refusals.refuse(socket, caller);
      return;
    }
    const reason = this.#excess(address);
    if (reason !== undefined) {
      onEvent({ kind: 'refused', address, reason });
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const connection = new ServerConnection({ ...this.#options, socket, caller });
    this.#open.set(connection, address);
    void connection.run().then(() => this.#open.delete(connection));
  }

  /** Closes all, calls within so many milliseconds. */
  async close(graceMs: number): Promise<void> {
    this.#refusals.close();
    await Promise.all([...this.#open.keys()].map((connection) => connection.close(graceMs)));
  }

  #excess(address: string): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#options;
    if (this.#open.size >= maxConnections) return `${maxConnections} connections are open`;
    const ofAddress = [...this.#open.values()].filter((one) => one === address).length;
    return ofAddress >= maxConnectionsPerAddress ? `it has ${ofAddress} connections already` : undefined;
  }
}

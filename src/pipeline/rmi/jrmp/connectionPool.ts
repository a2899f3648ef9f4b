import { ClientConnection } from './clientConnection.ts';
import type { ClientTimes, Dial } from './clientConnection.ts';
import type { Clock } from './clock.ts';
import type { Endpoint } from './remoteRef.ts';

interface Idle {
  readonly connection: ClientConnection;
  readonly timer: { dispose(): void };
}

/** Connections that were used and can be used again, by endpoint; the one used last is taken first. */
export class ConnectionPool {
  readonly #options: { readonly dial: Dial; readonly clock: Clock; readonly times: ClientTimes };
  readonly #idle = new Map<string, Idle[]>();
  readonly #used = new Set<ClientConnection>();
  #closed = false;

  constructor(options: { readonly dial: Dial; readonly clock: Clock; readonly times: ClientTimes }) {
    this.#options = options;
  }

  /** A connection for one call. Rejects with an RmiError where there is none to be had, or the signal's reason. */
  async take(endpoint: Endpoint, signal: AbortSignal): Promise<ClientConnection> {
    if (this.#closed) throw new Error('the RMI client is closed');
    for (let found = this.#pop(endpoint); found !== undefined; found = this.#pop(endpoint)) {
      this.#used.add(found);
      if (await found.isAlive()) {
        found.keepAlive(true);
        return found;
      }
      this.drop(found);
    }
    const connection = await ClientConnection.open(endpoint, this.#options, signal);
    this.#used.add(connection);
    if (this.#closed) this.drop(connection);
    return connection;
  }

  /** Takes a connection back that is in order. */
  giveBack(endpoint: Endpoint, connection: ClientConnection): void {
    this.#used.delete(connection);
    if (this.#closed || connection.gone.aborted) return connection.destroy();
    connection.keepAlive(false);
    const list = this.#listOf(endpoint);
    const { clock, times } = this.#options;
    const idle: Idle = {
      connection,
      timer: clock.after(times.idleMs, () => {
        list.splice(list.indexOf(idle), 1);
        connection.destroy();
      }),
    };
    list.push(idle);
  }

  drop(connection: ClientConnection): void {
    this.#used.delete(connection);
    connection.destroy();
  }

  /** Closes all connections, those in use too. */
  close(): void {
    this.#closed = true;
    for (const { connection, timer } of [...this.#idle.values()].flat()) {
      timer.dispose();
      connection.destroy();
    }
    this.#idle.clear();
    for (const connection of this.#used) connection.destroy();
  }

  #pop(endpoint: Endpoint): ClientConnection | undefined {
    const idle = this.#listOf(endpoint).pop();
    idle?.timer.dispose();
    return idle?.connection;
  }

  #listOf({ host, port }: Endpoint): Idle[] {
    const key = `${host}:${port}`;
    const list = this.#idle.get(key) ?? [];
    this.#idle.set(key, list);
    return list;
  }
}

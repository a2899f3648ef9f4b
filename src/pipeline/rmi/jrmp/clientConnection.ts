import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Reading } from '../serial/reading.ts';
import type { ByteQueue } from '../serial/byteQueue.ts';
import { need } from '../serial/reading.ts';
import type { StreamGuard } from '../serial/limits.ts';
import { dgcAckBytes, readReturn } from './calls.ts';
import type { Return } from './calls.ts';
import type { Clock } from './clock.ts';
import { RmiError } from './errors.ts';
import type { Uid } from './ids.ts';
import {
  endpointBytes,
  handshakeBytes,
  hex,
  isProtocolFault,
  MESSAGE,
  ProtocolError,
  readServerAck,
} from './protocol.ts';
import type { Endpoint } from './remoteRef.ts';
import { Wire, WireError } from './wire.ts';

/** All in milliseconds. */
export interface ClientTimes {
  /** Until a connection is there, and the other side has greeted. */
  readonly connectMs: number;
  /** For an answer to a call, where the call does not say otherwise. */
  readonly callMs: number;
  /** For an answer to a ping. */
  readonly pingMs: number;
  /** Connections that nobody uses are closed after that. */
  readonly idleMs: number;
}

export type Dial = (endpoint: Endpoint) => Socket;

export const dialTcp: Dial = ({ host, port }) => connect({ host, port });

/** A connection to one endpoint, for one call at a time. */
export class ClientConnection {
  readonly #wire: Wire;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #times: ClientTimes;
  /** When it was last used, and how long the last ping took; it is pinged before it is used again some time later. */
  #usedAt = 0;
  #pingTook = 0;

  private constructor(socket: Socket, clock: Clock, times: ClientTimes) {
    this.#socket = socket;
    this.#wire = new Wire(socket, clock);
    this.#clock = clock;
    this.#times = times;
  }

  /** Connects and greets. Rejects with an RmiError of kind `unreachable` or `protocol`, or the signal's reason. */
  static async open(
    endpoint: Endpoint,
    { dial, clock, times }: { readonly dial: Dial; readonly clock: Clock; readonly times: ClientTimes },
    signal: AbortSignal,
  ): Promise<ClientConnection> {
    const tried = `connect to ${endpoint.host}:${endpoint.port}`;
    const socket = dial(endpoint);
    const connection = new ClientConnection(socket, clock, times);
    const onAbort = (): void => connection.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await connection.#connected();
      await connection.#greet();
      return connection;
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      if (isProtocolFault(error)) throw new RmiError('protocol', tried, error.message, error);
      if (error instanceof WireError) throw new RmiError('unreachable', tried, error.message, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Rejects with the system's words, which writing to it would not have. */
  async #connected(): Promise<void> {
    const { connectMs } = this.#times;
    const timer = this.#clock.after(connectMs, () => {
      this.#socket.destroy(new Error(`there was no answer within ${connectMs / 1000} s`));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (words: string): void => reject(new WireError('broken', words));
        this.#socket.once('connect', resolve);
        this.#socket.once('error', (error) => fail(error.message));
        this.#socket.once('close', () => fail('the connection is closed'));
      });
    } finally {
      timer.dispose();
    }
  }

  async #greet(): Promise<void> {
    const { connectMs } = this.#times;
    await this.#wire.write(handshakeBytes('stream'), connectMs);
    const seen = await this.#wire.read(readServerAck, { firstMs: connectMs, restMs: connectMs });
    // As a pure client has no port, there is nothing to tell but who one is.
    await this.#wire.write(endpointBytes({ host: seen.host, port: 0 }), connectMs);
    this.#usedAt = this.#clock.now();
  }

  /** Whether it can be used again: neither closed nor in disorder. Pings unless it was in use just now. */
  async isAlive(): Promise<boolean> {
    if (this.#wire.gone.aborted || this.#wire.hasInput) return false;
    const begun = this.#clock.now();
    if (begun - this.#usedAt < 2 * this.#pingTook) return true;
    try {
      const { pingMs } = this.#times;
      await this.#wire.write(Buffer.of(MESSAGE.ping), pingMs);
      await this.#wire.read(readPingAck, { firstMs: pingMs, restMs: pingMs });
      this.#pingTook = this.#clock.now() - begun;
      return true;
    } catch {
      // Whatever is wrong with it: it is not used again, and no call was lost.
      return false;
    }
  }

  /** Sends a call and reads its answer. Rejects with a WireError or what is wrong with the answer. */
  async exchange(call: Buffer, resultType: string, guard: StreamGuard, withinMs: number): Promise<Return> {
    await this.#wire.write(call, withinMs);
    const times = { firstMs: withinMs, restMs: withinMs };
    const answer = await this.#wire.read((input) => readReturn(input, resultType, guard), times);
    this.#usedAt = this.#clock.now();
    return answer;
  }

  /** Confirms that a reference in an answer has come. */
  async acknowledge(uid: Uid): Promise<void> {
    await this.#wire.write(dgcAckBytes(uid), this.#times.pingMs);
  }

  /** Aborted when the other side closed it. */
  get gone(): AbortSignal {
    return this.#wire.gone;
  }

  /** Whether it keeps this process running. */
  keepAlive(keep: boolean): void {
    if (keep) this.#socket.ref();
    else this.#socket.unref();
  }

  destroy(): void {
    this.#wire.destroy();
  }
}

function* readPingAck(input: ByteQueue): Reading<void> {
  yield* need(input, 1);
  const code = input.u8();
  if (code !== MESSAGE.pingAck) throw new ProtocolError(`a ping is answered by ${hex(code)}`);
}

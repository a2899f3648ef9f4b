import { randomBytes } from 'node:crypto';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import { DEFAULT_LIMITS } from '../serial/limits.ts';
import type { StreamLimits } from '../serial/limits.ts';
import { throwableOf } from '../serial/throwables.ts';
import { callBytes } from './calls.ts';
import type { Return } from './calls.ts';
import { dialTcp } from './clientConnection.ts';
import type { ClientConnection, ClientTimes, Dial } from './clientConnection.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { ConnectionPool } from './connectionPool.ts';
import { CLEAN, DIRTY, leaseMsOf, leaseOf, objIdArray, vmidValue } from './dgcObject.ts';
import { RmiError } from './errors.ts';
import { createUidSource, DGC_ID } from './ids.ts';
import type { ObjId } from './ids.ts';
import { LeaseHolder } from './leaseHolder.ts';
import type { Argument, RemoteMethod, Result } from './methods.ts';
import { isProtocolFault } from './protocol.ts';
import { receivedRefOf } from './remoteRef.ts';
import type { Endpoint, RemoteRef } from './remoteRef.ts';
import { WireError } from './wire.ts';

export interface RmiClientOptions {
  readonly times?: Partial<ClientTimes>;
  /** Of an answer. */
  readonly limits?: Partial<StreamLimits>;
  readonly clock?: Clock;
  /** How connections are made. */
  readonly dial?: Dial;
}

export interface CallOptions {
  /** Breaks the call off: the connection is closed, and what the other side makes of it is not known. */
  readonly signal?: AbortSignal;
  /** Longest time for an answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** What is called: an object at an endpoint. */
export type CallTarget = Endpoint & { readonly objId: ObjId };

/** Calls remote objects. Connections are kept for a while and used again. */
export interface RmiClient {
  /**
   * Rejects with a JavaThrowable where the called object threw one, an RmiError where no answer came or none that can be
   * understood, or the signal's reason. Nothing is ever called twice. An object that a result refers to is held.
   */
  call(
    target: CallTarget,
    method: RemoteMethod,
    args: readonly Argument[],
    options?: CallOptions,
  ): Promise<Result>;
  /** Keeps a lease on an object and renews it until it is released as often as it was held. */
  hold(ref: RemoteRef): Promise<void>;
  release(ref: RemoteRef): void;
  /** Breaks off all calls. */
  close(): void;
}

const DEFAULT_TIMES: ClientTimes = { connectMs: 15_000, callMs: 60_000, pingMs: 5_000, idleMs: 15_000 };

export function createRmiClient(options: RmiClientOptions = {}): RmiClient {
  return new Client(options);
}

class Client implements RmiClient {
  readonly #times: ClientTimes;
  readonly #limits: StreamLimits;
  readonly #pool: ConnectionPool;
  readonly #leases: LeaseHolder;

  constructor({ times, limits, clock = systemClock, dial = dialTcp }: RmiClientOptions) {
    this.#times = { ...DEFAULT_TIMES, ...times };
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#pool = new ConnectionPool({ dial, clock, times: this.#times });
    const nextUid = createUidSource(randomBytes(4).readInt32BE(0), clock.now());
    const vmid = vmidValue(randomBytes(8), nextUid());
    this.#leases = new LeaseHolder(clock, {
      dirty: async (endpoint, objIds, sequence, ms) => {
        const args = [objIdArray(objIds), sequence, leaseOf(ms, vmid)];
        const lease = await this.call({ ...endpoint, objId: DGC_ID }, DIRTY, args);
        return leaseMsOf(typeof lease === 'object' ? lease : null);
      },
      clean: async (endpoint, objIds, sequence) => {
        await this.call({ ...endpoint, objId: DGC_ID }, CLEAN, [objIdArray(objIds), sequence, vmid, false]);
      },
    });
  }

  async call(
    target: CallTarget,
    method: RemoteMethod,
    args: readonly Argument[],
    { signal = new AbortController().signal, timeoutMs = this.#times.callMs }: CallOptions = {},
  ): Promise<Result> {
    const { operation, hash } = method;
    const bytes = callBytes({ objId: target.objId, operation, hash }, method.parameters, args);
    signal.throwIfAborted();
    const connection = await this.#pool.take(target, signal);
    const onAbort = (): void => this.#pool.drop(connection);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await connection.exchange(bytes, method.result, { limits: this.#limits }, timeoutMs);
      await this.#acknowledge(answer, connection);
      this.#pool.giveBack(target, connection);
      if (answer.exceptional) throw throwableOf(typeof answer.value === 'object' ? answer.value : null);
      return answer.value;
    } catch (error) {
      if (error instanceof JavaThrowable) throw error;
      this.#pool.drop(connection);
      signal.throwIfAborted();
      throw asFailure(`call ${method.name} at ${target.host}:${target.port}`, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  hold(ref: RemoteRef): Promise<void> {
    return this.#leases.hold(ref);
  }

  release(ref: RemoteRef): void {
    this.#leases.release(ref);
  }

  close(): void {
    this.#leases.dispose();
    this.#pool.close();
  }

  /** A reference in an answer is leased before it is confirmed: until then the other side keeps it. */
  async #acknowledge({ exceptional, uid, value }: Return, connection: ClientConnection): Promise<void> {
    if (exceptional || typeof value !== 'object') return;
    const received = receivedRefOf(value);
    if (received === undefined) return;
    await this.hold(received.ref);
    if (received.isResult) await connection.acknowledge(uid);
  }
}

function asFailure(tried: string, error: unknown): unknown {
  if (isProtocolFault(error)) return new RmiError('protocol', tried, error.message, error);
  if (!(error instanceof WireError)) return error;
  return new RmiError(error.kind === 'timeout' ? 'timeout' : 'lost', tried, error.message, error);
}

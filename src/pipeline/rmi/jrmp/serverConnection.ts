import type { Socket } from 'node:net';
import { SerialError } from '../serial/errors.ts';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import type { StreamGuard } from '../serial/limits.ts';
import { javaThrowable } from '../serial/throwables.ts';
import type { MemoryBudget, MemoryShare } from './budget.ts';
import { argumentsOf, exceptionalReturnBytes, normalReturnBytes, readClientMessage } from './calls.ts';
import type { Call, CallHeader } from './calls.ts';
import type { Clock } from './clock.ts';
import { argumentFault, asSent, noSuchObject } from './faults.ts';
import type { Uid } from './ids.ts';
import type { RemoteMethod } from './methods.ts';
import type { ObjectTable } from './objectTable.ts';
import { OpenCall } from './openCall.ts';
import { ANSWER, endpointBytes, isProtocolFault, MESSAGE, readEndpoint, readHandshake } from './protocol.ts';
import { CallAborted, DEFAULT_GUARD, methodOf } from './remoteObject.ts';
import type { CallContext, RemoteObject } from './remoteObject.ts';
import { Wire, WireError } from './wire.ts';

/** All in milliseconds. */
export interface ServerTimes {
  /** Until a client has said what it wants. */
  readonly handshakeMs: number;
  /** Between two messages; clients close connections that they do not use themselves, after 15 to 30 s. */
  readonly idleMs: number;
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
  /** For an answer to be taken. */
  readonly writeMs: number;
  /** For a call to be answered, where its object does not say otherwise. */
  readonly callMs: number;
  /** For a last answer to arrive, before the connection is broken. */
  readonly lingerMs: number;
  /** Leases are granted for so long. */
  readonly leaseMs: number;
}

export type ServerEvent =
  /** Connections cannot be taken. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly address: string; readonly reason: string }
  | { readonly kind: 'opened' | 'closed'; readonly address: string; readonly port: number }
  /** The other side broke the protocol, or asked for what it may not. */
  | { readonly kind: 'fault'; readonly address: string; readonly port: number; readonly reason: string }
  | {
      readonly kind: 'call';
      readonly address: string;
      readonly port: number;
      readonly method: string;
      readonly ms: number;
      /** What the caller was told instead of a result. */
      readonly thrown?: JavaThrowable;
      /** An error that is no exception of Java's: a fault of ours. */
      readonly error?: unknown;
    };

export interface ServerConnectionOptions {
  readonly socket: Socket;
  readonly caller: CallContext['caller'];
  readonly clock: Clock;
  readonly times: ServerTimes;
  readonly table: ObjectTable;
  readonly nextUid: () => Uid;
  readonly budget: MemoryBudget;
  readonly onEvent: (event: ServerEvent) => void;
}

/** What a call was found to mean, before its arguments are read. */
interface Target {
  readonly parameters: readonly string[];
  readonly method: RemoteMethod;
  /** Undefined where the object is gone, but its methods are known. */
  readonly object: RemoteObject | undefined;
}

/** One client's connection: messages one after the other, until one side has enough. */
export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  readonly #wire: Wire;
  /** Of the message that is being read and served. */
  readonly #share: MemoryShare;
  readonly #guards = new WeakMap<StreamGuard, StreamGuard>();
  /** The call that is being answered. */
  #open: OpenCall | undefined;
  /** Why no other is taken. */
  #ending: CallAborted | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(options: ServerConnectionOptions) {
    this.#options = options;
    this.#wire = new Wire(options.socket, options.clock);
    this.#share = options.budget.share();
    this.#wire.gone.addEventListener('abort', () => this.#open?.abort(callerGone()));
  }

  /** Serves until the connection is closed. Never rejects. */
  run(): Promise<void> {
    this.#done = this.#run();
    return this.#done;
  }

  /** Lets a call end for so long, then breaks it off. */
  async close(graceMs: number): Promise<void> {
    if (this.#open === undefined) this.#wire.destroy();
    const ending = new CallAborted('closing', 'the server ends');
    this.#ending = ending;
    const timer = this.#options.clock.after(graceMs, () => {
      this.#wire.destroy();
      this.#open?.breakOff(ending);
    });
    this.#open?.abort(ending);
    await this.#done;
    timer.dispose();
  }

  async #run(): Promise<void> {
    const { caller, onEvent } = this.#options;
    onEvent({ kind: 'opened', ...caller });
    try {
      await this.#serve();
    } catch (error) {
      // A connection that ends, or is not used, is nothing to tell of.
      const told = isProtocolFault(error) || (error instanceof WireError && error.kind === 'timeout');
      if (told) onEvent({ kind: 'fault', ...caller, reason: error.message });
      else if (!(error instanceof WireError)) onEvent({ kind: 'fault', ...caller, reason: String(error) });
    }
    this.#wire.closeGently(this.#options.times.lingerMs);
    onEvent({ kind: 'closed', ...caller });
  }

  async #serve(): Promise<void> {
    const { caller, times } = this.#options;
    const handshake = { firstMs: times.handshakeMs, restMs: times.handshakeMs };
    const protocol = await this.#wire.read(readHandshake, handshake);
    if (protocol === 'multiplex') return this.#write(Buffer.of(ANSWER.notSupported));
    if (protocol === 'stream') {
      const seen = endpointBytes({ host: caller.address, port: caller.port });
      await this.#write(Buffer.concat([Buffer.of(ANSWER.ack), seen]));
      await this.#wire.read(readEndpoint, handshake);
    }
    let goOn = true;
    while (goOn && this.#ending === undefined) goOn = (await this.#message()) && protocol === 'stream';
  }

  /** Serves one message; false where none can follow. */
  async #message(): Promise<boolean> {
    const { times, table } = this.#options;
    let header: CallHeader | undefined;
    const guardOf = (known: CallHeader | undefined): StreamGuard => {
      header = known;
      return this.#guardOf(known === undefined ? undefined : table.find(known.objId)?.guard);
    };
    try {
      const message = await this.#wire.read(
        (input) => readClientMessage(input, guardOf, (known) => this.#target(known)),
        { firstMs: times.idleMs, restMs: times.messageMs },
      );
      if (message.kind === 'ping') await this.#write(Buffer.of(MESSAGE.pingAck));
      if (message.kind === 'call') await this.#call(message);
      return true;
    } catch (error) {
      // Where the rest of a call cannot be read, it can still be answered; after that nothing can be understood.
      if (error instanceof JavaThrowable) await this.#throw(error);
      else if (error instanceof SerialError && header !== undefined) {
        await this.#throw(asSent(argumentFault(error)));
        throw error;
      } else throw error;
      return false;
    } finally {
      this.#share.release();
    }
  }

  /** A guard that counts what this connection takes of the memory for large messages. */
  #guardOf(guard = DEFAULT_GUARD): StreamGuard {
    const known = this.#guards.get(guard);
    if (known !== undefined) return known;
    const counting = { ...guard, charge: (bytes: number) => this.#share.charge(bytes) };
    this.#guards.set(guard, counting);
    return counting;
  }

  #target(header: CallHeader): Target {
    const { table } = this.#options;
    const object = table.find(header.objId);
    if (object === undefined) {
      const method = header.operation < 0 ? table.knownMethod(header.hash) : undefined;
      if (method === undefined) throw noSuchObject();
      return { parameters: method.parameters, method, object };
    }
    try {
      const method = methodOf(object, header);
      return { parameters: method.parameters, method, object };
    } catch (error) {
      throw error instanceof JavaThrowable ? asSent(error) : error;
    }
  }

  async #call({ target: { object, method }, contents }: Call<Target>): Promise<void> {
    const { clock, caller, onEvent, table, nextUid } = this.#options;
    if (object === undefined) return this.#throw(noSuchObject());
    const begun = clock.now();
    table.touch(object.objId);
    try {
      const args = argumentsOf(method.parameters, contents);
      const result = await this.#invoke(object, method, args);
      const bytes = normalReturnBytes(nextUid(), method.result, result);
      onEvent({ kind: 'call', ...caller, method: method.name, ms: clock.now() - begun });
      await this.#write(bytes);
    } catch (error) {
      if (error instanceof WireError) throw error;
      const thrown = this.#faultOf(error, object, method);
      const ms = clock.now() - begun;
      const ours = error instanceof JavaThrowable || error instanceof SerialError ? {} : { error };
      onEvent({ kind: 'call', ...caller, method: method.name, ms, thrown, ...ours });
      await this.#throw(asSent(thrown));
    } finally {
      this.#open = undefined;
    }
  }

  #faultOf(error: unknown, object: RemoteObject, method: RemoteMethod): JavaThrowable {
    if (error instanceof JavaThrowable) return error;
    if (error instanceof SerialError) return argumentFault(error);
    return (
      object.faultOf?.(error, method) ?? new JavaThrowable('java.rmi.RemoteException', 'the server failed')
    );
  }

  /** Calls the object, for as long as it may take. */
  async #invoke(
    object: RemoteObject,
    method: RemoteMethod,
    args: Parameters<RemoteObject['invoke']>[1],
  ): ReturnType<RemoteObject['invoke']> {
    const { clock, caller, times } = this.#options;
    const callMs = object.callMs ?? times.callMs;
    const call = new OpenCall(caller, clock.now() + callMs);
    this.#open = call;
    if (this.#ending !== undefined) call.abort(this.#ending);
    if (this.#wire.gone.aborted) call.abort(callerGone());
    const timer = clock.after(callMs, () =>
      call.breakOff(new CallAborted('deadline', `${method.name} took longer than ${callMs / 1000} s`)),
    );
    try {
      return await call.answer(object.invoke(method, args, call));
    } finally {
      timer.dispose();
    }
  }

  #throw(thrown: JavaThrowable): Promise<void> {
    return this.#write(exceptionalReturnBytes(this.#options.nextUid(), javaThrowable(thrown)));
  }

  #write(bytes: Buffer): Promise<void> {
    return this.#wire.write(bytes, this.#options.times.writeMs);
  }
}

function callerGone(): CallAborted {
  return new CallAborted('callerGone', 'the caller closed the connection');
}

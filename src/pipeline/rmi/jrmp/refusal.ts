import type { Socket } from 'node:net';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import { need } from '../serial/reading.ts';
import { javaThrowable } from '../serial/throwables.ts';
import { exceptionalReturnBytes } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Uid } from './ids.ts';
import { ANSWER, endpointBytes, MESSAGE, readEndpoint, readHandshake } from './protocol.ts';
import { Wire } from './wire.ts';

/** From the beginning to the answer (ms), each step. */
const STEP_MS = 5_000;
const LINGER_MS = 2_000;
/** Callers that are told at a time; more are cut off. */
const MOST = 16;
const TIMES = { firstMs: STEP_MS, restMs: STEP_MS };

/**
 * Tells callers that they may not call. A connection that is just closed is to Java's client one that broke: it calls again, and
 * then knows nothing. This one is let say that it calls, and without a look at what, is answered by a SecurityException.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #nextUid: () => Uid;
  readonly #open = new Set<Socket>();

  constructor(clock: Clock, nextUid: () => Uid) {
    this.#clock = clock;
    this.#nextUid = nextUid;
  }

  /** Takes a connection over, and closes it. */
  refuse(socket: Socket, caller: { readonly address: string; readonly port: number }): void {
    socket.on('error', () => undefined);
    if (this.#open.size >= MOST) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    const wire = new Wire(socket, this.#clock);
    // Whoever does not speak as Java does is told nothing.
    void this.#answer(wire, caller)
      .catch(() => undefined)
      .finally(() => wire.closeGently(LINGER_MS));
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async #answer(wire: Wire, caller: { readonly address: string; readonly port: number }): Promise<void> {
    const protocol = await wire.read(readHandshake, TIMES);
    if (protocol === 'multiplex') return;
    if (protocol === 'stream') {
      await wire.write(
        Buffer.concat([Buffer.of(ANSWER.ack), endpointBytes({ host: caller.address, port: caller.port })]),
        STEP_MS,
      );
      await wire.read(readEndpoint, TIMES);
    }
    const kind = await wire.read(function* (input) {
      yield* need(input, 1);
      return input.u8();
    }, TIMES);
    if (kind !== MESSAGE.call) return;
    const thrown = new JavaThrowable(
      'java.lang.SecurityException',
      `${caller.address} may not call: its network is not allowed`,
    );
    await wire.write(exceptionalReturnBytes(this.#nextUid(), javaThrowable(thrown)), STEP_MS);
  }
}

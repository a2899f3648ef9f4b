import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { readReturn } from '../../../../src/pipeline/rmi/jrmp/calls.ts';
import type { Return } from '../../../../src/pipeline/rmi/jrmp/calls.ts';
import { systemClock } from '../../../../src/pipeline/rmi/jrmp/clock.ts';
import { readServerAck } from '../../../../src/pipeline/rmi/jrmp/protocol.ts';
import { DEFAULT_GUARD } from '../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import { Wire } from '../../../../src/pipeline/rmi/jrmp/wire.ts';
import { need } from '../../../../src/pipeline/rmi/serial/reading.ts';
import type { Reading } from '../../../../src/pipeline/rmi/serial/reading.ts';
import type { ByteQueue } from '../../../../src/pipeline/rmi/serial/byteQueue.ts';

export const HANDSHAKE = Buffer.from('4a524d4900024b', 'hex');
/** What a client says of itself: an empty host, port 0. */
export const CLIENT_ENDPOINT = Buffer.from('000000000000', 'hex');

const times = { firstMs: 10_000, restMs: 10_000 };

/** A connection that sends what a test says, byte for byte. */
export class RawPeer {
  readonly socket: Socket;
  readonly #wire: Wire;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#wire = new Wire(socket, systemClock);
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  /** A connection that has greeted. */
  static async greeted(port: number): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    peer.send(HANDSHAKE);
    await peer.read(readServerAck);
    peer.send(CLIENT_ENDPOINT);
    return peer;
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  read<T>(reading: (input: ByteQueue) => Reading<T>): Promise<T> {
    return this.#wire.read(reading, times);
  }

  readByte(): Promise<number> {
    return this.read(function* (input) {
      yield* need(input, 1);
      return input.u8();
    });
  }

  readReturn(type: string): Promise<Return> {
    return this.read((input) => readReturn(input, type, DEFAULT_GUARD));
  }

  /** Resolves when the other side has closed; rejects when it sends something before. */
  async closed(): Promise<void> {
    const byte = await this.readByte().catch(() => undefined);
    if (byte !== undefined) throw new Error(`there came ${byte}`);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

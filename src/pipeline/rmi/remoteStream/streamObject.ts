import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ObjId } from '../jrmp/ids.ts';
import { numberArgument } from '../jrmp/methods.ts';
import type { Argument, RemoteMethod, Result } from '../jrmp/methods.ts';
import type { RemoteObject } from '../jrmp/remoteObject.ts';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import { javaBytes } from '../serial/values.ts';
import { PACKET_BYTES, REMOTE_STREAM_INTERFACES, REMOTE_STREAM_METHODS } from './interface.ts';
import type { RemoteStreamMethodName } from './interface.ts';
import { Packets } from './packets.ts';
import { through } from './through.ts';

export interface StreamObjectOptions {
  readonly objId: ObjId;
  readonly source: AsyncIterable<Uint8Array>;
  /** Whether packets are compressed, all together as one gzip file. */
  readonly gzip: boolean;
  /** Called when the client has closed the stream. */
  readonly onClose: () => void;
}

/** Steps that clients number, so that one whose answer was lost can be asked for again. */
class NumberedSteps<T> {
  readonly #what: string;
  #number = -1;
  #answer: Promise<T> | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  /** The answer to a step: that of the last one where it has the same number, else of a new one. */
  take(number: number, step: () => Promise<T>): Promise<T> {
    if (number < 0) throw illegalArgument(`${this.#what} must be >= 0.`);
    if (number < this.#number) throw illegalArgument(`${this.#what} must increase.`);
    if (number === this.#number && this.#answer !== undefined) return this.#answer;
    this.#number = number;
    this.#answer = step();
    return this.#answer;
  }
}

/** A stream that a client reads packet by packet, as rmiio's RemoteInputStream. */
export class StreamObject implements RemoteObject {
  readonly objId: ObjId;
  readonly interfaces = REMOTE_STREAM_INTERFACES;
  readonly methods = Object.values(REMOTE_STREAM_METHODS);
  readonly #gzip: boolean;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #packets: Packets;
  readonly #reads = new NumberedSteps<Buffer | null>('packetId');
  readonly #skips = new NumberedSteps<number>('skipId');
  readonly #onClose: () => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ objId, source, gzip, onClose }: StreamObjectOptions) {
    this.objId = objId;
    this.#gzip = gzip;
    this.#source = source;
    this.#packets = new Packets(gzip ? through(source, createGzip) : source);
    this.#onClose = onClose;
  }

  async invoke(method: RemoteMethod, args: readonly Argument[]): Promise<Result> {
    switch (method.name as RemoteStreamMethodName) {
      case 'usingGZIPCompression':
        return this.#gzip;
      case 'available':
        return this.#packets.available;
      case 'readPacket': {
        const number = Number(numberArgument(args, 0));
        return javaBytes(
          await this.#reads.take(number, () => this.#inTurn(() => this.#packets.next(PACKET_BYTES))),
        );
      }
      case 'skip': {
        if (this.#gzip)
          throw new JavaThrowable('java.io.IOException', 'a compressed stream cannot be skipped in');
        const length = Number(numberArgument(args, 0));
        const number = Number(numberArgument(args, 1));
        const skip = (): Promise<number> => this.#packets.skip(length, PACKET_BYTES);
        return BigInt(await this.#skips.take(number, () => this.#inTurn(skip)));
      }
      case 'close':
        this.#onClose();
        await this.dispose();
        return undefined;
    }
  }

  faultOf(): JavaThrowable {
    return new JavaThrowable('java.io.IOException', 'the stream cannot be read on');
  }

  /** Lets go of the source; failures of that are nobody's concern any more. */
  async dispose(): Promise<void> {
    await this.#packets.close().catch(() => undefined);
    // An open file that nobody began to read does not close by that.
    if (this.#source instanceof Readable) this.#source.destroy();
  }

  /** A client that asks again may do so while its first request is still at work. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function illegalArgument(message: string): JavaThrowable {
  return new JavaThrowable('java.lang.IllegalArgumentException', message);
}

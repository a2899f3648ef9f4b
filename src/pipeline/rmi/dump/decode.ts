import { isProtocolFault } from '../jrmp/protocol.ts';
import { ByteQueue } from '../serial/byteQueue.ts';
import type { Reading } from '../serial/reading.ts';
import type { Direction, Turn } from './capture.ts';
import { MOST_UNKNOWN } from './message.ts';
import type { DumpedMessage, KnownMethod, MessageBody } from './message.ts';
import { clientMessage, serverMessage } from './readMessage.ts';
import type { SideState } from './readMessage.ts';

/** Takes a captured connection apart, message by message, in the order of its turns. Never throws. */
export function decodeConnection(turns: readonly Turn[]): readonly DumpedMessage[] {
  const decoder = new ConnectionDecoder();
  return [...turns.flatMap((turn) => [...decoder.take(turn)]), ...decoder.end()];
}

/** The same, piece by piece: no more is kept than what is not yet understood. */
export class ConnectionDecoder {
  readonly #unanswered: (KnownMethod | undefined)[] = [];
  readonly #sides = {
    'client->server': new Side(clientMessage, () => undefined),
    'server->client': new Side(serverMessage, () => this.#unanswered[0]),
  };
  #speaking: Direction | undefined;

  /** The messages that end with these bytes, and those of the other side that nothing can follow now. Take all of them. */
  *take({ direction, bytes }: Turn): Generator<DumpedMessage> {
    if (direction !== this.#speaking) {
      yield* this.#stopped();
      this.#speaking = direction;
    }
    yield* this.#noted(direction, this.#sides[direction].take(bytes));
  }

  /** What is left when nothing more comes. */
  *end(): Generator<DumpedMessage> {
    yield* this.#stopped();
    for (const direction of Object.keys(this.#sides) as Direction[]) {
      yield* this.#noted(direction, this.#sides[direction].end());
    }
  }

  *#stopped(): Generator<DumpedMessage> {
    const speaking = this.#speaking;
    if (speaking !== undefined) yield* this.#noted(speaking, this.#sides[speaking].stop());
  }

  *#noted(direction: Direction, messages: Iterable<Placed>): Generator<DumpedMessage> {
    for (const message of messages) {
      if (message.kind === 'handshake') this.#unanswered.length = 0;
      if (message.kind === 'call') this.#unanswered.push(message.method);
      if (message.kind === 'return') this.#unanswered.shift();
      yield { direction, ...message };
    }
  }
}

type Placed = MessageBody & { readonly offset: number; readonly length: number };

const NOTHING = Buffer.alloc(0);

/** What one side sent. Its messages are read as they are taken out of what the methods give. */
class Side {
  readonly #next: (side: SideState) => Reading<MessageBody>;
  readonly #state: SideState;
  readonly #input = new ByteQueue();
  /** What is under way, and where it began, as the input counts. */
  #reading: Reading<MessageBody> | undefined;
  #started: number | undefined;
  #before: MessageBody | undefined;
  #turnOver = false;
  /** The bytes of the message that is being read and all behind it, in pieces. */
  #pieces: Buffer[] = [];
  #offset = 0;
  /** What comes after something that was not understood: how much, and its first bytes. */
  #lost: { length: number; bytes: Buffer } | undefined;

  constructor(next: (side: SideState) => Reading<MessageBody>, answered: () => KnownMethod | undefined) {
    this.#next = next;
    this.#state = this.#stateOf(answered);
  }

  *take(bytes: Buffer): Generator<Placed> {
    if (bytes.length === 0) return;
    this.#turnOver = false;
    if (this.#lost !== undefined) return this.#lose(bytes);
    this.#pieces.push(bytes);
    this.#input.push(bytes);
    yield* this.#read();
  }

  /** The other side speaks: what can be whole is whole. */
  *stop(): Generator<Placed> {
    this.#turnOver = true;
    yield* this.#read();
  }

  *end(): Generator<Placed> {
    const lost = this.#lost;
    if (lost !== undefined) {
      const problem = 'it comes after what cannot be understood';
      if (lost.length > 0) yield this.#place({ kind: 'unknown', problem, bytes: lost.bytes }, lost.length);
      return;
    }
    const bytes = this.#bytes();
    if (bytes.length === 0) return;
    yield this.#place(unknown('it ends within a message', bytes), bytes.length);
  }

  *#read(): Generator<Placed> {
    while (this.#lost === undefined && (this.#input.left > 0 || this.#reading !== undefined)) {
      this.#started ??= this.#input.consumed;
      const message = this.#step();
      if (message === undefined) return;
      const length = this.#lost === undefined ? this.#input.consumed - this.#started : this.#bytes().length;
      this.#reading = undefined;
      this.#started = undefined;
      this.#before = message;
      const placed = this.#place(message, length);
      this.#pieces = [this.#bytes().subarray(length)];
      yield placed;
    }
  }

  #step(): MessageBody | undefined {
    this.#reading ??= this.#next(this.#state);
    try {
      const step = this.#reading.next();
      return step.done === true ? step.value : undefined;
    } catch (error) {
      if (!isProtocolFault(error)) throw error;
      this.#lost = { length: 0, bytes: NOTHING };
      return unknown(error.message, this.#bytes());
    }
  }

  #lose(bytes: Buffer): void {
    const lost = this.#lost ?? { length: 0, bytes: NOTHING };
    const room = MOST_UNKNOWN - lost.bytes.length;
    this.#lost = {
      length: lost.length + bytes.length,
      bytes: room === 0 ? lost.bytes : Buffer.concat([lost.bytes, bytes.subarray(0, room)]),
    };
  }

  #place(message: MessageBody, length: number): Placed {
    const offset = this.#offset;
    this.#offset += length;
    return { ...message, offset, length };
  }

  #bytes(): Buffer {
    const [first = NOTHING, second] = this.#pieces;
    if (second === undefined) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  #stateOf(answered: () => KnownMethod | undefined): SideState {
    return {
      input: this.#input,
      bytes: () => this.#bytes(),
      turnOver: () => this.#turnOver,
      before: () => this.#before,
      answered,
    };
  }
}

function unknown(problem: string, bytes: Buffer): MessageBody {
  return { kind: 'unknown', problem, bytes: Buffer.from(bytes.subarray(0, MOST_UNKNOWN)) };
}

import { CLEAN, DIRTY } from '../jrmp/dgcObject.ts';
import { CALL_HEADER_BYTES, callHeaderOf, RETURN_HEADER_BYTES, returnHeaderOf } from '../jrmp/calls.ts';
import type { CallHeader } from '../jrmp/calls.ts';
import { readUid, UID_BYTES } from '../jrmp/ids.ts';
import type { Uid } from '../jrmp/ids.ts';
import type { RemoteMethod } from '../jrmp/methods.ts';
import {
  ANSWER,
  hex,
  isProtocolFault,
  MESSAGE,
  ProtocolError,
  readEndpoint,
  readHandshake,
  RETURN,
} from '../jrmp/protocol.ts';
import type { ProtocolName } from '../jrmp/protocol.ts';
import type { Endpoint } from '../jrmp/remoteRef.ts';
import { JOB_CONTROL_METHODS } from '../jobControl/interface.ts';
import { REGISTRY_METHODS } from '../registry/registryInterface.ts';
import { REMOTE_STREAM_METHODS } from '../remoteStream/interface.ts';
import { ByteQueue } from '../serial/byteQueue.ts';
import { corrupt } from '../serial/errors.ts';
import { DEFAULT_LIMITS } from '../serial/limits.ts';
import type { StreamGuard } from '../serial/limits.ts';
import type { Content } from '../serial/model.ts';
import { need } from '../serial/reading.ts';
import type { Reading } from '../serial/reading.ts';
import { StreamReader } from '../serial/streamReader.ts';
import { StreamWriter } from '../serial/streamWriter.ts';
import { TC } from '../serial/typeCodes.ts';
import type { Direction, Turn } from './capture.ts';

export interface KnownMethod extends RemoteMethod {
  /** As in `JobControl`. */
  readonly of: string;
}

/** What a message is, by its kind. */
export type MessageBody =
  | { readonly kind: 'handshake'; readonly protocol: ProtocolName }
  | { readonly kind: 'acknowledgement' | 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'not supported' | 'ping' | 'ping acknowledgement' }
  | { readonly kind: 'confirmation'; readonly uid: Uid }
  | {
      readonly kind: 'call';
      readonly header: CallHeader;
      /** Undefined for methods that are not known. */
      readonly method: KnownMethod | undefined;
      readonly contents: readonly Content[];
      readonly sameBytes: boolean;
    }
  | {
      readonly kind: 'return';
      /** That of the call it answers, where that is known. */
      readonly method: KnownMethod | undefined;
      readonly exceptional: boolean;
      readonly uid: Uid;
      readonly contents: readonly Content[];
      readonly sameBytes: boolean;
    }
  /** What cannot be understood, up to the end of that direction. */
  | { readonly kind: 'unknown'; readonly problem: string; readonly bytes: Buffer };

export type DumpedMessage = MessageBody & {
  readonly direction: Direction;
  /** Of its first byte, in the bytes of that direction. */
  readonly offset: number;
  readonly length: number;
};

const GUARD: StreamGuard = { limits: DEFAULT_LIMITS };

const METHODS: readonly KnownMethod[] = Object.entries({
  JobControl: Object.values(JOB_CONTROL_METHODS),
  RemoteInputStream: Object.values(REMOTE_STREAM_METHODS),
  Registry: REGISTRY_METHODS,
  DGC: [CLEAN, DIRTY],
}).flatMap(([of, methods]) => methods.map((method) => ({ ...method, of })));

/** Takes a captured connection apart, message by message, in the order of its turns. Never throws. */
export function decodeConnection(turns: readonly Turn[]): readonly DumpedMessage[] {
  const sides = { 'client->server': new Side(clientMessage), 'server->client': new Side(serverMessage) };
  const messages: DumpedMessage[] = [];
  const unanswered: (KnownMethod | undefined)[] = [];
  for (const { direction, bytes } of turns) {
    for (const message of sides[direction].take(bytes)) {
      if (message.kind === 'call') unanswered.push(message.method);
      const answers = message.kind === 'return' ? { method: unanswered.shift() } : {};
      messages.push({ direction, ...message, ...answers });
    }
  }
  for (const direction of Object.keys(sides) as Direction[]) {
    for (const message of sides[direction].end()) messages.push({ direction, ...message });
  }
  return messages;
}

/** Reads a message; `bytes` are those that `input` begins with. */
type NextMessage = (input: ByteQueue, bytes: Buffer, soFar: readonly MessageBody[]) => Reading<MessageBody>;
type Placed = MessageBody & { readonly offset: number; readonly length: number };

/** What one side sent. */
class Side {
  readonly #next: NextMessage;
  readonly #soFar: MessageBody[] = [];
  #rest = Buffer.alloc(0);
  #offset = 0;
  #lost = false;

  constructor(next: NextMessage) {
    this.#next = next;
  }

  /** The messages that end with these bytes; what is left waits for more. */
  take(bytes: Buffer): readonly Placed[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const found: Placed[] = [];
    while (this.#rest.length > 0 && !this.#lost) {
      const input = new ByteQueue(this.#rest);
      const message = this.#read(input);
      if (message === undefined) break;
      found.push(this.#place(message, message.kind === 'unknown' ? this.#rest.length : input.consumed));
    }
    return found;
  }

  end(): readonly Placed[] {
    if (this.#rest.length === 0) return [];
    const bytes = this.#rest;
    const problem = this.#lost ? 'it comes after what cannot be understood' : 'it ends within a message';
    return [this.#place({ kind: 'unknown', problem, bytes }, bytes.length)];
  }

  #read(input: ByteQueue): MessageBody | undefined {
    try {
      const step = this.#next(input, this.#rest, this.#soFar).next();
      return step.done === true ? step.value : undefined;
    } catch (error) {
      if (!isProtocolFault(error)) throw error;
      this.#lost = true;
      return { kind: 'unknown', problem: error.message, bytes: this.#rest };
    }
  }

  #place(message: MessageBody, length: number): Placed {
    const offset = this.#offset;
    this.#soFar.push(message);
    this.#offset += length;
    this.#rest = this.#rest.subarray(length);
    return { ...message, offset, length };
  }
}

function* clientMessage(
  input: ByteQueue,
  bytes: Buffer,
  soFar: readonly MessageBody[],
): Reading<MessageBody> {
  const [first] = soFar;
  if (first === undefined) return { kind: 'handshake', protocol: yield* readHandshake(input) };
  if (soFar.length === 1 && first.kind === 'handshake' && first.protocol === 'stream') {
    return { kind: 'endpoint', endpoint: yield* readEndpoint(input) };
  }
  yield* need(input, 1);
  const code = input.u8();
  switch (code) {
    case MESSAGE.ping:
      return { kind: 'ping' };
    case MESSAGE.dgcAck:
      yield* need(input, UID_BYTES);
      return { kind: 'confirmation', uid: readUid(input.view(UID_BYTES)) };
    case MESSAGE.call: {
      const stream = yield* wholeStream(input, bytes, CALL_HEADER_BYTES);
      const header = callHeaderOf(stream.head);
      return { kind: 'call', header, method: methodOf(header), ...stream };
    }
    default:
      throw new ProtocolError(`no message begins with ${hex(code)}`);
  }
}

function* serverMessage(input: ByteQueue, bytes: Buffer): Reading<MessageBody> {
  yield* need(input, 1);
  const code = input.u8();
  switch (code) {
    case ANSWER.ack:
      return { kind: 'acknowledgement', endpoint: yield* readEndpoint(input) };
    case ANSWER.notSupported:
      return { kind: 'not supported' };
    case MESSAGE.pingAck:
      return { kind: 'ping acknowledgement' };
    case MESSAGE.returnData: {
      const stream = yield* wholeStream(input, bytes, RETURN_HEADER_BYTES);
      const { code: kind, uid } = returnHeaderOf(stream.head);
      return { kind: 'return', method: undefined, exceptional: kind !== RETURN.normal, uid, ...stream };
    }
    default:
      throw new ProtocolError(`no message begins with ${hex(code)}`);
  }
}

function methodOf({ operation, hash }: CallHeader): KnownMethod | undefined {
  return METHODS.find((method) => method.operation === operation && method.hash === hash);
}

interface WholeStream {
  /** What the message begins with. */
  readonly head: Buffer;
  /** What stands behind that. */
  readonly contents: readonly Content[];
  readonly sameBytes: boolean;
}

/**
 * Reads the stream behind a message's first byte. Elements of streams begin otherwise than messages, so that a stream ends
 * where a message begins, or nothing more came.
 */
function* wholeStream(input: ByteQueue, bytes: Buffer, headBytes: number): Reading<WholeStream> {
  const all: Content[] = [];
  const reader = new StreamReader(input, GUARD);
  yield* reader.header();
  do all.push(yield* reader.content());
  while (input.left > 0 && input.peek() >= TC.null && input.peek() <= TC.enum);
  const writer = new StreamWriter();
  writer.header();
  for (const content of all) writer.content(content);
  return {
    ...splitHead(all, headBytes),
    sameBytes: writer.bytes().equals(bytes.subarray(1, input.consumed)),
  };
}

function splitHead(all: readonly Content[], headBytes: number): Omit<WholeStream, 'sameBytes'> {
  let head = Buffer.alloc(0);
  let count = 0;
  while (head.length < headBytes) {
    const content = all[count++];
    if (content?.kind !== 'block') throw corrupt('a message without its header');
    head = Buffer.concat([head, content.bytes]);
  }
  const more = head.subarray(headBytes);
  const contents = all.slice(count);
  return { head, contents: more.length === 0 ? contents : [{ kind: 'block', bytes: more }, ...contents] };
}

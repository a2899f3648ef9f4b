import { CLEAN, DIRTY } from '../jrmp/dgcObject.ts';
import { CALL_HEADER_BYTES, callHeaderOf, RETURN_HEADER_BYTES, returnHeaderOf } from '../jrmp/calls.ts';
import type { CallHeader } from '../jrmp/calls.ts';
import { readUid, UID_BYTES } from '../jrmp/ids.ts';
import {
  ANSWER,
  hex,
  MESSAGE,
  ProtocolError,
  readEndpoint,
  readHandshake,
  RETURN,
} from '../jrmp/protocol.ts';
import { JOB_CONTROL_METHODS } from '../jobControl/interface.ts';
import { REGISTRY_METHODS } from '../registry/registryInterface.ts';
import { REMOTE_STREAM_METHODS } from '../remoteStream/interface.ts';
import type { ByteQueue } from '../serial/byteQueue.ts';
import { corrupt } from '../serial/errors.ts';
import { DEFAULT_LIMITS } from '../serial/limits.ts';
import type { StreamGuard } from '../serial/limits.ts';
import type { Content } from '../serial/model.ts';
import { need } from '../serial/reading.ts';
import type { Reading } from '../serial/reading.ts';
import { StreamReader } from '../serial/streamReader.ts';
import { StreamWriter } from '../serial/streamWriter.ts';
import { TC } from '../serial/typeCodes.ts';
import type { KnownMethod, MessageBody } from './message.ts';

/** What one side has sent and where it stands. */
export interface SideState {
  readonly input: ByteQueue;
  /** The bytes of the message that is being read, and all behind it. */
  readonly bytes: () => Buffer;
  /** The other side speaks now, or nothing more comes. */
  readonly turnOver: () => boolean;
  /** The kind of the message before; undefined at the beginning. */
  readonly before: () => MessageBody | undefined;
  /** The method of the call that the next return answers, where it is known. */
  readonly answered: () => KnownMethod | undefined;
}

const GUARD: StreamGuard = { limits: DEFAULT_LIMITS };

const METHODS: readonly KnownMethod[] = Object.entries({
  JobControl: Object.values(JOB_CONTROL_METHODS),
  RemoteInputStream: Object.values(REMOTE_STREAM_METHODS),
  Registry: REGISTRY_METHODS,
  DGC: [CLEAN, DIRTY],
}).flatMap(([of, methods]) => methods.map((method) => ({ ...method, of })));

/** What handshakes begin with, and no message. */
const HANDSHAKE = 0x4a;

/** The next message of a client. A capture may begin within a connection, and one may follow another. */
export function* clientMessage(side: SideState): Reading<MessageBody> {
  const { input } = side;
  const before = side.before();
  yield* need(input, 1);
  if (before?.kind === 'handshake' && before.protocol === 'stream') {
    return { kind: 'endpoint', endpoint: yield* readEndpoint(input) };
  }
  const next = input.peek();
  const beginsWithin = next >= MESSAGE.call && next <= MESSAGE.dgcAck;
  if (next === HANDSHAKE || (before === undefined && !beginsWithin)) {
    return { kind: 'handshake', protocol: yield* readHandshake(input) };
  }
  const code = input.u8();
  switch (code) {
    case MESSAGE.ping:
      return { kind: 'ping' };
    case MESSAGE.dgcAck:
      yield* need(input, UID_BYTES);
      return { kind: 'confirmation', uid: readUid(input.view(UID_BYTES)) };
    case MESSAGE.call: {
      const wanted = (head: Buffer): number => methodOf(callHeaderOf(head))?.parameters.length ?? 0;
      const stream = yield* wholeStream(side, CALL_HEADER_BYTES, wanted);
      const header = callHeaderOf(stream.head);
      return { kind: 'call', header, method: methodOf(header), ...stream };
    }
    default:
      throw new ProtocolError(`no message begins with ${hex(code)}`);
  }
}

/** The next message of a server. */
export function* serverMessage(side: SideState): Reading<MessageBody> {
  const { input } = side;
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
      const method = side.answered();
      const wanted = (head: Buffer): number =>
        returnHeaderOf(head).code !== RETURN.normal || (method !== undefined && method.result !== 'V')
          ? 1
          : 0;
      const stream = yield* wholeStream(side, RETURN_HEADER_BYTES, wanted);
      const { code: kind, uid } = returnHeaderOf(stream.head);
      return { kind: 'return', method, exceptional: kind !== RETURN.normal, uid, ...stream };
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
 * where a message begins, or the other side speaks. `wanted`: how many elements there have to be, at least one for
 * any value; several primitives may share one.
 */
function* wholeStream(
  side: SideState,
  headBytes: number,
  wanted: (head: Buffer) => number,
): Reading<WholeStream> {
  const { input } = side;
  const all: Content[] = [];
  const reader = new StreamReader(input, GUARD);
  yield* reader.header();
  do {
    all.push(yield* reader.content());
    while (input.left === 0 && (!side.turnOver() || !isWhole(all, headBytes, wanted))) yield 1;
  } while (input.left > 0 && input.peek() >= TC.null && input.peek() <= TC.enum);
  const writer = new StreamWriter();
  writer.header();
  for (const content of all) writer.content(content);
  const written = writer.bytes();
  const sent = side.bytes().subarray(1, 1 + written.length);
  return {
    ...splitHead(all, headBytes),
    sameBytes: written.equals(sent) && side.bytes().length - 1 - input.left === written.length,
  };
}

/** Whether enough has come: the head, and values for all that is wanted. */
function isWhole(all: readonly Content[], headBytes: number, wanted: (head: Buffer) => number): boolean {
  const head = headOf(all, headBytes);
  if (head === undefined) return false;
  const more = all.length - head.count + (head.bytes.length > headBytes ? Number.POSITIVE_INFINITY : 0);
  return more >= wanted(head.bytes);
}

/** The first pieces of block data up to so many bytes; undefined while some are missing. */
function headOf(all: readonly Content[], headBytes: number): { bytes: Buffer; count: number } | undefined {
  let bytes = Buffer.alloc(0);
  let count = 0;
  while (bytes.length < headBytes) {
    const content = all[count++];
    if (content === undefined) return undefined;
    if (content?.kind !== 'block') throw corrupt('a message without its header');
    bytes = Buffer.concat([bytes, content.bytes]);
  }
  return { bytes, count };
}

function splitHead(all: readonly Content[], headBytes: number): Omit<WholeStream, 'sameBytes'> {
  const head = headOf(all, headBytes);
  if (head === undefined) throw corrupt('a message without its header');
  const more = head.bytes.subarray(headBytes);
  const contents = all.slice(head.count);
  return {
    head: head.bytes,
    contents: more.length === 0 ? contents : [{ kind: 'block', bytes: more }, ...contents],
  };
}

import type { ByteQueue } from '../serial/byteQueue.ts';
import { ByteWriter } from '../serial/byteWriter.ts';
import { ContentCursor } from '../serial/contentCursor.ts';
import { corrupt } from '../serial/errors.ts';
import { writePrimitive } from '../serial/fields.ts';
import { isValue } from '../serial/inspect.ts';
import { readInt64, writeInt64 } from '../serial/int64.ts';
import type { StreamGuard } from '../serial/limits.ts';
import type { Content } from '../serial/model.ts';
import { need } from '../serial/reading.ts';
import type { Reading } from '../serial/reading.ts';
import { StreamReader } from '../serial/streamReader.ts';
import { StreamWriter } from '../serial/streamWriter.ts';
import { isReference, PRIMITIVE_SIZE } from '../serial/typeCodes.ts';
import { block } from '../serial/values.ts';
import { OBJ_ID_BYTES, readObjId, readUid, UID_BYTES, writeObjId, writeUid } from './ids.ts';
import type { ObjId, Uid } from './ids.ts';
import type { Argument, Result, WrittenResult } from './methods.ts';
import { hex, MESSAGE, ProtocolError, RETURN } from './protocol.ts';

const NOTHING = Buffer.alloc(0);

/** What a call begins with. */
export interface CallHeader {
  readonly objId: ObjId;
  /** A number for registry and lease keeper, else -1. */
  readonly operation: number;
  /** Of the method, or of the interface where there is an operation. */
  readonly hash: bigint;
}

export const CALL_HEADER_BYTES = OBJ_ID_BYTES + 4 + 8;
export const RETURN_HEADER_BYTES = 1 + UID_BYTES;
/** Longer block data than this, Java's writer splits. */
const LONGEST_BLOCK = 1024;

export function callBytes(
  { objId, operation, hash }: CallHeader,
  parameters: readonly string[],
  args: readonly Argument[],
): Buffer {
  const header = Buffer.allocUnsafe(CALL_HEADER_BYTES);
  const at = header.writeInt32BE(operation, writeObjId(header, 0, objId));
  writeInt64(header, at, hash);
  return messageBytes(MESSAGE.call, header, parameters, args);
}

/** `type`: the first character of the result's type, `V` for none. */
export function normalReturnBytes(uid: Uid, type: string, result: Result): Buffer {
  const header = codeAndUid(RETURN.normal, uid);
  if (typeof result === 'function') {
    return streamBytes(MESSAGE.returnData, (writer) => {
      writer.content(block(header));
      result(writer);
    });
  }
  const types = type === 'V' ? [] : [type];
  return messageBytes(MESSAGE.returnData, header, types, [result ?? null]);
}

export function exceptionalReturnBytes(uid: Uid, thrown: Argument): Buffer {
  return messageBytes(MESSAGE.returnData, codeAndUid(RETURN.exceptional, uid), ['L'], [thrown]);
}

export function dgcAckBytes(uid: Uid): Buffer {
  return codeAndUid(MESSAGE.dgcAck, uid);
}

function codeAndUid(code: number, uid: Uid): Buffer {
  const bytes = Buffer.allocUnsafe(1 + UID_BYTES);
  writeUid(bytes, bytes.writeUInt8(code, 0), uid);
  return bytes;
}

function messageBytes(
  kind: number,
  header: Buffer,
  types: readonly string[],
  values: readonly Argument[],
): Buffer {
  return streamBytes(kind, (writer) => {
    for (const content of contentsOf(header, types, values)) writer.content(content);
  });
}

function streamBytes(kind: number, write: WrittenResult): Buffer {
  const out = new ByteWriter();
  out.u8(kind);
  const writer = new StreamWriter(out);
  writer.header();
  write(writer);
  return out.bytes();
}

/** Primitives are in block data together with what stands before them; an object ends it. */
function contentsOf(header: Buffer, types: readonly string[], values: readonly Argument[]): Content[] {
  const contents: Content[] = [];
  let pending = header;
  const flush = (): void => {
    for (let at = 0; at < pending.length; at += LONGEST_BLOCK) {
      contents.push(block(pending.subarray(at, at + LONGEST_BLOCK)));
    }
    pending = NOTHING;
  };
  for (const [index, type] of types.entries()) {
    const value = values[index];
    if (isReference(type)) {
      if (typeof value !== 'object') throw new TypeError(`argument ${index + 1} is an object`);
      flush();
      contents.push(value);
      continue;
    }
    const bytes = Buffer.alloc(PRIMITIVE_SIZE[type] ?? 0);
    writePrimitive(bytes, 0, type, value);
    pending = Buffer.concat([pending, bytes]);
  }
  flush();
  return contents;
}

export interface Call<T> {
  readonly kind: 'call';
  readonly header: CallHeader;
  /** What `target` found by the header. */
  readonly target: T;
  /** Arguments as they stand in the stream, to be taken apart by `argumentsOf`. */
  readonly contents: readonly Content[];
}

export type ClientMessage<T> =
  Call<T> | { readonly kind: 'ping' } | { readonly kind: 'dgcAck'; readonly uid: Uid };

/** What reading a call needs to know of it: where its arguments end. */
export interface CallShape {
  readonly parameters: readonly string[];
}

/**
 * Reads what a client sends. A call has no length: `target` says by its header what it must hold, and may throw to give up.
 */
export function* readClientMessage<T extends CallShape>(
  input: ByteQueue,
  guardOf: (header: CallHeader | undefined) => StreamGuard,
  target: (header: CallHeader) => T,
): Reading<ClientMessage<T>> {
  yield* need(input, 1);
  const code = input.u8();
  if (code === MESSAGE.ping) return { kind: 'ping' };
  if (code === MESSAGE.dgcAck) {
    yield* need(input, UID_BYTES);
    return { kind: 'dgcAck', uid: readUid(input.view(UID_BYTES)) };
  }
  if (code !== MESSAGE.call) throw new ProtocolError(`a message that begins with ${hex(code)}`);
  const reader = new StreamReader(input, guardOf(undefined));
  yield* reader.header();
  const head = yield* readHead(reader, CALL_HEADER_BYTES);
  const header = callHeaderOf(head.bytes);
  // The object decides what may be in its arguments, once its name is read.
  reader.keepTo(guardOf(header));
  const found = target(header);
  const contents = yield* readTyped(reader, found.parameters, head.rest);
  return { kind: 'call', header, target: found, contents };
}

export function callHeaderOf(bytes: Buffer): CallHeader {
  return {
    objId: readObjId(bytes),
    operation: bytes.readInt32BE(OBJ_ID_BYTES),
    hash: readInt64(bytes, OBJ_ID_BYTES + 4),
  };
}

/** The arguments that were read for a call; throws SerialError where they are not of these types. */
export function argumentsOf(
  parameters: readonly string[],
  contents: readonly Content[],
): readonly Argument[] {
  const cursor = new ContentCursor(contents);
  return parameters.map((type) => cursor.read(type));
}

export interface Return {
  readonly exceptional: boolean;
  readonly uid: Uid;
  /** The value, or what was thrown. */
  readonly value: Argument | undefined;
}

/** Reads the answer to a call whose result is of this type. */
export function* readReturn(input: ByteQueue, type: string, guard: StreamGuard): Reading<Return> {
  yield* need(input, 1);
  const code = input.u8();
  if (code !== MESSAGE.returnData) throw new ProtocolError(`an answer that begins with ${hex(code)}`);
  const reader = new StreamReader(input, guard);
  yield* reader.header();
  const head = yield* readHead(reader, RETURN_HEADER_BYTES);
  const { code: kind, uid } = returnHeaderOf(head.bytes);
  if (kind !== RETURN.normal && kind !== RETURN.exceptional)
    throw new ProtocolError(`a return of kind ${kind}`);
  const exceptional = kind === RETURN.exceptional;
  const types = exceptional ? ['L'] : type === 'V' ? [] : [type];
  const contents = yield* readTyped(reader, types, head.rest);
  return { exceptional, uid, value: argumentsOf(types, contents)[0] };
}

export function returnHeaderOf(bytes: Buffer): { readonly code: number; readonly uid: Uid } {
  return { code: bytes.readUInt8(0), uid: readUid(bytes, 1) };
}

/** The block data that a message begins with: a header, and what primitives follow it at once. */
function* readHead(
  reader: StreamReader,
  length: number,
): Reading<{ readonly bytes: Buffer; readonly rest: Buffer }> {
  let bytes: Buffer = NOTHING;
  while (bytes.length < length) {
    const content = yield* reader.content();
    if (content?.kind !== 'block') throw corrupt('a message without its header');
    bytes = bytes.length === 0 ? content.bytes : Buffer.concat([bytes, content.bytes]);
  }
  return { bytes: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

/** Reads on until there are values of all these types, and no more. */
function* readTyped(reader: StreamReader, types: readonly string[], rest: Buffer): Reading<Content[]> {
  const contents: Content[] = rest.length === 0 ? [] : [block(rest)];
  let bytes = rest.length;
  for (const type of types) {
    if (isReference(type)) {
      if (bytes > 0) throw corrupt('block data where an object is expected');
      const content = yield* reader.content();
      if (!isValue(content)) throw corrupt('no object where one is expected');
      contents.push(content);
      continue;
    }
    const size = PRIMITIVE_SIZE[type] ?? 0;
    while (bytes < size) {
      const content = yield* reader.content();
      if (content?.kind !== 'block') throw corrupt(`${size} bytes of block data are missing`);
      bytes += content.bytes.length;
      contents.push(content);
    }
    bytes -= size;
  }
  if (bytes > 0) throw corrupt('more block data than the method has parameters');
  return contents;
}

import { createHash } from 'node:crypto';
import { readInt64, writeInt64 } from '../serial/int64.ts';

/** java.rmi.server.UID: names something that one process made. */
export interface Uid {
  /** A number that the process chose, 32 bits with sign. */
  readonly unique: number;
  /** Milliseconds since 1970, when the process began. */
  readonly time: bigint;
  /** 16 bits with sign. */
  readonly count: number;
}

/** java.rmi.server.ObjID: names an exported object. */
export interface ObjId {
  readonly objNum: bigint;
  readonly uid: Uid;
}

export const UID_BYTES = 14;
export const OBJ_ID_BYTES = 22;

const NO_UID: Uid = { unique: 0, time: 0n, count: 0 };

/** Where every process that serves a registry has it. */
export const REGISTRY_ID: ObjId = { objNum: 0n, uid: NO_UID };
/** Where every process that serves has its lease keeper. */
export const DGC_ID: ObjId = { objNum: 2n, uid: NO_UID };

export function readUid(bytes: Buffer, at = 0): Uid {
  return {
    unique: bytes.readInt32BE(at),
    time: readInt64(bytes, at + 4),
    count: bytes.readInt16BE(at + 12),
  };
}

/** Writes it and says where the next begins. */
export function writeUid(bytes: Buffer, at: number, { unique, time, count }: Uid): number {
  return bytes.writeInt16BE(count, writeInt64(bytes, bytes.writeInt32BE(unique, at), time));
}

export function isSameUid(one: Uid, other: Uid): boolean {
  return one.unique === other.unique && one.time === other.time && one.count === other.count;
}

export function readObjId(bytes: Buffer, at = 0): ObjId {
  return { objNum: readInt64(bytes, at), uid: readUid(bytes, at + 8) };
}

/** Writes it and says where the next begins. */
export function writeObjId(bytes: Buffer, at: number, { objNum, uid }: ObjId): number {
  return writeUid(bytes, writeInt64(bytes, at, objNum), uid);
}

export function objIdBytes(id: ObjId): Buffer {
  const bytes = Buffer.allocUnsafe(OBJ_ID_BYTES);
  writeObjId(bytes, 0, id);
  return bytes;
}

/** For tables: the same for equal ids. */
export function objIdKey(id: ObjId): string {
  return objIdBytes(id).toString('hex');
}

/**
 * An id made of a name, the same after every restart, so that references that clients keep stay good. It is no secret.
 */
export function stableObjId(name: string): ObjId {
  const sum = createHash('sha256').update(name).digest();
  // The first numbers are those of the registry and its like.
  sum.writeUInt8(sum.readUInt8(0) | 0x40, 0);
  return readObjId(sum);
}

/** Gives out ids that no other call of this process, and no other process, gives. */
export function createUidSource(unique: number, time: number): () => Uid {
  const began = BigInt(time);
  let count = -0x8000;
  return () => {
    const uid = { unique, time: began, count };
    count = count === 0x7fff ? -0x8000 : count + 1;
    return uid;
  };
}

import { createHash } from 'node:crypto';

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
    time: bytes.readBigInt64BE(at + 4),
    count: bytes.readInt16BE(at + 12),
  };
}

export function uidBytes({ unique, time, count }: Uid): Buffer {
  const bytes = Buffer.alloc(UID_BYTES);
  bytes.writeInt32BE(unique, 0);
  bytes.writeBigInt64BE(time, 4);
  bytes.writeInt16BE(count, 12);
  return bytes;
}

export function readObjId(bytes: Buffer, at = 0): ObjId {
  return { objNum: bytes.readBigInt64BE(at), uid: readUid(bytes, at + 8) };
}

export function objIdBytes({ objNum, uid }: ObjId): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(objNum, 0);
  return Buffer.concat([number, uidBytes(uid)]);
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
  let count = -0x8000;
  return () => {
    const uid = { unique, time: BigInt(time), count };
    count = count === 0x7fff ? -0x8000 : count + 1;
    return uid;
  };
}

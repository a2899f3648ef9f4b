/** The bytes of the object serialization stream protocol, version 5. */
export const STREAM_MAGIC = 0xaced;
export const STREAM_VERSION = 5;

/** What an element of a stream begins with. */
export const TC = {
  null: 0x70,
  reference: 0x71,
  classDesc: 0x72,
  object: 0x73,
  string: 0x74,
  array: 0x75,
  class: 0x76,
  blockData: 0x77,
  endBlockData: 0x78,
  reset: 0x79,
  blockDataLong: 0x7a,
  exception: 0x7b,
  longString: 0x7c,
  proxyClassDesc: 0x7d,
  enum: 0x7e,
} as const;

/** Flags of a class descriptor. */
export const FLAG = {
  /** The class writes data of its own after its fields. */
  writeMethod: 0x01,
  serializable: 0x02,
  externalizable: 0x04,
  /** Data of an externalizable class is in block data, so that its end can be found. */
  blockData: 0x08,
  enum: 0x10,
} as const;

export const FIRST_HANDLE = 0x7e0000;

/** Bytes of a primitive by its type character. */
export const PRIMITIVE_SIZE: Readonly<Record<string, number>> = {
  B: 1,
  Z: 1,
  C: 2,
  S: 2,
  F: 4,
  I: 4,
  D: 8,
  J: 8,
};

/** Whether a field or an element of this type is an object or array. */
export function isReference(type: string): boolean {
  return type === 'L' || type === '[';
}

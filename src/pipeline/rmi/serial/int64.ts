/* Buffer's own functions for these are made of BigInt arithmetic; the engine knows those of DataView. */

/** Writes 64 bits with sign, the highest byte first, and says where the next begins. */
export function writeInt64(bytes: Buffer, at: number, value: bigint): number {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setBigInt64(at, value);
  return at + 8;
}

/** Reads them; throws a RangeError where they are not there. */
export function readInt64(bytes: Buffer, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigInt64(at);
}

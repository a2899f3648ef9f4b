import type { Random } from './random.ts';

/** Lengths and counts that tempt a reader to take much, or less than nothing. */
const NUMBERS = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7e0000, 0x7e0001, 0x00ffffff, 0x7fffffff, 0x80000000, 0xffffffff,
];
/** Bytes that mean something: type codes, kinds of messages and of returns, flags. */
const BYTES = [
  ...Array.from({ length: 15 }, (_, index) => 0x70 + index),
  ...Array.from({ length: 8 }, (_, index) => 0x4b + index),
  ...[0, 1, 2, 3, 4, 0x0c, 0x10, 0x12, 0x5b, 0x4c, 0xac, 0xed, 0xff],
];

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // One bit is wrong.
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
    return bytes;
  },
  // A byte is another.
  (bytes, random) => {
    bytes.writeUInt8(random.below(256), random.below(bytes.length));
    return bytes;
  },
  (bytes, random) => {
    bytes.writeUInt8(random.oneOf(BYTES), random.below(bytes.length));
    return bytes;
  },
  // A number is another.
  (bytes, random) => {
    if (bytes.length >= 4) bytes.writeUInt32BE(random.oneOf(NUMBERS), random.below(bytes.length - 3));
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length >= 2)
      bytes.writeUInt16BE(random.oneOf(NUMBERS) & 0xffff, random.below(bytes.length - 1));
    return bytes;
  },
  // Something is missing, at the end or within.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]);
  },
  // Something comes twice.
  (bytes, random) => {
    const from = random.below(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random.below(64));
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  // Something of another is between.
  (bytes, random, others) => {
    const other = random.oneOf(others);
    const from = random.below(other.length);
    const at = random.below(bytes.length);
    const piece = other.subarray(from, from + 1 + random.below(256));
    return Buffer.concat([
      bytes.subarray(0, at),
      piece,
      bytes.subarray(random.below(2) === 0 ? at : at + piece.length),
    ]);
  },
];

/** A copy of the bytes with one to four things wrong. */
export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let left = 1 + random.below(4); left > 0 && mutated.length > 0; left--) {
    mutated = random.oneOf(MUTATIONS)(mutated, random, others);
  }
  return mutated;
}

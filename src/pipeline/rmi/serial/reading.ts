import type { ByteQueue } from './byteQueue.ts';

/** Work that stops where bytes are missing, yielding how many more it needs at least. */
export type Reading<T> = Generator<number, T, void>;

/** What is filled in piece by piece while others may already point to it. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Does a reading over all bytes there are; undefined where they end too early. */
export function readAll<T>(reading: Reading<T>): T | undefined {
  const step = reading.next();
  return step.done === true ? step.value : undefined;
}

/** A step of a reading outside of an object stream. */
export function* need(input: ByteQueue, bytes: number): Reading<void> {
  while (input.left < bytes) yield bytes - input.left;
}

import { ByteQueue } from '../../../../src/pipeline/rmi/serial/byteQueue.ts';
import { DEFAULT_LIMITS } from '../../../../src/pipeline/rmi/serial/limits.ts';
import type { StreamGuard, StreamLimits } from '../../../../src/pipeline/rmi/serial/limits.ts';
import type { Content, JavaValue } from '../../../../src/pipeline/rmi/serial/model.ts';
import type { Reading } from '../../../../src/pipeline/rmi/serial/reading.ts';
import { StreamReader } from '../../../../src/pipeline/rmi/serial/streamReader.ts';
import { StreamWriter } from '../../../../src/pipeline/rmi/serial/streamWriter.ts';
import { writeDate } from '../../../../src/pipeline/rmi/serial/writtenValues.ts';

/** Everything in a stream. It must be whole. */
export function readStream(
  bytes: Buffer,
  limits: Partial<StreamLimits> = {},
  guard: Partial<StreamGuard> = {},
): readonly Content[] {
  const input = new ByteQueue(bytes);
  return finish(wholeStream(input, { limits: { ...DEFAULT_LIMITS, ...limits }, ...guard }));
}

export function writeStream(contents: readonly Content[]): Buffer {
  const writer = new StreamWriter();
  writer.header();
  for (const content of contents) writer.content(content);
  return writer.bytes();
}

/** A value as it comes out of a stream of its own. */
export function sent<T extends JavaValue>(value: T): T {
  return readStream(writeStream([value]))[0] as T;
}

/** A value that is written at once, as it comes out of a stream of its own. */
export function written(write: (writer: StreamWriter) => void): JavaValue {
  const writer = new StreamWriter();
  writer.header();
  write(writer);
  return readStream(writer.bytes())[0] as JavaValue;
}

export function javaDate(at: number | null): JavaValue {
  return written((writer) => writeDate(writer, at));
}

/** All elements of a stream, of which no byte may be missing. */
export function* wholeStream(input: ByteQueue, guard: StreamGuard): Reading<readonly Content[]> {
  const reader = new StreamReader(input, guard);
  yield* reader.header();
  const contents: Content[] = [];
  while (input.left > 0) contents.push(yield* reader.content());
  return contents;
}

export function finish<T>(reading: Reading<T>): T {
  const step = reading.next();
  if (step.done !== true) throw new Error(`${step.value} bytes are missing`);
  return step.value;
}

/** The first elements of a stream, no byte beyond them. */
export function* elements(input: ByteQueue, count: number): Reading<readonly Content[]> {
  const reader = new StreamReader(input, { limits: DEFAULT_LIMITS });
  yield* reader.header();
  const contents: Content[] = [];
  while (contents.length < count) contents.push(yield* reader.content());
  return contents;
}

/** Does a reading that is handed pieces only when it asks for more; it must need all of them. */
export function feed<T>(input: ByteQueue, reading: Reading<T>, pieces: Iterable<Buffer>): T {
  const waiting = [...pieces];
  for (;;) {
    const step = reading.next();
    if (step.done === true) {
      if (waiting.length > 0 || input.left > 0) throw new Error(`${waiting.length} pieces were not needed`);
      return step.value;
    }
    const next = waiting.shift();
    if (next === undefined) throw new Error(`${step.value} bytes are missing`);
    input.push(next);
  }
}

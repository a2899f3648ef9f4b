import { jobOf } from '../../src/pipeline/rmi/jobControl/job.ts';
import { jobStatusOf } from '../../src/pipeline/rmi/jobControl/jobStatus.ts';
import { JOB_CONTROL_METHODS } from '../../src/pipeline/rmi/jobControl/interface.ts';
import { decodeConnection } from '../../src/pipeline/rmi/dump/decode.ts';
import type { DumpedMessage } from '../../src/pipeline/rmi/dump/message.ts';
import { messageLines } from '../../src/pipeline/rmi/dump/render.ts';
import { messageShape } from '../../src/pipeline/rmi/dump/shape.ts';
import { argumentsOf, readClientMessage, readReturn } from '../../src/pipeline/rmi/jrmp/calls.ts';
import type { RemoteMethod } from '../../src/pipeline/rmi/jrmp/methods.ts';
import { isProtocolFault, readHandshake } from '../../src/pipeline/rmi/jrmp/protocol.ts';
import { DEFAULT_GUARD } from '../../src/pipeline/rmi/jrmp/remoteObject.ts';
import { receivedRefOf } from '../../src/pipeline/rmi/jrmp/remoteRef.ts';
import { REGISTRY_METHODS } from '../../src/pipeline/rmi/registry/registryInterface.ts';
import { ByteQueue } from '../../src/pipeline/rmi/serial/byteQueue.ts';
import { listOf, mapOf } from '../../src/pipeline/rmi/serial/collections.ts';
import { isValue } from '../../src/pipeline/rmi/serial/inspect.ts';
import { JavaThrowable } from '../../src/pipeline/rmi/serial/javaThrowable.ts';
import type { Content, JavaValue } from '../../src/pipeline/rmi/serial/model.ts';
import type { Reading } from '../../src/pipeline/rmi/serial/reading.ts';
import { StreamReader } from '../../src/pipeline/rmi/serial/streamReader.ts';
import { StreamWriter } from '../../src/pipeline/rmi/serial/streamWriter.ts';
import { throwableOf } from '../../src/pipeline/rmi/serial/throwables.ts';
import { bytesOf, dateOf, fileOf, stringOf } from '../../src/pipeline/rmi/serial/values.ts';
import { captureNames, recordedStreams, recordedTurns } from '../unit/pipeline/rmi/captures.ts';
import type { RecordedTurn } from '../unit/pipeline/rmi/captures.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

export interface FuzzResult {
  /** Streams that were read to their end all the same. */
  readonly read: number;
  /** Those that were refused, or ended too early. */
  readonly refused: number;
  /** The longest that one took, in milliseconds. */
  readonly slowestMs: number;
}

/** Something else than an error of the protocol came of these bytes. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';

  constructor(number: number, bytes: Buffer, cause: unknown) {
    super(`number ${number}: ${String(cause)}\n${bytes.toString('hex')}`, { cause });
  }
}

const METHODS: readonly RemoteMethod[] = [...Object.values(JOB_CONTROL_METHODS), ...REGISTRY_METHODS];

const VIEWS: readonly ((value: JavaValue) => unknown)[] = [
  jobOf,
  jobStatusOf,
  listOf,
  mapOf,
  throwableOf,
  receivedRefOf,
  stringOf,
  dateOf,
  fileOf,
  bytesOf,
];

/** The longest captures would take all the time. */
const LONGEST = 8000;

/**
 * Reads captures with things wrong in them, as server, client and dump read them: `count` in all, the same for the same
 * `seed`. `onProgress` is called now and then. Throws a FuzzFailure.
 */
export function fuzzRmi(
  count: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): FuzzResult {
  const random = new Random(seed);
  const streams = captureNames.flatMap(recordedStreams).filter(({ length }) => length < LONGEST);
  const connections = captureNames
    .map(recordedTurns)
    .filter((turns) => turns.every(({ bytes }) => bytes.length < LONGEST));
  let read = 0;
  let slowestMs = 0;
  for (let number = 0; number < count; number++) {
    const bytes = mutate(random.oneOf(streams), random, streams);
    const begun = performance.now();
    try {
      if (tried(() => readValues(bytes))) read += 1;
      if (number % 4 === 0) dumpConnection(random.oneOf(connections), random, streams);
      else tried(() => readMessage(bytes, number % 4));
    } catch (error) {
      throw new FuzzFailure(number, bytes, error);
    }
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    if (number % 1000 === 999) onProgress(number + 1);
  }
  return { read, refused: count - read, slowestMs };
}

/** Whether it came to its end; errors of the protocol are none. */
function tried(work: () => boolean): boolean {
  try {
    return work();
  } catch (error) {
    if (isProtocolFault(error) || error instanceof JavaThrowable) return false;
    throw error;
  }
}

/** Reads a stream, sees its values in all ways, and writes it again; that must be readable. */
function readValues(bytes: Buffer): boolean {
  const contents = readContents(bytes);
  if (contents === undefined) return false;
  for (const content of contents) {
    if (!isValue(content)) continue;
    for (const view of VIEWS) tried(() => view(content) !== undefined);
  }
  const writer = new StreamWriter();
  writer.header();
  for (const content of contents) writer.content(content);
  const written = writer.bytes();
  const again = readContents(written);
  if (again?.length !== contents.length) throw new Error('it cannot be read when it is written again');
  return true;
}

function readContents(bytes: Buffer): readonly Content[] | undefined {
  const input = new ByteQueue(bytes);
  const reader = new StreamReader(input, DEFAULT_GUARD);
  if (reader.header().next().done !== true) return undefined;
  const contents: Content[] = [];
  while (input.left > 0) {
    const step = reader.content().next();
    if (step.done !== true) return undefined;
    contents.push(step.value);
  }
  return contents;
}

/** Reads the bytes as what a client or a server sends. */
function readMessage(bytes: Buffer, way: number): boolean {
  if (way === 1)
    return ended(readReturn(new ByteQueue(Buffer.concat([Buffer.of(0x51), bytes])), 'L', DEFAULT_GUARD));
  if (way === 2) return ended(readHandshake(new ByteQueue(bytes)));
  const input = new ByteQueue(Buffer.concat([Buffer.of(0x50), bytes]));
  const step = readClientMessage(
    input,
    () => DEFAULT_GUARD,
    ({ hash, operation }) => {
      const found = METHODS.find((method) => method.hash === hash && method.operation === operation);
      return found ?? { parameters: ['L'] };
    },
  ).next();
  if (step.done !== true || step.value.kind !== 'call') return false;
  argumentsOf(step.value.target.parameters, step.value.contents);
  return true;
}

function ended(reading: Reading<unknown>): boolean {
  return reading.next().done === true;
}

function dumpConnection(turns: readonly RecordedTurn[], random: Random, others: readonly Buffer[]): void {
  const wrong = random.below(turns.length);
  const messages: readonly DumpedMessage[] = decodeConnection(
    turns.map(({ direction, bytes }, index) => ({
      direction,
      bytes: index === wrong && bytes.length > 0 ? mutate(bytes, random, others) : bytes,
    })),
  );
  for (const message of messages) {
    messageLines(message);
    JSON.stringify(messageShape(message));
  }
}

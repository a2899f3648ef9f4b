import { PandaError } from '../../panda/index.ts';
import { waitFor } from '../../watch/index.ts';
import type { Clock, LogFile, LogSource } from '../../watch/index.ts';

const PIECE = 1_048_576;
/** Between looks at a log that may grow, ms. */
const LOOK = 500;
const NEWLINE = 10;

/** Reads a log on from where it stopped. */
export interface LogReader {
  /** All that came since the last call, in pieces of text that never cut a character. False while there is no log. */
  readOn(write: (text: string) => Promise<void>, signal: AbortSignal): Promise<boolean>;
}

export function createLogReader(source: LogSource, file: LogFile, from = 0): LogReader {
  let offset = from;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    async readOn(write, signal) {
      for (;;) {
        const piece = await readPiece(source, file, offset, signal);
        if (piece === undefined) return offset > 0;
        if (piece.bytes.length === 0) return true;
        offset += piece.bytes.length;
        await write(decoder.decode(piece.bytes, { stream: true }));
        if (offset >= piece.size) return true;
      }
    },
  };
}

/** Writes a log as it grows until `isOver` says that no more will come, and then what is left. */
export async function followLog(
  reader: LogReader,
  options: {
    readonly write: (text: string) => Promise<void>;
    readonly isOver: () => Promise<boolean>;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { write, isOver, clock, signal } = options;
  for (;;) {
    const over = await isOver();
    const found = await reader.readOn(write, signal);
    if (over) return found;
    await waitFor(clock, LOOK, signal);
  }
}

/** The byte at which the last `count` lines begin; the line end at the end of the file begins no line. */
export async function tailOffset(
  source: LogSource,
  file: LogFile,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const { size } = (await readPiece(source, file, 0, signal, 1)) ?? { size: 0 };
  let left = count;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - PIECE);
    const bytes = await readWhole(source, file, start, end, signal);
    let at = bytes.length;
    if (end === size && bytes[at - 1] === NEWLINE) at -= 1;
    for (;;) {
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1);
      if (at < 0) break;
      left -= 1;
      if (left === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** Bytes `[from, to)`, however little a source gives at a time; less where the file was cut meanwhile. */
async function readWhole(
  source: LogSource,
  file: LogFile,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = from; at < to;) {
    const piece = await readPiece(source, file, at, signal, to - at);
    if (piece === undefined || piece.bytes.length === 0) break;
    pieces.push(piece.bytes);
    at += piece.bytes.length;
  }
  return Buffer.concat(pieces);
}

/** Undefined while there is no such file. */
async function readPiece(
  source: LogSource,
  file: LogFile,
  from: number,
  signal: AbortSignal,
  length = PIECE,
): Promise<{ readonly bytes: Uint8Array; readonly size: number } | undefined> {
  try {
    return await source.read(file, from, length, { signal });
  } catch (error) {
    if (error instanceof PandaError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

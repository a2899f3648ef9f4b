import { lineText } from './lineText.ts';

const NEWLINE = 10;

/** A line longer than this is shown as several: no log line may freeze the page. */
export const MAX_LINE_BYTES = 256 * 1024;

/** A run of whole lines (the last may still be open), as they came, with an index of where each line begins. */
export interface Chunk {
  /** Byte offset in the file. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Start of each line in `bytes`. */
  readonly starts: Uint32Array;
  /** Columns each line takes on a screen. */
  readonly widths: Uint32Array;
}

const decoder = new TextDecoder();

export function indexChunk(from: number, bytes: Uint8Array): Chunk {
  const starts: number[] = [];
  const widths: number[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, start + MAX_LINE_BYTES);
    starts.push(start);
    widths.push(width(bytes, start, end));
    start = end;
  }
  return { from, bytes, starts: Uint32Array.from(starts), widths: Uint32Array.from(widths) };
}

/** The text of a line without its newline. */
export function rawLine(chunk: Chunk, line: number): string {
  const start = chunk.starts[line] ?? 0;
  const end = chunk.starts[line + 1] ?? chunk.bytes.length;
  const closed = chunk.bytes[end - 1] === NEWLINE;
  return decoder.decode(chunk.bytes.subarray(start, closed ? end - 1 : end));
}

/** True while the last line has no newline yet. */
export function isOpen(chunk: Chunk): boolean {
  return chunk.bytes.length > 0 && chunk.bytes[chunk.bytes.length - 1] !== NEWLINE;
}

/** Where the last, still open line begins in `bytes`; the length where there is none. */
export function openLineStart(chunk: Chunk): number {
  return isOpen(chunk) ? (chunk.starts[chunk.starts.length - 1] ?? 0) : chunk.bytes.length;
}

/** Printable ASCII is counted as it stands; anything else as it will be shown. */
function width(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1] === NEWLINE ? end - 1 : end;
  for (let index = start; index < last; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return lineText(decoder.decode(bytes.subarray(start, last))).text.length;
  }
  return last - start;
}

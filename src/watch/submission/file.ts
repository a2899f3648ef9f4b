import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { parseLine } from './lines.ts';
import { SubmissionFold } from './state.ts';
import type { StoredSubmission } from './state.ts';

/** A journal larger than this (bytes) is not ours: 300,000 jobs take about 500 MB. */
const LARGEST = 2_000_000_000;
const LONGEST_LINE = 16_000_000;
const PIECE = 1_048_576;
const NEWLINE = 10;
/** Follows no link, and does not wait for the writer of a pipe. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What a journal file holds, and when it was last written (epoch milliseconds). */
export interface JournalContent {
  readonly submission: StoredSubmission | undefined;
  /** Its first line is whole; before that, nothing was sent. */
  readonly begun: boolean;
  readonly lastWrite: number;
}

/** Reads a journal line by line. A link, a device or a file of impossible size is refused with an error. */
export async function readJournal(file: string): Promise<JournalContent> {
  const handle = await open(file, READ_ONLY);
  try {
    const { size, mtimeMs } = await regularFile(handle);
    const fold = new SubmissionFold();
    let damaged = 0;
    let begun = false;
    for await (const { text, whole } of lines(handle, size)) {
      begun ||= whole;
      const line = text === null ? null : parseLine(text);
      if (line !== null) fold.add(line);
      else if (whole && text !== '') damaged += 1;
    }
    return { submission: fold.result(damaged), begun, lastWrite: mtimeMs };
  } finally {
    await handle.close();
  }
}

/** True when the last line says that nothing is left to find out; reads only the end of the file. */
export async function isSettled(file: string): Promise<boolean> {
  const handle = await open(file, READ_ONLY);
  try {
    const { size } = await regularFile(handle);
    const length = Math.min(size, 1024);
    const tail = (await readAt(handle, size - length, length)).toString('utf8');
    if (!tail.endsWith('\n')) return false;
    const last = parseLine(tail.slice(tail.lastIndexOf('\n', tail.length - 2) + 1));
    return last?.type === 'released' && last.settled;
  } finally {
    await handle.close();
  }
}

async function regularFile(handle: FileHandle): Promise<{ size: number; mtimeMs: number }> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw new Error('it is not a regular file');
  if (stat.size > LARGEST) throw new Error(`its ${stat.size} bytes are more than a journal has`);
  return stat;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Lines without their newline; the text is null where a line is too long, `whole` false for a last one cut short. */
async function* lines(
  handle: FileHandle,
  size: number,
): AsyncGenerator<{ readonly text: string | null; readonly whole: boolean }> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): string | null => {
    const text = length > LONGEST_LINE ? null : Buffer.concat(parts).toString('utf8');
    parts = [];
    length = 0;
    return text;
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > LONGEST_LINE) parts = [];
    else parts.push(part);
  };
  for (let position = 0; position < size;) {
    const piece = await readAt(handle, position, Math.min(PIECE, size - position));
    if (piece.length === 0) break;
    position += piece.length;
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      keep(piece.subarray(start, end));
      yield { text: take(), whole: true };
      start = end + 1;
    }
    keep(piece.subarray(start));
  }
  if (length > 0) yield { text: take(), whole: false };
}

import type { LogFile, LogHit, LogSource } from '../../watch/index.ts';
import type { TellingLine } from './view.ts';

/** Where to look, the likeliest first. */
const FILES: readonly LogFile[] = ['payload.stderr', 'payload.stdout'];
/** A traceback's foot is looked for this far below its head, bytes. */
const TRACEBACK = 64 * 1024;
const LONGEST_TEXT = 500;

/**
 * The line of a failed job's log that tells most: the first that looks like an error; of a Python traceback its foot,
 * where the exception stands. Null where no line does. Rejects as the source does, but for files that are not there.
 */
export async function findTellingLine(
  source: LogSource,
  firstError: (file: LogFile) => Promise<LogHit | null>,
  signal: AbortSignal,
): Promise<TellingLine | null> {
  for (const file of FILES) {
    const hit = await firstError(file);
    if (hit === null) continue;
    const line = hit.text.startsWith('Traceback (') ? await footOf(source, file, hit, signal) : hit;
    return {
      file,
      offset: line.offset,
      line: line.number - 1,
      text: line.text.trim().slice(0, LONGEST_TEXT),
    };
  }
  return null;
}

/** Frames are indented; the first line after the head that is not is the exception. */
async function footOf(source: LogSource, file: LogFile, head: LogHit, signal: AbortSignal): Promise<LogHit> {
  const piece = await source.read(file, head.offset, TRACEBACK, { signal });
  const bytes = Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.length);
  let start = bytes.indexOf('\n') + 1;
  let { number } = head;
  while (start > 0 && start < bytes.length) {
    number += 1;
    const newline = bytes.indexOf('\n', start);
    const end = newline < 0 ? bytes.length : newline;
    const first = bytes[start];
    if (first !== 0x20 && first !== 0x09 && end > start) {
      return { offset: head.offset + start, number, text: bytes.toString('utf8', start, end) };
    }
    start = newline + 1;
  }
  return head;
}

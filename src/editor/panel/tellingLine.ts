import { PandaError } from '../../panda/index.ts';
import type { LogFile, LogHit, LogSource, LogTail } from '../../watch/index.ts';
import type { TellingLine } from './view.ts';

/** Where to look, the likeliest first. */
const FILES: readonly LogFile[] = ['payload.stderr', 'payload.stdout'];
/** A traceback's foot is looked for this far below its head, bytes. */
const TRACEBACK = 64 * 1024;
/** The last line is looked for in this much of the end, bytes. */
const TAIL = 8 * 1024;
const LONGEST_TEXT = 500;

/**
 * The line of a failed job's log that tells most: the first that looks like an error; of a Python traceback its foot,
 * where the exception stands; else what was written to stderr last. Null where nothing was. Rejects as the source does.
 */
export async function findTellingLine(
  log: LogSource,
  openTail: (source: LogSource, file: LogFile) => LogTail,
  signal: AbortSignal,
): Promise<TellingLine | null> {
  const source = emptyWhereMissing(log);
  for (const file of FILES) {
    const hit = await firstError(openTail(source, file), signal);
    if (hit === null) continue;
    const line = hit.text.startsWith('Traceback (') ? await footOf(source, file, hit, signal) : hit;
    return { file, offset: line.offset, line: line.number - 1, text: clip(line.text) };
  }
  return lastComplaint(source, signal);
}

async function firstError(tail: LogTail, signal: AbortSignal): Promise<LogHit | null> {
  try {
    return await tail.firstError({ signal });
  } finally {
    tail.dispose();
  }
}

/** A log that is not there says nothing. */
function emptyWhereMissing(source: LogSource): LogSource {
  return {
    async read(file, from, length, options) {
      try {
        return await source.read(file, from, length, options);
      } catch (error) {
        if (!(error instanceof PandaError) || error.kind !== 'notFound') throw error;
        return { from, bytes: new Uint8Array(), size: 0 };
      }
    },
  };
}

function clip(text: string): string {
  return text.trim().slice(0, LONGEST_TEXT);
}

/** What was written to stderr last: most programs say there why they end. */
async function lastComplaint(source: LogSource, signal: AbortSignal): Promise<TellingLine | null> {
  const file = 'payload.stderr';
  const { size } = await source.read(file, 0, 1, { signal });
  const from = Math.max(0, size - TAIL);
  const { bytes } = await source.read(file, from, TAIL, { signal });
  // One character a byte, so that positions are offsets.
  const tail = Buffer.from(bytes).toString('latin1').trimEnd();
  const start = tail.lastIndexOf('\n') + 1;
  const text = clip(Buffer.from(tail.slice(start), 'latin1').toString('utf8'));
  return text === '' ? null : { file, offset: from + start, line: null, text };
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

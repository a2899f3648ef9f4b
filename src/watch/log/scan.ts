import type { LogFile, LogHit, LogSource } from '../api.ts';
import { cutOf } from './lines.ts';
import type { LineNumbers } from './lineNumbers.ts';

/**
 * What a line that tells of an error looks like in the logs of payloads: the levels of Python's and LSST's loggers, the
 * head of a traceback, the exception at its foot, and the last words of a shell or the system. A level may be coloured.
 */
export const ERROR_LINE =
  /(?:\b|(?<=\x1b\[[\d;]{1,8}m))(?:CRITICAL|FATAL|ERROR)\b|^Traceback \(most recent call last\)|^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)\b|^(?:fatal )?error:|\bfatal error\b|Segmentation fault|core dumped|terminate called|Out of memory|oom-kill|command not found|Permission denied|No such file or directory|No space left on device/mu;

/** Read in one go while scanning, bytes. */
const scanSize = 1024 * 1024;

export interface ScanOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, size: number) => void;
  /** Told where lines stand. */
  readonly numbers?: LineNumbers;
}

/**
 * The first line of a log that `pattern` (with the flag m, and no g or y) matches; null where none does. Holds one piece
 * of the log at a time. Rejects as the source does.
 */
export async function findLine(
  source: LogSource,
  file: LogFile,
  pattern: RegExp,
  options: ScanOptions = {},
): Promise<LogHit | null> {
  let offset = 0;
  let number = 1;
  let carried: Buffer = Buffer.alloc(0);
  for (;;) {
    options.signal?.throwIfAborted();
    const at = offset + carried.length;
    const readOptions = options.signal === undefined ? {} : { signal: options.signal };
    const piece = await source.read(file, at, scanSize, readOptions);
    const data = Buffer.concat([carried, piece.bytes]);
    const isEnd = piece.bytes.length === 0 || at + piece.bytes.length >= piece.size;
    const whole = isEnd ? data.length : wholeLines(data);
    options.numbers?.note(offset, number);
    const hit = search(data.subarray(0, whole), pattern, offset, number);
    if (hit !== null) {
      options.numbers?.note(hit.offset, hit.number);
      return hit;
    }
    options.onProgress?.(at + piece.bytes.length, piece.size);
    if (isEnd) return null;
    number += countLines(data.subarray(0, whole));
    offset += whole;
    carried = Buffer.from(data.subarray(whole));
  }
}

/** The length of the whole lines at the head of a piece; of a line that is longer than the piece, some parts. */
function wholeLines(data: Buffer): number {
  const end = data.lastIndexOf(0x0a);
  if (end !== -1) return end + 1;
  let start = 0;
  for (
    let cut = cutOf(data, start, data.length);
    cut !== data.length;
    cut = cutOf(data, start, data.length)
  ) {
    start = cut;
  }
  return start;
}

function search(data: Buffer, pattern: RegExp, offset: number, number: number): LogHit | null {
  // One character a byte, so that positions are offsets; the patterns are ASCII.
  const found = pattern.exec(data.toString('latin1'));
  if (found === null) return null;
  const newlineBefore = found.index === 0 ? -1 : data.lastIndexOf(0x0a, found.index - 1);
  let start = newlineBefore + 1;
  const next = data.indexOf(0x0a, found.index);
  const end = next === -1 ? data.length : next;
  let parts = 0;
  let cut = cutOf(data, start, end);
  while (cut <= found.index && cut !== end) {
    start = cut;
    parts += 1;
    cut = cutOf(data, start, end);
  }
  return {
    offset: offset + start,
    number: number + countLines(data.subarray(0, newlineBefore + 1)) + parts,
    text: data.toString('utf8', start, cut).replace(/\r$/u, ''),
  };
}

/** Lines, as a window would count them, in bytes that end with a line or with a part of one. */
function countLines(data: Buffer): number {
  let count = 0;
  let start = 0;
  while (start < data.length) {
    const next = data.indexOf(0x0a, start);
    const end = next === -1 ? data.length : next;
    const cut = cutOf(data, start, end);
    count += 1;
    start = cut === end ? end + 1 : cut;
  }
  return count;
}

import type { LogLine } from '../api.ts';

/** A longer line is cut into several, bytes. */
export const LONGEST_LINE = 16 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** What a log tail holds: the contiguous lines of bytes `[from, to)`, bounded in number and bytes. */
export class LineWindow {
  readonly #maxLines: number;
  readonly #maxBytes: number;
  #lines: LogLine[] = [];
  #from = 0;
  #to = 0;
  /** The bytes of the last line while its end has not come. */
  #open: Buffer = Buffer.alloc(0);
  #anchor: Buffer = Buffer.alloc(0);

  constructor(maxLines: number, maxBytes: number) {
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** The last bytes before `to`, as far as they are known: a file that has others there is another file. */
  get anchor(): Buffer {
    return this.#anchor;
  }

  /** Forgets all and begins with the bytes from `from` on. */
  reset(from: number, bytes: Uint8Array): void {
    this.#lines = [];
    this.#from = from;
    this.#to = from;
    this.#open = Buffer.alloc(0);
    this.#anchor = Buffer.alloc(0);
    this.append(bytes);
  }

  /** Takes the bytes that follow `to`. `replaced` is 1 where they went on with an unfinished last line. */
  append(bytes: Uint8Array): { lines: readonly LogLine[]; replaced: number; dropped: number } {
    if (bytes.length === 0) return { lines: [], replaced: 0, dropped: 0 };
    const replaced = this.#open.length > 0 ? 1 : 0;
    const data = Buffer.concat([this.#open, bytes]);
    const { lines, rest } = splitLines(data, this.#to - this.#open.length);
    this.#to += bytes.length;
    this.#open = Buffer.from(data.subarray(rest));
    this.#anchor = Buffer.from(Buffer.concat([this.#anchor, bytes]).subarray(-64));
    if (this.#open.length > 0) {
      const text = this.#open.toString('utf8', 0, wholeCharacters(this.#open));
      lines.push({ offset: this.#to - this.#open.length, text });
    }
    if (replaced > 0) this.#lines.pop();
    for (const line of lines) this.#lines.push(line);
    return { lines, replaced, dropped: this.#dropTop() };
  }

  /** Takes the bytes `[from, this.from)`, which begin where a line does. */
  prepend(from: number, bytes: Uint8Array): { lines: readonly LogLine[]; dropped: number } {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { lines, rest } = splitLines(data, from);
    // Without a line end before the window, its first line is the next part of a line that was cut.
    if (rest < data.length) lines.push({ offset: from + rest, text: data.toString('utf8', rest) });
    this.#lines = lines.concat(this.#lines);
    this.#from = from;
    return { lines, dropped: this.#dropEnd() };
  }

  #dropTop(): number {
    let dropped = 0;
    const last = this.#lines.length - 1;
    while (dropped < last) {
      const next = this.#lines[dropped + 1]?.offset ?? this.#to;
      const from = this.#lines[dropped]?.offset ?? this.#from;
      if (this.#lines.length - dropped <= this.#maxLines && this.#to - from <= this.#maxBytes) break;
      this.#from = next;
      dropped += 1;
    }
    this.#lines.splice(0, dropped);
    return dropped;
  }

  #dropEnd(): number {
    let kept = this.#lines.length;
    while (kept > 1 && (kept > this.#maxLines || this.#to - this.#from > this.#maxBytes)) {
      kept -= 1;
      this.#to = this.#lines[kept]?.offset ?? this.#to;
    }
    const dropped = this.#lines.length - kept;
    if (dropped > 0) {
      this.#lines.length = kept;
      this.#open = Buffer.alloc(0);
      this.#anchor = Buffer.alloc(0);
    }
    return dropped;
  }
}

/** The finished lines in bytes that begin at `offset` of the file; `rest` is where the unfinished one begins. */
function splitLines(bytes: Buffer, offset: number): { lines: LogLine[]; rest: number } {
  const lines: LogLine[] = [];
  let start = 0;
  const push = (end: number): void => {
    lines.push({ offset: offset + start, text: bytes.toString('utf8', start, end) });
  };
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    for (let cut = cutOf(bytes, start, end); cut !== end; cut = cutOf(bytes, start, end)) {
      push(cut);
      start = cut;
    }
    push(end > start && bytes[end - 1] === carriageReturn ? end - 1 : end);
    start = end + 1;
  }
  for (let cut = cutOf(bytes, start, bytes.length); cut !== bytes.length;) {
    push(cut);
    start = cut;
    cut = cutOf(bytes, start, bytes.length);
  }
  return { lines, rest: start };
}

/** Where a line is cut for its length, before a whole character; `end` where it need not be. */
export function cutOf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= LONGEST_LINE) return end;
  let cut = start + LONGEST_LINE;
  for (let back = 0; back < 3 && isContinuation(bytes[cut]); back += 1) cut -= 1;
  return cut;
}

/** Where the first whole line in bytes begins that were cut out of a file; the first whole character where none does. */
export function firstLineStart(bytes: Uint8Array): number {
  const end = bytes.indexOf(newline);
  if (end !== -1 && end + 1 < bytes.length) return end + 1;
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return start;
}

/** How many bytes are left when a last character whose bytes have not all come is taken away. */
function wholeCharacters(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= 3 && back <= end; back += 1) {
    const byte = bytes[end - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? end - back : end;
  }
  return end;
}

/** How many bytes the first `count` lines take; all where there are fewer. */
export function headOf(bytes: Uint8Array, count: number): number {
  let end = 0;
  for (let line = 0; line < count; line += 1) {
    const next = bytes.indexOf(newline, end);
    if (next === -1) return bytes.length;
    end = next + 1;
  }
  return end;
}

/** Where the last `count` lines begin; 0 where there are fewer. */
export function tailOf(bytes: Uint8Array, count: number): number {
  // The line end of the last line itself does not separate.
  let start = bytes.length;
  for (let line = 0; line < count; line += 1) {
    const before = start < 2 ? -1 : bytes.lastIndexOf(newline, start - 2);
    if (before === -1) return 0;
    start = before + 1;
  }
  return start;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

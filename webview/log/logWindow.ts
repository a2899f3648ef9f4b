import { type Chunk, indexChunk, isOpen, MAX_LINE_BYTES, openLineStart, rawLine } from './chunk.ts';

const NEWLINE = 10;
/** Small appends are joined to one chunk up to this size, so that a log that trickles in does not become a list of crumbs. */
const JOIN_BYTES = 64 * 1024;

export interface Limits {
  readonly bytes: number;
  readonly lines: number;
}

/** A line and the columns `[from, to)` of it that one row of the screen shows. */
export interface Row {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

interface Entry {
  readonly chunk: Chunk;
  /** First line and row of the chunk, counted from the window's. */
  readonly line: number;
  readonly row: number;
  /** First row of each line within the chunk, and at the end the number of rows. */
  readonly rowStarts: Uint32Array;
}

/**
 * The part of a log file that the page holds: bytes `[from, to)` without a gap, cut at lines, bounded. Lines and rows are
 * counted from the window's start. A row is what fits one screen line; all rows are equally high, so that scrolling needs
 * no measuring.
 */
export class LogWindow {
  #entries: Entry[] = [];
  #columns: number;
  readonly #limits: Limits;
  #from = 0;
  /** Number in the file of the window's first line, the first being 0; null while not known. */
  firstLine: number | null = 0;

  constructor(columns: number, limits: Limits) {
    this.#columns = columns;
    this.#limits = limits;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    const last = this.#entries.at(-1);
    return last === undefined ? this.#from : last.chunk.from + last.chunk.bytes.length;
  }

  get lines(): number {
    const last = this.#entries.at(-1);
    return last === undefined ? 0 : last.line + last.chunk.starts.length;
  }

  get rows(): number {
    const last = this.#entries.at(-1);
    return last === undefined ? 0 : last.row + rowsOf(last);
  }

  /** Empties the window and puts it at a place of the file. */
  reset(from: number, firstLine: number | null): void {
    this.#entries = [];
    this.#from = from;
    this.firstLine = firstLine;
  }

  /** Rows are as wide as this from now on. */
  setColumns(columns: number): void {
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#index(this.#entries.map((entry) => entry.chunk));
  }

  /** Adds what follows; drops lines at the start when there are too many. Returns how many rows were dropped. */
  append(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    const last = this.#entries.at(-1)?.chunk;
    const chunks = this.#entries.map((entry) => entry.chunk);
    if (last === undefined) {
      chunks.push(indexChunk(this.#from, bytes));
    } else if (last.bytes.length < JOIN_BYTES) {
      chunks.pop();
      chunks.push(indexChunk(last.from, join(last.bytes, bytes)));
    } else {
      const cut = openLineStart(last);
      const open = last.bytes.subarray(cut);
      if (open.length > 0 && open.length < MAX_LINE_BYTES && cut > 0) {
        chunks.pop();
        chunks.push(indexChunk(last.from, last.bytes.slice(0, cut)));
        chunks.push(indexChunk(last.from + cut, join(open, bytes)));
      } else {
        chunks.push(indexChunk(this.to, bytes));
      }
    }
    this.#index(chunks);
    return this.#dropStart();
  }

  /**
   * Adds what comes before: bytes that end where the window begins. A first line that began earlier is left out, unless
   * nothing would be left. Drops lines at the end when there are too many. Returns how many rows were added above.
   */
  prepend(from: number, bytes: Uint8Array): number {
    const cut = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const kept = cut < bytes.length ? bytes.subarray(cut) : bytes;
    if (kept.length === 0) return 0;
    const start = from + (bytes.length - kept.length);
    const chunk = indexChunk(start, kept);
    const rowsBefore = this.rows;
    this.#from = start;
    this.firstLine = start === 0 ? 0 : this.firstLine === null ? null : this.firstLine - chunk.starts.length;
    this.#index([chunk, ...this.#entries.map((entry) => entry.chunk)]);
    const added = this.rows - rowsBefore;
    this.#dropEnd();
    return added;
  }

  row(index: number): Row {
    const entry = this.#entryOf(index, 'row');
    if (entry === undefined) return { line: 0, from: 0, to: 0 };
    const inside = index - entry.row;
    const line = lastAtMost(entry.rowStarts, inside, entry.chunk.starts.length);
    const from = (inside - (entry.rowStarts[line] ?? 0)) * this.#columns;
    return { line: entry.line + line, from, to: from + this.#columns };
  }

  /** First row of a line. */
  rowOf(line: number): number {
    const entry = this.#entryOf(line, 'line');
    return entry === undefined ? 0 : entry.row + (entry.rowStarts[line - entry.line] ?? 0);
  }

  /** Columns of the widest line. */
  widest(): number {
    let widest = 0;
    for (const { chunk } of this.#entries)
      for (const width of chunk.widths) if (width > widest) widest = width;
    return Math.min(widest, this.#columns);
  }

  raw(line: number): string {
    const entry = this.#entryOf(line, 'line');
    return entry === undefined ? '' : rawLine(entry.chunk, line - entry.line);
  }

  /** Byte offset in the file of a line's start. */
  offsetOf(line: number): number {
    const entry = this.#entryOf(line, 'line');
    return entry === undefined ? this.#from : entry.chunk.from + (entry.chunk.starts[line - entry.line] ?? 0);
  }

  /** The line that holds a byte of the file; undefined where it is not in the window. */
  lineAt(offset: number): number | undefined {
    if (offset < this.#from || offset >= this.to) return undefined;
    const entry = this.#entries.findLast((candidate) => candidate.chunk.from <= offset);
    if (entry === undefined) return undefined;
    return entry.line + lastAtMost(entry.chunk.starts, offset - entry.chunk.from, entry.chunk.starts.length);
  }

  /** True when the last line has no newline yet. */
  get open(): boolean {
    const last = this.#entries.at(-1);
    return last !== undefined && isOpen(last.chunk);
  }

  #index(chunks: readonly Chunk[]): void {
    const known = new Map(this.#entries.map((entry) => [entry.chunk, entry.rowStarts]));
    const sameColumns = this.#entries[0] === undefined || this.#indexedFor === this.#columns;
    this.#indexedFor = this.#columns;
    const entries: Entry[] = [];
    let line = 0;
    let row = 0;
    for (const chunk of chunks) {
      const rowStarts = (sameColumns ? known.get(chunk) : undefined) ?? startsOfRows(chunk, this.#columns);
      const entry = { chunk, line, row, rowStarts };
      entries.push(entry);
      line += chunk.starts.length;
      row += rowsOf(entry);
    }
    this.#entries = entries;
  }
  #indexedFor = 0;

  #tooMuch(): boolean {
    return this.to - this.#from > this.#limits.bytes || this.lines > this.#limits.lines;
  }

  #dropStart(): number {
    const rows = this.rows;
    while (this.#entries.length > 1 && this.#tooMuch()) {
      const [dropped, ...kept] = this.#entries;
      this.#from = kept[0]?.chunk.from ?? this.#from;
      if (this.firstLine !== null) this.firstLine += dropped?.chunk.starts.length ?? 0;
      this.#index(kept.map((entry) => entry.chunk));
    }
    return rows - this.rows;
  }

  #dropEnd(): void {
    while (this.#entries.length > 1 && this.#tooMuch()) {
      this.#entries.pop();
    }
  }

  #entryOf(index: number, by: 'line' | 'row'): Entry | undefined {
    let low = 0;
    let high = this.#entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#entries[middle]?.[by] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#entries[low];
  }
}

function startsOfRows(chunk: Chunk, columns: number): Uint32Array {
  const starts = new Uint32Array(chunk.widths.length + 1);
  let row = 0;
  for (const [line, width] of chunk.widths.entries()) {
    starts[line] = row;
    row += Math.max(1, Math.ceil(width / columns));
  }
  starts[chunk.widths.length] = row;
  return starts;
}

function rowsOf(entry: Entry): number {
  return entry.rowStarts[entry.chunk.starts.length] ?? 0;
}

/** Index of the last of the first `count` ascending numbers that is at most `value`. */
function lastAtMost(numbers: Uint32Array, value: number, count: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

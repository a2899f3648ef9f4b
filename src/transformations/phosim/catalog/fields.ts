const BLANK = 32;
const HASH = 35;
const BEYOND_ASCII = 0x80;

/** More fields than any object line has; those behind it are not looked at. */
const MOST_FIELDS = 64;

/** The words of one line, as places in its bytes; one object is used again and again. */
export class Fields {
  readonly starts = new Int32Array(MOST_FIELDS);
  readonly ends = new Int32Array(MOST_FIELDS);
  count = 0;
  /** Where a comment begins; -1 without one. */
  hash = -1;
  /** Some byte is not ASCII. */
  beyondAscii = false;

  /** Splits at blanks and control characters, up to a `#`. */
  split(bytes: Uint8Array, from: number, to: number): void {
    let count = 0;
    let all = 0;
    let inside = false;
    this.hash = -1;
    let at = from;
    for (; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      all |= byte;
      if (byte > BLANK) {
        if (byte === HASH) break;
        if (!inside) {
          if (count === MOST_FIELDS) break;
          this.starts[count] = at;
          inside = true;
        }
      } else if (inside) {
        this.ends[count] = at;
        count += 1;
        inside = false;
      }
    }
    if (inside) {
      this.ends[count] = at;
      count += 1;
    }
    if (bytes[at] === HASH && at < to) this.hash = at;
    for (; at < to; at += 1) all |= bytes[at] ?? 0;
    this.count = count;
    this.beyondAscii = all >= BEYOND_ASCII;
  }

  start(index: number): number {
    return this.starts[index] ?? 0;
  }

  end(index: number): number {
    return this.ends[index] ?? 0;
  }
}

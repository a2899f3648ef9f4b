/** phoSim reads lines into buffers of 4,096 bytes, the last of them a NUL. */
export const LONGEST_LINE = 4095;

const NEWLINE = 10;
const RETURN = 13;

/** Takes one line: its bytes without the line end, and its number from 1. The bytes are good until it returns. */
export interface LineTaker {
  line(bytes: Uint8Array, from: number, to: number, number: number): void;
  /** A line of more than LONGEST_LINE bytes, which is not kept. */
  longLine(number: number): void;
}

/** Cuts pieces of a file into lines, wherever the pieces end, in bounded memory. */
export class LineReader {
  readonly #taker: LineTaker;
  /** The begin of a line whose end has not come yet. */
  readonly #rest = new Uint8Array(LONGEST_LINE + 1);
  #restLength = 0;
  /** The line under way is too long and told already. */
  #skipping = false;
  #number = 1;
  /** The file ended without a line end. */
  #unfinished = false;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  /** The number of the line under way. */
  get number(): number {
    return this.#number;
  }

  /** Lines so far. */
  get count(): number {
    return this.#restLength > 0 || this.#skipping || this.#unfinished ? this.#number : this.#number - 1;
  }

  push(piece: Uint8Array): void {
    let from = 0;
    for (;;) {
      const end = piece.indexOf(NEWLINE, from);
      if (end < 0) break;
      if (this.#skipping) this.#skipping = false;
      else if (this.#restLength > 0) {
        this.#keep(piece, from, end);
        this.#takeRest();
        this.#skipping = false;
      } else this.#take(piece, from, end);
      this.#number += 1;
      from = end + 1;
    }
    if (from < piece.length && !this.#skipping) this.#keep(piece, from, piece.length);
  }

  /** Takes the last line where the file ends without a line end. */
  end(): void {
    this.#unfinished ||= this.#restLength > 0 || this.#skipping;
    this.#takeRest();
  }

  #keep(piece: Uint8Array, from: number, to: number): void {
    if (this.#restLength + to - from > LONGEST_LINE + 1) {
      this.#restLength = 0;
      this.#skipping = true;
      this.#taker.longLine(this.#number);
      return;
    }
    this.#rest.set(piece.subarray(from, to), this.#restLength);
    this.#restLength += to - from;
  }

  #takeRest(): void {
    if (this.#restLength > 0) this.#take(this.#rest, 0, this.#restLength);
    this.#restLength = 0;
  }

  #take(bytes: Uint8Array, from: number, end: number): void {
    const to = end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    if (to - from > LONGEST_LINE) this.#taker.longLine(this.#number);
    else this.#taker.line(bytes, from, to, this.#number);
  }
}

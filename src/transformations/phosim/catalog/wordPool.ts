const FIRST_SLOTS = 1 << 12;
const FIRST_BYTES = 1 << 16;
/** Words and bytes that are kept; words beyond are made anew each time. */
const MOST_WORDS = 1 << 17;
const MOST_BYTES = 1 << 23;

/**
 * Gives the same string for the same bytes without making it again: a million lines name a few thousand spectra and a
 * handful of models. In bounded memory.
 */
export class WordPool {
  readonly #words: string[] = [];
  /** Where the bytes of each word end; they follow each other. */
  readonly #ends: number[] = [];
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  /** Number of a word plus one; 0 is an empty slot. */
  #slots = new Int32Array(FIRST_SLOTS);

  /** The bytes from `from` up to `to`, which must be ASCII. */
  word(bytes: Uint8Array, from: number, to: number): string {
    const hash = hashOf(bytes, from, to);
    let slot = hash & (this.#slots.length - 1);
    for (;;) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) break;
      if (this.#matches(number - 1, bytes, from, to)) return this.#words[number - 1] ?? '';
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    const word = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    if (this.#words.length < MOST_WORDS && this.#used + to - from <= MOST_BYTES) {
      this.#keep(word, bytes, from, to);
      this.#slots[slot] = this.#words.length;
      if (this.#words.length * 2 > this.#slots.length) this.#grow();
    }
    return word;
  }

  #matches(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    const end = this.#ends[number] ?? 0;
    const start = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
    if (end - start !== to - from) return false;
    const shift = from - start;
    for (let at = start; at < end; at += 1) if (this.#bytes[at] !== bytes[at + shift]) return false;
    return true;
  }

  #keep(word: string, bytes: Uint8Array, from: number, to: number): void {
    while (this.#used + to - from > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(from, to), this.#used);
    this.#used += to - from;
    this.#words.push(word);
    this.#ends.push(this.#used);
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    for (let number = 0; number < this.#words.length; number += 1) {
      const start = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
      let slot = hashOf(this.#bytes, start, this.#ends[number] ?? 0) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

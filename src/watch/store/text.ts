import { enlarge } from './arrays.ts';

/**
 * Texts kept once each, as UTF-8 in one growing piece of memory, and named by small numbers. A million different names
 * cost about their own length and a dozen bytes each, where strings in a Map cost ten times that. 0 stands for no text.
 */
export class TextTable {
  #arena = Buffer.alloc(1024);
  /** Where text `i` begins; it ends where the next begins. */
  #starts = new Uint32Array(64);
  #count = 1;
  /** Open addressing: the number of a text, or 0 for a free slot. */
  #slots = new Uint32Array(128);

  /** One more than the highest number given out. */
  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#arena.byteLength + this.#starts.byteLength + this.#slots.byteLength;
  }

  /** The text with a number, null for 0. */
  at(index: number): string | null {
    if (index <= 0 || index >= this.#count) return null;
    return this.#arena.toString('utf8', this.#starts[index], this.#starts[index + 1]);
  }

  /** The number of a text; undefined where it was never added. */
  find(text: string | null): number | undefined {
    if (text === null) return 0;
    const index = this.#slots[this.#probe(text.toWellFormed())];
    return index === 0 ? undefined : index;
  }

  /** The number of a text, a new one where needed. Halves of surrogate pairs become U+FFFD, as UTF-8 cannot hold them. */
  add(given: string | null): number {
    if (given === null) return 0;
    const text = given.toWellFormed();
    const slot = this.#probe(text);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known;
    const index = this.#count;
    this.#slots[slot] = index;
    this.#write(index, text);
    this.#count += 1;
    if (this.#count * 4 > this.#slots.length * 3) this.#rehash();
    return index;
  }

  #write(index: number, text: string): void {
    const start = this.#starts[index] ?? 0;
    const length = Buffer.byteLength(text);
    if (start + length > this.#arena.length) {
      const grown = Buffer.alloc(Math.ceil((start + length) * 1.25));
      this.#arena.copy(grown);
      this.#arena = grown;
    }
    this.#arena.write(text, start);
    if (index + 2 > this.#starts.length) this.#starts = enlarge(this.#starts, Uint32Array);
    this.#starts[index + 1] = start + length;
  }

  /** The slot that holds a text, or the free one where it belongs. */
  #probe(text: string): number {
    const mask = this.#slots.length - 1;
    let slot = hashText(text) & mask;
    for (;;) {
      const index = this.#slots[slot] ?? 0;
      if (index === 0 || this.#equals(index, text)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(index: number, text: string): boolean {
    const start = this.#starts[index] ?? 0;
    const end = this.#starts[index + 1] ?? 0;
    // Every UTF-16 unit takes between one and three bytes.
    if (end - start < text.length || end - start > text.length * 3) return false;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80) return this.at(index) === text;
      if (unit !== this.#arena[start + at]) return false;
    }
    return end - start === text.length;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let index = 1; index < this.#count; index += 1) {
      const mask = this.#slots.length - 1;
      let slot = hashText(this.at(index) ?? '') & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

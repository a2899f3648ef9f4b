const FIRST_SLOTS = 1 << 12;
const LOAD = 0.75;

/**
 * Remembers words by 64 bits each, in flat memory: millions of them fit where strings would not. Two different words are
 * taken for the same once in some million million millions.
 */
export class FingerprintSet {
  /** Two numbers a slot; both zero is an empty one. */
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #count = 0;
  readonly #limit: number;

  /** Keeps at most `limit` words. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True once the limit is reached: words that are new are no longer remembered. */
  get isFull(): boolean {
    return this.#count >= this.#limit;
  }

  /** Adds the bytes from `from` up to `to`; true when they were there before. */
  has(bytes: Uint8Array, from: number, to: number): boolean {
    let high = 0x811c9dc5;
    let low = 0x9e3779b9;
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      high = Math.imul(high ^ byte, 0x01000193);
      low = Math.imul(low ^ (byte + at - from), 0x85ebca6b);
      low ^= low >>> 15;
    }
    low = Math.imul(low ^ (high >>> 13), 0xc2b2ae35);
    // No word may look like an empty slot.
    return this.#find(high >>> 0, (low | 1) >>> 0);
  }

  #find(high: number, low: number): boolean {
    const mask = this.#slots.length / 2 - 1;
    let slot = (high ^ (low >>> 7)) & mask;
    for (;;) {
      const there = this.#slots[2 * slot + 1] ?? 0;
      if (there === 0) break;
      if (there === low && this.#slots[2 * slot] === high) return true;
      slot = (slot + 1) & mask;
    }
    if (this.isFull) return false;
    this.#slots[2 * slot] = high;
    this.#slots[2 * slot + 1] = low;
    this.#count += 1;
    if (this.#count > LOAD * (mask + 1)) this.#grow();
    return false;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    const mask = old.length - 1;
    for (let index = 0; index < old.length; index += 2) {
      const high = old[index] ?? 0;
      const low = old[index + 1] ?? 0;
      if (low === 0) continue;
      let slot = (high ^ (low >>> 7)) & mask;
      while (this.#slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      this.#slots[2 * slot] = high;
      this.#slots[2 * slot + 1] = low;
    }
  }
}

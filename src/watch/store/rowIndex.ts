import { enlarge } from './arrays.ts';

/** Finds the row of a PandaID, and keeps rows in the order of their PandaIDs. */
export class JobIndex {
  /** The PandaID of each row, grown by the owner; NaN where there is no job. */
  readonly #ids: () => Float64Array;
  /** Open addressing: row + 1, or 0 for a free slot. */
  #slots = new Uint32Array(2048);
  #size = 0;
  /** Rows by ascending PandaID up to `#sorted`, behind it as they came. */
  #order = new Uint32Array(1024);
  #sorted = 0;

  constructor(ids: () => Float64Array) {
    this.#ids = ids;
  }

  get size(): number {
    return this.#size;
  }

  /** All rows by ascending PandaID; good until the next change. */
  get ascending(): Uint32Array {
    this.#settle();
    return this.#order.subarray(0, this.#size);
  }

  find(pandaId: number): number | undefined {
    const row = this.#slots[this.#probe(pandaId)] ?? 0;
    return row === 0 ? undefined : row - 1;
  }

  /** Adds a row whose PandaID is set and not in the index. */
  add(row: number): void {
    const ids = this.#ids();
    const pandaId = ids[row] ?? NaN;
    this.#slots[this.#probe(pandaId)] = row + 1;
    if (this.#size === this.#order.length) this.#order = enlarge(this.#order, Uint32Array);
    const newest = this.#order[this.#size - 1] ?? 0;
    if (this.#sorted === this.#size && (this.#size === 0 || (ids[newest] ?? NaN) < pandaId))
      this.#sorted += 1;
    this.#order[this.#size] = row;
    this.#size += 1;
    if (this.#size * 4 > this.#slots.length * 3) this.#rehash();
  }

  /** Takes rows out, before their PandaIDs are cleared. */
  remove(rows: ReadonlySet<number>): void {
    if (rows.size === 0) return;
    this.#settle();
    let kept = 0;
    for (let at = 0; at < this.#size; at += 1) {
      const row = this.#order[at] ?? 0;
      if (!rows.has(row)) this.#order[kept++] = row;
    }
    for (const row of rows) this.#vacate(this.#probe(this.#ids()[row] ?? NaN));
    this.#size = kept;
    this.#sorted = kept;
  }

  #probe(pandaId: number): number {
    const ids = this.#ids();
    const mask = this.#slots.length - 1;
    let slot = hashId(pandaId) & mask;
    for (;;) {
      const row = this.#slots[slot] ?? 0;
      if (row === 0 || ids[row - 1] === pandaId) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Frees a slot and moves those that were pushed past it back, so that no search ends too early. */
  #vacate(freed: number): void {
    const ids = this.#ids();
    const mask = this.#slots.length - 1;
    let hole = freed;
    let slot = (hole + 1) & mask;
    for (let row = this.#slots[slot] ?? 0; row !== 0; row = this.#slots[slot] ?? 0) {
      const home = hashId(ids[row - 1] ?? NaN) & mask;
      // The entry may move back unless its home lies behind the hole.
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        this.#slots[hole] = row;
        hole = slot;
      }
      slot = (slot + 1) & mask;
    }
    this.#slots[hole] = 0;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const ids = this.#ids();
    for (let at = 0; at < this.#size; at += 1) {
      const row = this.#order[at] ?? 0;
      this.#slots[this.#probe(ids[row] ?? NaN)] = row + 1;
    }
  }

  /** Sorts what came out of order and merges it in: cheap where ids arrive in blocks, whatever order the blocks have. */
  #settle(): void {
    const late = this.#size - this.#sorted;
    if (late === 0) return;
    const ids = this.#ids();
    const lateIds = new Float64Array(late);
    for (let at = 0; at < late; at += 1) lateIds[at] = ids[this.#order[this.#sorted + at] ?? 0] ?? NaN;
    lateIds.sort();
    let from = this.#sorted - 1;
    let lateFrom = late - 1;
    for (let to = this.#size - 1; lateFrom >= 0; to -= 1) {
      const row = this.#order[from] ?? 0;
      const lateId = lateIds[lateFrom] ?? NaN;
      if (from >= 0 && (ids[row] ?? NaN) > lateId) {
        this.#order[to] = row;
        from -= 1;
      } else {
        this.#order[to] = this.find(lateId) ?? 0;
        lateFrom -= 1;
      }
    }
    this.#sorted = this.#size;
  }
}

/** PandaIDs are mostly consecutive: spreads both halves of the number. */
function hashId(pandaId: number): number {
  const high = Math.floor(pandaId / 0x100000000);
  const mixed = Math.imul((pandaId >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** Places kept at most; beyond, every second one is forgotten. */
const most = 4096;

interface Place {
  readonly offset: number;
  readonly number: number;
}

/** Which number some lines of a file have: a sparse index, bounded however long the file is. */
export class LineNumbers {
  /** By ascending offset of a line's first byte. */
  #places: Place[] = [];

  /** Notes that the line that begins at `offset` is line `number`. */
  note(offset: number, number: number): void {
    const at = this.#after(offset);
    if (this.#places[at - 1]?.offset === offset) return;
    this.#places.splice(at, 0, { offset, number });
    if (this.#places.length > most) this.#places = this.#places.filter((_, index) => index % 2 === 0);
  }

  /** A line in `[from, to)` whose number is known. */
  find(from: number, to: number): Place | undefined {
    const place = this.#places[this.#after(from - 1)];
    return place !== undefined && place.offset < to ? place : undefined;
  }

  clear(): void {
    this.#places = [];
  }

  /** The position of the first place beyond `offset`. */
  #after(offset: number): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle]?.offset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the sources lie, for a map. */
export interface SkyMap {
  /** Box around all sources, degrees; with `raMin` below 0 where it lies across 0. */
  readonly box: {
    readonly raMin: number;
    readonly raMax: number;
    readonly decMin: number;
    readonly decMax: number;
  };
  /** Cells along each side of the grid. */
  readonly size: number;
  /** Side of a cell, degrees in RA and in Dec alike. */
  readonly cell: number;
  /** RA and Dec of the corner of the first cell, degrees. */
  readonly origin: readonly [ra: number, dec: number];
  /** Sources in each cell, row by row from the south, RA growing along a row. */
  readonly counts: readonly number[];
}

const SIZE = 64;
const FIRST_CELL = 1 / 1024;

/** Counts sources on a grid that grows with them, in the memory of one grid. */
export class SkyMapper {
  #counts = new Uint32Array(SIZE * SIZE);
  #cell = FIRST_CELL;
  #ra0 = 0;
  #dec0 = 0;
  /** All right ascensions are taken within half a turn of the first, so that a field across 0 stays whole. */
  #first = Number.NaN;
  #raMin = Number.POSITIVE_INFINITY;
  #raMax = Number.NEGATIVE_INFINITY;
  #decMin = Number.POSITIVE_INFINITY;
  #decMax = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return Number.isNaN(this.#first);
  }

  add(rightAscension: number, dec: number): void {
    if (this.isEmpty) this.#begin(rightAscension, dec);
    let ra = rightAscension;
    if (ra - this.#first > 180) ra -= 360;
    else if (ra - this.#first < -180) ra += 360;
    if (ra < this.#raMin) this.#raMin = ra;
    if (ra > this.#raMax) this.#raMax = ra;
    if (dec < this.#decMin) this.#decMin = dec;
    if (dec > this.#decMax) this.#decMax = dec;
    let x = Math.floor((ra - this.#ra0) / this.#cell);
    let y = Math.floor((dec - this.#dec0) / this.#cell);
    while (x < 0 || y < 0 || x >= SIZE || y >= SIZE) {
      this.#double(x < 0, y < 0);
      x = Math.floor((ra - this.#ra0) / this.#cell);
      y = Math.floor((dec - this.#dec0) / this.#cell);
    }
    const index = y * SIZE + x;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  /** Undefined without any source. */
  result(): SkyMap | undefined {
    if (this.isEmpty) return undefined;
    return {
      box: { raMin: this.#raMin, raMax: this.#raMax, decMin: this.#decMin, decMax: this.#decMax },
      size: SIZE,
      cell: this.#cell,
      origin: [this.#ra0, this.#dec0],
      counts: Array.from(this.#counts),
    };
  }

  /** Sources within so many degrees of a place, and perhaps some more: as many as the cells have that it touches. */
  atMostWithin(radius: number, ra: number, dec: number): number {
    const reach = radius + this.#cell * Math.SQRT1_2;
    return this.#counts.reduce((sum, count, index) => {
      if (count === 0) return sum;
      const cellRa = this.#ra0 + ((index % SIZE) + 0.5) * this.#cell;
      const cellDec = this.#dec0 + (Math.floor(index / SIZE) + 0.5) * this.#cell;
      return distance(ra, dec, cellRa, cellDec) <= reach ? sum + count : sum;
    }, 0);
  }

  #begin(ra: number, dec: number): void {
    this.#first = ra;
    this.#ra0 = ra - (SIZE / 2) * this.#cell;
    this.#dec0 = dec - (SIZE / 2) * this.#cell;
  }

  /** Twice the cell: the old grid becomes one quarter of the new, at the side away from where room is needed. */
  #double(westward: boolean, southward: boolean): void {
    const old = this.#counts;
    const shiftX = westward ? SIZE / 2 : 0;
    const shiftY = southward ? SIZE / 2 : 0;
    this.#counts = new Uint32Array(SIZE * SIZE);
    for (let y = 0; y < SIZE; y += 1) {
      const row = (shiftY + (y >> 1)) * SIZE + shiftX;
      for (let x = 0; x < SIZE; x += 1) {
        const index = row + (x >> 1);
        this.#counts[index] = (this.#counts[index] ?? 0) + (old[y * SIZE + x] ?? 0);
      }
    }
    if (westward) this.#ra0 -= SIZE * this.#cell;
    if (southward) this.#dec0 -= SIZE * this.#cell;
    this.#cell *= 2;
  }
}

/** Degrees between two places on the sky. */
function distance(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const radians = Math.PI / 180;
  const half = (degrees: number): number => Math.sin((degrees * radians) / 2) ** 2;
  const chord = half(dec2 - dec1) + Math.cos(dec1 * radians) * Math.cos(dec2 * radians) * half(ra2 - ra1);
  return (2 * Math.asin(Math.sqrt(Math.min(1, Math.max(0, chord))))) / radians;
}

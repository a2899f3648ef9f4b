import type { ByteSource } from './byteSource.ts';
import { pixelBytes, pixelStart, rowsThere, type FitsImage } from './image.ts';
import { decodePixels } from './pixels.ts';
import { limitsOf, quantile, Tally, type LimitName, type Limits, type Statistics } from './statistics.ts';

/** A small picture of a plane, and what is known of its values. */
export interface Overview {
  /** Pixels of the image on a side of one of the overview; a power of two. */
  readonly factor: number;
  readonly width: number;
  readonly height: number;
  /** Means of the finite pixels below, the first row first; NaN where there are none. */
  readonly values: Float32Array;
  readonly statistics: Statistics;
  readonly limits: Readonly<Record<LimitName, Limits>>;
  /** Every pixel was looked at; else one row of each `factor`. */
  readonly exact: boolean;
}

export interface OverviewOptions {
  readonly signal?: AbortSignal;
  /** Share of the rows that were read, 0–1. */
  readonly onProgress?: (share: number) => void;
  /** Reads only one row of those that come together. */
  readonly quick?: boolean;
}

/** Pixels on a side that an overview has at most. */
const OVERVIEW_SIDE = 1024;
/** Pixels decoded without a pause: a few milliseconds. */
const SLICE = 256 * 1024;
/** Values that limits and median are found from. */
const SAMPLE = 100_000;

function overviewFactor({ width, height }: Pick<FitsImage, 'width' | 'height'>): number {
  let factor = 1;
  while (Math.max(width, height) > OVERVIEW_SIDE * factor) factor *= 2;
  return factor;
}

/** Reads a plane once, in slices: memory does not grow with the image. Rejects as the source does. */
export async function readOverview(
  source: ByteSource,
  image: FitsImage,
  plane: number,
  options: OverviewOptions = {},
): Promise<Overview> {
  const factor = overviewFactor(image);
  const step = options.quick === true ? factor : 1;
  const rows = rowsThere(image, plane);
  const picture = new Picture(image, factor);
  const sample = new Sample(image.width * Math.ceil(rows / step));
  const tally = new Tally();
  const perRead = step > 1 ? 1 : Math.max(1, Math.floor(SLICE / image.width));
  const values = new Float64Array(perRead * image.width);
  let reported = 0;
  for (let row = 0; row < rows; row += perRead * step) {
    const count = Math.min(perRead, rows - row);
    const length = count * image.width * pixelBytes(image.format);
    const bytes = await source.read(pixelStart(image, plane, 0, row), length);
    options.signal?.throwIfAborted();
    const pixels = Math.floor(bytes.length / pixelBytes(image.format));
    decodePixels(bytes, image.format, pixels, values);
    values.fill(Number.NaN, pixels);
    for (let i = 0; i < count; i += 1) {
      const from = i * image.width;
      tally.add(values, from, from + image.width);
      picture.add(row + i, values, from, from + image.width);
      sample.add(values, from, from + image.width);
    }
    if (row / rows - reported > 0.02) options.onProgress?.((reported = row / rows));
  }
  const sorted = sample.sorted();
  const statistics = tally.statistics(quantile(sorted, 0.5));
  const limits = limitsOf(sorted, statistics);
  return { ...picture.finish(), factor, statistics, limits, exact: step === 1 };
}

/** Means over squares of `factor` pixels, row by row. */
class Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  readonly #factor: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  #line = 0;

  constructor({ width, height }: FitsImage, factor: number) {
    this.#factor = factor;
    this.width = Math.ceil(width / factor);
    this.height = Math.ceil(height / factor);
    this.values = new Float32Array(this.width * this.height).fill(Number.NaN);
    this.#sums = new Float64Array(this.width);
    this.#counts = new Uint32Array(this.width);
  }

  add(row: number, values: Float64Array, from: number, to: number): void {
    const line = Math.floor(row / this.#factor);
    if (line !== this.#line) this.#write();
    this.#line = line;
    const sums = this.#sums;
    const counts = this.#counts;
    for (let column = 0, at = from; column < sums.length; column += 1) {
      const end = Math.min(at + this.#factor, to);
      for (; at < end; at += 1) {
        const value = values[at] ?? 0;
        if (value - value !== 0) continue;
        sums[column] = (sums[column] ?? 0) + value;
        counts[column] = (counts[column] ?? 0) + 1;
      }
    }
  }

  finish(): Pick<Overview, 'width' | 'height' | 'values'> {
    this.#write();
    return { width: this.width, height: this.height, values: this.values };
  }

  #write(): void {
    const start = this.#line * this.width;
    for (let column = 0; column < this.width; column += 1) {
      const count = this.#counts[column] ?? 0;
      if (count > 0) this.values[start + column] = (this.#sums[column] ?? 0) / count;
    }
    this.#sums.fill(0);
    this.#counts.fill(0);
  }
}

/** Every so many pixels, across rows: a stride without small factors, so that no column is always met. */
class Sample {
  readonly #stride: number;
  readonly #values: Float64Array;
  #next = 0;
  #count = 0;

  constructor(pixels: number) {
    const stride = Math.ceil(pixels / SAMPLE);
    this.#stride = stride < 11 ? stride : coprime(stride);
    this.#values = new Float64Array(Math.ceil(pixels / this.#stride));
  }

  add(values: Float64Array, from: number, to: number): void {
    let at = from + this.#next;
    for (; at < to; at += this.#stride) {
      const value = values[at] ?? 0;
      if (value - value === 0) this.#values[this.#count++] = value;
    }
    this.#next = at - to;
  }

  sorted(): Float64Array {
    return this.#values.slice(0, this.#count).sort();
  }
}

/** The next number that 2, 3, 5 and 7 do not divide. */
function coprime(number: number): number {
  let found = number;
  while ([2, 3, 5, 7].some((factor) => found % factor === 0)) found += 1;
  return found;
}

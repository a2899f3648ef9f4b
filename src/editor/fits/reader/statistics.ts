/** What is known of the values of an image. */
export interface Statistics {
  /** Pixels that were looked at, and those of them without a finite value. */
  readonly pixels: number;
  readonly blank: number;
  /** NaN where no pixel has a value. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  /** Of a sample. */
  readonly median: number;
}

/** Values that are shown as the darkest and the lightest. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

const limitNames = ['min–max', 'zscale', '99.9 %', '99.5 %', '99 %', '98 %', '95 %', '90 %'] as const;

export type LimitName = (typeof limitNames)[number];

/** Gathers statistics row by row: exact, and stable for values far from 0. */
export class Tally {
  pixels = 0;
  min = Number.NaN;
  max = Number.NaN;
  #count = 0;
  #mean = 0;
  /** Sum of squares of the distances from the mean. */
  #squares = 0;

  add(values: Float64Array, from: number, to: number): void {
    let count = 0;
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    for (let i = from; i < to; i += 1) {
      const value = values[i] ?? 0;
      if (value - value !== 0) continue; // NaN or infinite.
      count += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.pixels += to - from;
    if (count === 0) return;
    const mean = sum / count;
    let squares = 0;
    for (let i = from; i < to; i += 1) {
      const distance = (values[i] ?? 0) - mean;
      if (distance - distance === 0) squares += distance * distance;
    }
    this.#merge(count, mean, squares);
    if (!(this.min <= min)) this.min = min;
    if (!(this.max >= max)) this.max = max;
  }

  statistics(median: number): Statistics {
    const none = this.#count === 0;
    return {
      pixels: this.pixels,
      blank: this.pixels - this.#count,
      min: this.min,
      max: this.max,
      mean: none ? Number.NaN : this.#mean,
      deviation: none ? Number.NaN : Math.sqrt(this.#squares / this.#count),
      median,
    };
  }

  #merge(count: number, mean: number, squares: number): void {
    const total = this.#count + count;
    const distance = mean - this.#mean;
    this.#squares += squares + (distance * distance * this.#count * count) / total;
    this.#mean += (distance * count) / total;
    this.#count = total;
  }
}

/** The value below which a share of a sorted sample lies; NaN for an empty one. */
export function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The limits there are to choose from, by name. `sorted`: finite values of a sample. */
export function limitsOf(
  sorted: Float64Array,
  { min, max }: Statistics,
): Readonly<Record<LimitName, Limits>> {
  const named = limitNames.map((name): readonly [LimitName, Limits] => {
    if (name === 'min–max') return [name, { low: min, high: max }];
    if (name === 'zscale') return [name, zscale(sorted)];
    const cut = (1 - Number.parseFloat(name) / 100) / 2;
    return [name, { low: quantile(sorted, cut), high: quantile(sorted, 1 - cut) }];
  });
  return Object.fromEntries(named) as Record<LimitName, Limits>;
}

const ZSCALE_SAMPLE = 1000;
const CONTRAST = 0.25;
const REJECT = 2.5;
const ROUNDS = 5;

/**
 * Limits around the median that follow the slope of the sorted values, as IRAF's display task finds them: sky and faint
 * things are told apart however bright the stars are.
 */
export function zscale(sorted: Float64Array): Limits {
  const count = Math.min(sorted.length, ZSCALE_SAMPLE);
  const sample = Float64Array.from({ length: count }, (_, i) =>
    quantile(sorted, count < 2 ? 0 : i / (count - 1)),
  );
  const low = sample[0] ?? Number.NaN;
  const high = sample.at(-1) ?? Number.NaN;
  const line = fitLine(sample);
  if (line === undefined) return { low, high };
  const slope = line.slope / CONTRAST;
  const middle = (count - 1) / 2;
  const median = quantile(sample, 0.5);
  return { low: Math.max(low, median - middle * slope), high: Math.min(high, median + middle * slope) };
}

interface Line {
  readonly slope: number;
  readonly start: number;
}

/** A straight line through the values by index, without those far from it; undefined where too few are left. */
function fitLine(sample: Float64Array): Line | undefined {
  const fewest = Math.max(5, Math.floor(sample.length / 2));
  const isGood = new Uint8Array(sample.length).fill(1);
  let line: Line | undefined;
  let good = sample.length;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (good < fewest) return undefined;
    line = leastSquares(sample, isGood);
    const left = reject(sample, isGood, line);
    if (left === good) break;
    good = left;
  }
  return good < fewest ? undefined : line;
}

function leastSquares(sample: Float64Array, isGood: Uint8Array): Line {
  let n = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  sample.forEach((value, index) => {
    if (isGood[index] !== 1) return;
    n += 1;
    x += index;
    y += value;
    xx += index * index;
    xy += index * value;
  });
  const slope = (n * xy - x * y) / (n * xx - x * x);
  return { slope, start: (y - slope * x) / n };
}

/** Takes out what is far from the line, with its neighbours; returns how many are left. */
function reject(sample: Float64Array, isGood: Uint8Array, line: Line): number {
  const distances = sample.map((value, index) => value - line.start - line.slope * index);
  let count = 0;
  let squares = 0;
  distances.forEach((distance, index) => {
    if (isGood[index] !== 1) return;
    count += 1;
    squares += distance * distance;
  });
  const furthest = REJECT * Math.sqrt(squares / count);
  const reach = Math.max(1, Math.floor(sample.length * 0.005));
  distances.forEach((distance, index) => {
    if (Math.abs(distance) > furthest) isGood.fill(0, Math.max(0, index - reach), index + reach + 1);
  });
  return isGood.reduce((sum, good) => sum + good, 0);
}

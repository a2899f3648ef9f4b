/** How bright the sources are. */
export interface Magnitudes {
  readonly range: readonly [brightest: number, faintest: number];
  /** Sources by magnitude: `counts[i]` from `from + i × step`; the first and last take in what lies beyond. */
  readonly histogram: { readonly from: number; readonly step: number; readonly counts: readonly number[] };
}

const STEP = 0.5;
const FROM = -10;
const TO = 50;
const BINS = (TO - FROM) / STEP;

export class MagnitudeCounter {
  readonly #counts = new Uint32Array(BINS);
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(magnitude: number): void {
    if (magnitude < this.#min) this.#min = magnitude;
    if (magnitude > this.#max) this.#max = magnitude;
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((magnitude - FROM) / STEP)));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  /** Undefined without any source; the histogram is cut to where there are some. */
  result(): Magnitudes | undefined {
    if (this.#max < this.#min) return undefined;
    const first = this.#counts.findIndex((count) => count > 0);
    const last = this.#counts.findLastIndex((count) => count > 0);
    return {
      range: [this.#min, this.#max],
      histogram: {
        from: FROM + first * STEP,
        step: STEP,
        counts: Array.from(this.#counts.subarray(first, last + 1)),
      },
    };
  }
}

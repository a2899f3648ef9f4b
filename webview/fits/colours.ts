import type { ColourMap, Limits, Stretch } from '../../src/editor/fits/messages.ts';

/** Colours between which the others lie, dark to light. Viridis by its designers (CC0), at every tenth. */
const STOPS: Readonly<Record<ColourMap, readonly number[]>> = {
  gray: [0x000000, 0xffffff],
  inverted: [0xffffff, 0x000000],
  viridis: [
    0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26,
    0xfde725,
  ],
};

/** How strongly logarithm and asinh lift faint values. */
const LOG = 1000;
const ASINH = 10;

const curves: Readonly<Record<Stretch, (share: number) => number>> = {
  linear: (share) => share,
  sqrt: Math.sqrt,
  log: (share) => Math.log1p(LOG * share) / Math.log1p(LOG),
  asinh: (share) => Math.asinh(ASINH * share) / Math.asinh(ASINH),
};

/** Enough steps for the steepest curve to pass through every grey. */
const STEPS = 65_536;

/** Colours for values from the lower to the upper limit, as the bytes of `ImageData` (red first). */
export type Palette = Uint32Array;

export function makePalette(stretch: Stretch, colours: ColourMap): Palette {
  const stops = STOPS[colours];
  return Uint32Array.from({ length: STEPS }, (_, step) =>
    colourAt(stops, curves[stretch](step / (STEPS - 1))),
  );
}

function colourAt(stops: readonly number[], share: number): number {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const below = stops[Math.floor(place)] ?? 0;
  const above = stops[Math.ceil(place)] ?? 0;
  const mix = (shift: number): number => {
    const from = (below >> shift) & 0xff;
    const to = (above >> shift) & 0xff;
    return Math.round(from + (to - from) * (place - Math.floor(place)));
  };
  return ((0xff << 24) | (mix(0) << 16) | (mix(8) << 8) | mix(16)) >>> 0;
}

/**
 * Colours values into `pixels`, the first row last, as images are seen with the first row at the bottom. What has no value
 * is left transparent.
 */
export function paint(
  values: Float32Array,
  width: number,
  palette: Palette,
  { low, high }: Limits,
  pixels: Uint32Array,
): void {
  const last = palette.length - 1;
  // Where all values are the same, they are the darkest.
  const scale = high > low ? last / (high - low) : last;
  const height = values.length / width;
  for (let row = 0; row < height; row += 1) {
    let to = (height - 1 - row) * width;
    const end = (row + 1) * width;
    for (let from = row * width; from < end; from += 1, to += 1) {
      const value = values[from] ?? 0;
      const step = (value - low) * scale;
      pixels[to] = Number.isNaN(value) ? 0 : (palette[step > 0 ? (step < last ? step | 0 : last) : 0] ?? 0);
    }
  }
}

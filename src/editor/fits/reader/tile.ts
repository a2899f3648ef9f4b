import type { ByteSource } from './byteSource.ts';
import { pixelBytes, pixelStart, rowsThere, type FitsImage } from './image.ts';
import { decodePixels } from './pixels.ts';

/** Pixels of a tile on a side. */
export const TILE_SIDE = 256;

/** Part of a plane: `level` pixels on a side give one of the tile. */
export interface TilePlace {
  readonly plane: number;
  /** A power of two. */
  readonly level: number;
  /** Counted in tiles of this level, from the first pixel. */
  readonly column: number;
  readonly row: number;
}

export interface Tile {
  readonly width: number;
  readonly height: number;
  /** The first row first; NaN for pixels without a value. */
  readonly values: Float32Array;
}

/** Rows that are asked for at a time. */
const TOGETHER = 32;

/** Whether an image has such a tile. */
export function hasTile(image: FitsImage, { plane, level, column, row }: TilePlace): boolean {
  const side = TILE_SIDE * level;
  return plane < image.planes && column * side < image.width && row * side < image.height;
}

/** Reads one tile, a row at a time and no more than is seen of it. Rejects as the source does. */
export async function readTile(source: ByteSource, image: FitsImage, place: TilePlace): Promise<Tile> {
  const { plane, level } = place;
  const side = TILE_SIDE * level;
  const left = place.column * side;
  const first = place.row * side;
  const across = Math.min(side, image.width - left);
  const end = Math.min(first + side, image.height);
  const width = Math.ceil(across / level);
  const height = Math.ceil((end - first) / level);
  const values = new Float32Array(width * height).fill(Number.NaN);
  const last = Math.min(end, rowsThere(image, plane));
  const row = new Float64Array(across);
  const line = new Line(width, level);
  for (let from = first; from < last; from += TOGETHER) {
    const count = Math.min(TOGETHER, last - from);
    const reads = Array.from({ length: count }, (_, i) =>
      source.read(pixelStart(image, plane, left, from + i), across * pixelBytes(image.format)),
    );
    for (const [i, bytes] of (await Promise.all(reads)).entries()) {
      const pixels = Math.floor(bytes.length / pixelBytes(image.format));
      decodePixels(bytes, image.format, pixels, row);
      row.fill(Number.NaN, pixels);
      line.add(row);
      const y = from + i - first + 1;
      if (y % level === 0 || from + i + 1 === last) line.write(values, Math.ceil(y / level) - 1);
    }
  }
  return { width, height, values };
}

/** Means of the squares along one line of a tile. */
class Line {
  readonly #level: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(width: number, level: number) {
    this.#level = level;
    this.#sums = new Float64Array(width);
    this.#counts = new Uint32Array(width);
  }

  add(row: Float64Array): void {
    const level = this.#level;
    for (let x = 0; x < row.length; x += 1) {
      const value = row[x] ?? 0;
      // At full size infinities are shown as what they are.
      if (Number.isNaN(value) || (level > 1 && value - value !== 0)) continue;
      const column = Math.floor(x / level);
      this.#sums[column] = (this.#sums[column] ?? 0) + value;
      this.#counts[column] = (this.#counts[column] ?? 0) + 1;
    }
  }

  write(values: Float32Array, line: number): void {
    const start = line * this.#sums.length;
    this.#counts.forEach((count, column) => {
      if (count > 0) values[start + column] = (this.#sums[column] ?? 0) / count;
    });
    this.#sums.fill(0);
    this.#counts.fill(0);
  }
}

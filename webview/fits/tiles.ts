/** Part of an image: `level` pixels on a side give one of the tile; counted in tiles from the first pixel. */
export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** Pixels of a tile on a side; the host makes them so. */
export const TILE_SIDE = 256;

/** Which part of an image is in view: edges in pixels of the image, from the first one on. */
export interface Window {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** The coarsest level that still gives a pixel for each of the screen. `scale`: pixels of the screen for one of the image. */
export function levelFor(scale: number): number {
  let level = 1;
  while (level * 2 * scale <= 1) level *= 2;
  return level;
}

/** The tiles of a level that are in view, those nearest to the middle first. */
export function tilesInView(
  view: Window,
  level: number,
  { width, height }: { readonly width: number; readonly height: number },
): TilePlace[] {
  const side = TILE_SIDE * level;
  const first = (edge: number): number => Math.max(0, Math.floor(edge / side));
  const last = (edge: number, length: number): number => Math.ceil(Math.min(edge, length) / side) - 1;
  const tiles: TilePlace[] = [];
  for (let row = first(view.bottom); row <= last(view.top, height); row += 1) {
    for (let column = first(view.left); column <= last(view.right, width); column += 1) {
      tiles.push({ level, column, row });
    }
  }
  const x = (view.left + view.right) / 2 / side - 0.5;
  const y = (view.bottom + view.top) / 2 / side - 0.5;
  const distance = (tile: TilePlace): number => Math.hypot(tile.column - x, tile.row - y);
  return tiles.sort((one, other) => distance(one) - distance(other));
}

export function tileKey({ level, column, row }: TilePlace): string {
  return `${level} ${column} ${row}`;
}

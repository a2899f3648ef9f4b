import type { Hdu } from './hdus.ts';

/** How pixels are stored, and what they mean: value = zero + scale × stored (FITS standard, section 4.4.2). */
export interface PixelFormat {
  readonly bitpix: number;
  readonly scale: number;
  readonly zero: number;
  /** The stored whole number that stands for no value; null where none does. */
  readonly blank: number | bigint | null;
}

/** A picture, or several of one size on top of each other (planes). */
export interface FitsImage {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly format: PixelFormat;
  /** Where the first plane begins, bytes. */
  readonly start: number;
  /** Bytes of data that are there; less than the pixels need where the file is cut short. */
  readonly there: number;
}

/** More than any camera has on a side. */
const LONGEST_SIDE = 1_000_000;

/** The image of an HDU, or a sentence that says why there is none to see. */
export function imageOf(hdu: Hdu): FitsImage | string {
  const why = hindrance(hdu);
  if (why !== undefined) return why;
  const { header, bitpix } = hdu;
  const [width = 1, height = 1, ...others] = hdu.axes;
  return {
    width,
    height,
    planes: others.reduce((product, length) => product * length, 1),
    format: {
      bitpix,
      scale: header.number('BSCALE') ?? 1,
      zero: header.number('BZERO') ?? 0,
      blank: bitpix > 0 ? blankOf(hdu) : null,
    },
    start: hdu.dataStart,
    there: hdu.dataThere,
  };
}

/** Why there is no image to see: a sentence; undefined where there is one. */
function hindrance(hdu: Hdu): string | undefined {
  const { header, type, axes } = hdu;
  if (header.flag('ZIMAGE')) {
    const how = header.text('ZCMPTYPE');
    return `This image is tile-compressed${how === undefined ? '' : ` (${how})`}, which this viewer does not unpack. Unpack the file with funpack to see it.`;
  }
  if (type === 'BINTABLE' || type === 'TABLE') return tableText(hdu);
  if (type !== 'PRIMARY' && type !== 'IMAGE') return `Data of type ${type || 'unknown'} is no image.`;
  if (axes.length === 0) return 'This part has a header and no data.';
  if (axes.includes(0)) return `Data of ${axes.join(' × ')} pixels has none to show.`;
  const [width = 1, height = 1] = axes;
  if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
    return `An image of ${width} × ${height} pixels is too large to be shown.`;
  }
  return undefined;
}

function blankOf({ header }: Hdu): number | bigint | null {
  const value = header.get('BLANK')?.value;
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    ? value
    : null;
}

function tableText({ header, axes }: Hdu): string {
  const columns = header.number('TFIELDS') ?? 0;
  const names = Array.from({ length: Math.min(columns, 12) }, (_, index) =>
    header.text(`TTYPE${index + 1}`),
  ).filter((name) => name !== undefined && name !== '');
  const some = names.length === 0 ? '' : `: ${names.join(', ')}${columns > names.length ? ', …' : ''}`;
  const size = `${count(axes[1] ?? 0, 'row')} and ${count(columns, 'column')}`;
  return `A table of ${size}${some}. Only its header is shown.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

export function pixelBytes({ bitpix }: PixelFormat): number {
  return Math.abs(bitpix) / 8;
}

/** Where a pixel begins, bytes. */
export function pixelStart(image: FitsImage, plane: number, x: number, y: number): number {
  const before = (plane * image.height + y) * image.width + x;
  return image.start + before * pixelBytes(image.format);
}

/** How many whole rows of a plane are in the file. */
export function rowsThere(image: FitsImage, plane: number): number {
  const row = image.width * pixelBytes(image.format);
  return Math.max(0, Math.min(image.height, Math.floor(image.there / row) - plane * image.height));
}

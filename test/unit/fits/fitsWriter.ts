/** Makes small FITS files for tests, by the standard and against it. */

export type Keywords = Readonly<Record<string, string | number | bigint | boolean>>;

const BLOCK = 2880;

/** One header line; a string that begins with a quote or bracket is written as it is. */
export function card(keyword: string, value: string | number | bigint | boolean, comment = ''): string {
  const text =
    typeof value === 'string'
      ? `'${value.replaceAll("'", "''").padEnd(8)}'`.padEnd(20)
      : (typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value)).padStart(20);
  return `${keyword.padEnd(8)}= ${text}${comment === '' ? '' : ` / ${comment}`}`.padEnd(80).slice(0, 80);
}

/** Header lines as blocks, with `END` unless told otherwise. */
export function headerBlocks(lines: readonly string[], end = true): Buffer {
  const all = [...lines, ...(end ? ['END'] : [])].map((line) => line.padEnd(80).slice(0, 80)).join('');
  return Buffer.from(all.padEnd(Math.ceil(all.length / BLOCK) * BLOCK), 'latin1');
}

export function dataBlocks(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

export interface ImageSpec {
  readonly bitpix: number;
  readonly axes: readonly number[];
  /** Stored values, the fastest axis first. */
  readonly stored: (index: number) => number | bigint;
  readonly keywords?: Keywords;
  /** Lines as they are, behind the keywords. */
  readonly lines?: readonly string[];
}

/** An image as the primary part, or as an extension. */
export function imagePart(spec: ImageSpec, extension = false): Buffer {
  const { bitpix, axes, keywords = {}, lines = [] } = spec;
  const head = [
    extension ? card('XTENSION', 'IMAGE') : card('SIMPLE', true),
    card('BITPIX', bitpix),
    card('NAXIS', axes.length),
    ...axes.map((length, index) => card(`NAXIS${index + 1}`, length)),
    ...(extension ? [card('PCOUNT', 0), card('GCOUNT', 1)] : []),
    ...Object.entries(keywords).map(([keyword, value]) => card(keyword, value)),
    ...lines,
  ];
  return Buffer.concat([headerBlocks(head), dataBlocks(pixels(spec))]);
}

/** A primary part without data. */
export function emptyPart(keywords: Keywords = {}): Buffer {
  return headerBlocks([
    card('SIMPLE', true),
    card('BITPIX', 8),
    card('NAXIS', 0),
    ...Object.entries(keywords).map(([keyword, value]) => card(keyword, value)),
  ]);
}

function pixels({ bitpix, axes, stored }: ImageSpec): Buffer {
  const size = Math.abs(bitpix) / 8;
  const count = axes.length === 0 ? 0 : axes.reduce((product, length) => product * length, 1);
  const bytes = Buffer.alloc(count * size);
  for (let index = 0; index < count; index += 1) {
    const value = stored(index);
    const at = index * size;
    if (bitpix === 64) bytes.writeBigInt64BE(BigInt(value), at);
    else if (bitpix === -32) bytes.writeFloatBE(Number(value), at);
    else if (bitpix === -64) bytes.writeDoubleBE(Number(value), at);
    else if (bitpix === 8) bytes.writeUInt8(Number(value), at);
    else bytes.writeIntBE(Number(value), at, size);
  }
  return bytes;
}

/** A sky of float32 with noise and stars, made quickly: the same for the same size. */
export function starField(
  width: number,
  height: number,
  keywords: Keywords = {},
  lines: readonly string[] = [],
): Buffer {
  const values = new Float32Array(width * height);
  let seed = 12345;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let i = 0; i < values.length; i += 1) values[i] = 200 + 15 * (random() + random() + random() - 1.5);
  const stars = Math.max(12, Math.round((width * height) / 40_000));
  for (let star = 0; star < stars; star += 1) {
    const x = random() * width;
    const y = random() * height;
    const flux = 60 / (0.002 + random() ** 2);
    for (let dy = -12; dy <= 12; dy += 1) {
      for (let dx = -12; dx <= 12; dx += 1) {
        const column = Math.round(x) + dx;
        const row = Math.round(y) + dy;
        if (column < 0 || row < 0 || column >= width || row >= height) continue;
        const at = row * width + column;
        values[at] = (values[at] ?? 0) + flux * Math.exp(-(dx * dx + dy * dy) / 7);
      }
    }
  }
  const bytes = Buffer.from(values.buffer);
  bytes.swap32();
  const head = [
    card('SIMPLE', true),
    card('BITPIX', -32),
    card('NAXIS', 2),
    card('NAXIS1', width),
    card('NAXIS2', height),
    ...Object.entries(keywords).map(([keyword, value]) => card(keyword, value)),
    ...lines,
  ];
  return Buffer.concat([headerBlocks(head), dataBlocks(bytes)]);
}

/** Centre of the image at a place on the sky, 0.2″ a pixel, north up. */
export function tanKeywords(width: number, height: number, ra: number, dec: number): Keywords {
  const step = 0.2 / 3600;
  return {
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRPIX1: (width + 1) / 2,
    CRPIX2: (height + 1) / 2,
    CRVAL1: ra,
    CRVAL2: dec,
    CD1_1: -step,
    CD1_2: 0,
    CD2_1: 0,
    CD2_2: step,
    RADESYS: 'ICRS',
  };
}

import type { PixelFormat } from './image.ts';

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;

/** Turns `count` stored pixels (big-endian) into values in `out`, from index `at`; NaN for those without a value. */
export function decodePixels(
  bytes: Uint8Array,
  format: PixelFormat,
  count: number,
  out: Float64Array,
  at = 0,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = readerOf(format);
  stored(view, count, out, at);
  scale(format, count, out, at);
}

type Reader = (view: DataView, count: number, out: Float64Array, at: number) => void;

function readerOf(format: PixelFormat): Reader {
  switch (format.bitpix) {
    case 8:
      return whole(1, format, (view, from) => view.getUint8(from));
    case 16:
      return whole(2, format, (view, from) => view.getInt16(from));
    case 32:
      return whole(4, format, (view, from) => view.getInt32(from));
    case 64:
      return isUnsigned64(format) ? unsigned64(format) : whole(8, format, signed64);
    case -32:
      return (view, count, out, at) => {
        for (let i = 0; i < count; i += 1) out[at + i] = view.getFloat32(i * 4);
      };
    default:
      return (view, count, out, at) => {
        for (let i = 0; i < count; i += 1) out[at + i] = view.getFloat64(i * 8);
      };
  }
}

/** Whole numbers of `size` bytes, of which one may stand for none. */
function whole(size: number, format: PixelFormat, get: (view: DataView, from: number) => number): Reader {
  // NaN is equal to nothing.
  const blank = format.blank === null ? Number.NaN : Number(format.blank);
  return (view, count, out, at) => {
    for (let i = 0; i < count; i += 1) {
      const value = get(view, i * size);
      out[at + i] = value === blank ? Number.NaN : value;
    }
  };
}

/** As near as a double comes: 53 bits. */
function signed64(view: DataView, from: number): number {
  return view.getInt32(from) * TWO_32 + view.getUint32(from + 4);
}

/** Unsigned numbers of 64 bits are stored less 2^63: adding that to a double would lose the small ones. */
function isUnsigned64({ bitpix, scale: factor, zero }: PixelFormat): boolean {
  return bitpix === 64 && factor === 1 && zero === TWO_63;
}

function unsigned64({ blank }: PixelFormat): Reader {
  const read = (view: DataView, from: number): number =>
    (view.getInt32(from) + 2 ** 31) * TWO_32 + view.getUint32(from + 4);
  return whole(
    8,
    { bitpix: 64, scale: 1, zero: 0, blank: blank === null ? null : Number(blank) + TWO_63 },
    read,
  );
}

function scale(format: PixelFormat, count: number, out: Float64Array, at: number): void {
  const { scale: factor, zero } = format;
  if ((factor === 1 && zero === 0) || isUnsigned64(format)) return;
  for (let i = at; i < at + count; i += 1) out[i] = zero + factor * (out[i] ?? 0);
}

/** One pixel as a text with all its digits; `blank` where it has no value. */
export function pixelText(bytes: Uint8Array, format: PixelFormat): string {
  const { bitpix, scale: factor, zero, blank } = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPlain = factor === 1 && Number.isInteger(zero);
  if (bitpix === 64 && isPlain) {
    const stored = view.getBigInt64(0);
    return blank !== null && stored === BigInt(blank) ? 'blank' : String(stored + BigInt(zero));
  }
  const out = new Float64Array(1);
  decodePixels(bytes, format, 1, out);
  const [value = Number.NaN] = out;
  if (Number.isNaN(value)) return bitpix > 0 ? 'blank' : 'NaN';
  if (bitpix > 0 && isPlain) return String(value);
  // A float32 has seven digits or a little more; the rest would be made up.
  return bitpix === -64 ? String(value) : String(Number(value.toPrecision(8)));
}

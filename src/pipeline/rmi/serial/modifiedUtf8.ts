import { corrupt } from './errors.ts';

/** Bytes of a text as Java writes it: U+0000 in two bytes, each half of a surrogate pair in three. */
export function modifiedUtf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7ff) length += 2;
    else if (unit > 0x7f || unit === 0) length += 1;
  }
  return length;
}

export function encodeModifiedUtf8(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(modifiedUtf8Length(text));
  writeModifiedUtf8(text, bytes, 0);
  return bytes;
}

/** Writes a text into bytes that have room for it, and says where the next begins. */
export function writeModifiedUtf8(text: string, bytes: Buffer, from: number): number {
  let at = from;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit <= 0x7f && unit !== 0) {
      bytes[at++] = unit;
    } else if (unit <= 0x7ff) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

const PIECE = 8192;

/** Throws `corrupt` for bytes that no writer makes of a text. */
export function decodeModifiedUtf8(bytes: Buffer, from = 0, to = bytes.length): string {
  return isPlain(bytes, from, to) ? bytes.toString('latin1', from, to) : decodeUnits(bytes, from, to);
}

function decodeUnits(bytes: Buffer, from: number, to: number): string {
  let text = '';
  let units: number[] = [];
  let at = from;
  while (at < to) {
    const first = bytes[at++] ?? 0;
    const more = first < 0x80 ? 0 : (first & 0xe0) === 0xc0 ? 1 : (first & 0xf0) === 0xe0 ? 2 : -1;
    if (more < 0 || at + more > to) throw corrupt('a text is not in modified UTF-8');
    let unit = more === 0 ? first : first & (more === 1 ? 0x1f : 0x0f);
    for (let left = more; left > 0; left--) {
      const next = bytes[at++] ?? 0;
      if ((next & 0xc0) !== 0x80) throw corrupt('a text is not in modified UTF-8');
      unit = (unit << 6) | (next & 0x3f);
    }
    units.push(unit);
    if (units.length === PIECE) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

function isPlain(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}

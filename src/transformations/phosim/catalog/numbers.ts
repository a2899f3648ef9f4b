const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const UPPER_E = 69;
const LOWER_E = 101;

/** Decimal digits that a double holds for sure. */
const SURE_DIGITS = 15;
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * Reads a decimal number, `-1.5e3`, that fills the bytes from `from` up to `to`; NaN for anything else, `nan` and `inf` too.
 * At most 15 digits count, which is what magnitudes and angles need; the last place may be off by one unit.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const first = bytes[at];
  const negative = first === MINUS;
  if (negative || first === PLUS) at += 1;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let seen = false;
  let afterPoint = false;
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (isDigit(byte)) {
      seen = true;
      if (digits < SURE_DIGITS) {
        mantissa = mantissa * 10 + (byte - ZERO);
        if (mantissa > 0) digits += 1;
        if (afterPoint) scale -= 1;
      } else if (!afterPoint) scale += 1;
    } else if (byte === POINT && !afterPoint) afterPoint = true;
    else break;
  }
  if (!seen) return Number.NaN;
  const value = scaled(mantissa, at < to ? scale + parseExponent(bytes, at, to) : scale);
  return negative ? -value : value;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** `e-5`; NaN for anything else. */
function parseExponent(bytes: Uint8Array, from: number, to: number): number {
  const letter = bytes[from];
  if (letter !== LOWER_E && letter !== UPPER_E) return Number.NaN;
  let at = from + 1;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at += 1;
  if (at >= to) return Number.NaN;
  let exponent = 0;
  for (; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte)) return Number.NaN;
    exponent = Math.min(exponent * 10 + (byte - ZERO), 10_000);
  }
  return negative ? -exponent : exponent;
}

function scaled(mantissa: number, scale: number): number {
  if (scale === 0) return mantissa;
  if (mantissa === 0) return 0 * scale;
  // Powers up to 22 are exact in a double, so that `17.5` is 17.5.
  if (scale < 0 && scale >= -22) return mantissa / (POWERS[-scale] ?? 1);
  if (scale > 0 && scale <= 22) return mantissa * (POWERS[scale] ?? 1);
  return mantissa * 10 ** scale;
}

import type { SipTerm, Wcs } from '../../src/editor/fits/messages.ts';

const DEGREE = Math.PI / 180;

/** Where a pixel lies on the sky, degrees; `x` and `y` count from 1, the middle of the first pixel. */
export function skyOf(wcs: Wcs, x: number, y: number): { readonly ra: number; readonly dec: number } {
  const u = x - wcs.pixel[0];
  const v = y - wcs.pixel[1];
  const px = u + sum(wcs.sip?.x ?? [], u, v);
  const py = v + sum(wcs.sip?.y ?? [], u, v);
  const first = (wcs.matrix[0] * px + wcs.matrix[1] * py) * DEGREE;
  const second = (wcs.matrix[2] * px + wcs.matrix[3] * py) * DEGREE;
  const [xi, eta] = wcs.swapped ? [second, first] : [first, second];
  const ra0 = wcs.sky[0] * DEGREE;
  const dec0 = wcs.sky[1] * DEGREE;
  const ahead = Math.cos(dec0) - eta * Math.sin(dec0);
  const ra = ra0 + Math.atan2(xi, ahead);
  const dec = Math.atan2(Math.sin(dec0) + eta * Math.cos(dec0), Math.hypot(xi, ahead));
  return { ra: (((ra / DEGREE) % 360) + 360) % 360, dec: dec / DEGREE };
}

function sum(terms: readonly SipTerm[], u: number, v: number): number {
  return terms.reduce((total, [p, q, factor]) => total + factor * u ** p * v ** q, 0);
}

/** `12:34:56.789`, hours of right ascension. */
export function raText(degrees: number): string {
  return sexagesimal(degrees / 15, 3, 24);
}

/** `−12:34:56.78`. */
export function decText(degrees: number): string {
  return (degrees < 0 ? '−' : '+') + sexagesimal(Math.abs(degrees), 2, Infinity);
}

function sexagesimal(value: number, digits: number, turn: number): string {
  const unit = 10 ** digits;
  const parts = Math.round(value * 3600 * unit) % (turn * 3600 * unit);
  const whole = Math.floor(parts / unit);
  const two = (number: number): string => String(number).padStart(2, '0');
  const fraction = String(parts % unit).padStart(digits, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${fraction}`;
}

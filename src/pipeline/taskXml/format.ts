import { ExpressionError, number } from './values.ts';
import type { Value } from './values.ts';

/** One conversion as C's printf has it: `%06d`, `%x`, `%.2f`, `%s`, `%e`. */
export function format(value: Value, form: string): string {
  const [, before = '', flags = '', width = '', precision, kind, after = ''] =
    /^([^%]*)%([-+ 0#]*)(\d{0,3})(?:\.(\d{1,2}))?([dioxXsfegG])([^%]*)$/.exec(form) ?? [];
  if (kind === undefined) throw new ExpressionError(`the form ${JSON.stringify(form)} is not understood`);
  const digits = convert(value, kind, precision === undefined ? undefined : Number(precision));
  const signed = flags.includes('+') && kind !== 's' && !digits.startsWith('-') ? `+${digits}` : digits;
  return before + pad(signed, Number(width), kind === 's' ? flags.replace('0', '') : flags) + after;
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function convert(value: Value, kind: string, precision: number | undefined): string {
  switch (kind) {
    case 's':
      return String(value).slice(0, precision);
    case 'f':
      return number(value).toFixed(precision ?? 6);
    case 'e':
      return number(value).toExponential(precision ?? 6);
    case 'g':
    case 'G':
      return String(Number(number(value).toPrecision(Math.max(precision ?? 6, 1))));
    case 'x':
      return Math.trunc(number(value)).toString(16);
    case 'X':
      return Math.trunc(number(value)).toString(16).toUpperCase();
    case 'o':
      return Math.trunc(number(value)).toString(8);
    default:
      return String(Math.trunc(number(value)));
  }
}

import { isObject } from '../wire/envelope.ts';

/** One object of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** The objects of a list, at most `most`; undefined where it is none. */
export function rowsOf(value: unknown, most: number): readonly Row[] | undefined {
  return Array.isArray(value) ? value.slice(0, most).filter(isObject) : undefined;
}

/** A text that says something. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** A finite number, also one that came as text. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** A positive whole number, as ids are. */
export function idOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) && number > 0 ? number : null;
}

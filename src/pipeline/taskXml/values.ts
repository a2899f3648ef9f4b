export type Value = string | number;

/** Why an expression has no value, as a clause. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Throws ExpressionError where it is none. */
export function number(value: Value): number {
  const result = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(result)) throw new ExpressionError(`${JSON.stringify(value)} is not a number`);
  return result;
}

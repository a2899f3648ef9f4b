/** How the monitor's parameters select rows of a table. */
export type ColumnKind = 'text' | 'integer' | 'number' | 'time';

export type ParsedQuery<T> =
  { readonly ok: true; readonly query: T } | { readonly ok: false; readonly error: string };

/** A parameter that cannot be meant. */
class BadValue extends Error {}

/** Reads parameters; a value that cannot be meant becomes the answer's error. */
export function parsing<T>(read: () => T): ParsedQuery<T> {
  try {
    return { ok: true, query: read() };
  } catch (error) {
    if (error instanceof BadValue) return { ok: false, error: error.message };
    throw error;
  }
}

/** A part of a condition, and the values for its question marks. */
export interface Clause {
  readonly condition: string;
  readonly values: readonly (string | number)[];
}

/** Exact, list (`a|b` or `a,b`), wildcard `*`, negation by a leading `!`. */
export function columnClause(
  key: string,
  { name, kind }: { readonly name: string; readonly kind: ColumnKind },
  value: string,
): Clause | undefined {
  if (kind === 'time') return undefined;
  if (value === '') throw new BadValue(`Illegal value for ${key}`);
  const isNegated = value.startsWith('!');
  const items = (isNegated ? value.slice(1) : value).split(/[|,]/u);
  const numbers = kind === 'text' ? undefined : items.map((item) => requireNumber(key, item));
  const hasWildcard = numbers === undefined && items.some((item) => item.includes('*'));
  const condition = hasWildcard
    ? items.map(() => `"${name}" GLOB ?`).join(' OR ')
    : `"${name}" IN (${items.map(() => '?').join(', ')})`;
  return {
    condition: isNegated ? `NOT coalesce((${condition}), 0)` : `(${condition})`,
    values: numbers ?? (hasWildcard ? items.map(globPattern) : items),
  };
}

/** Only `*` is special to the monitor; GLOB knows more. */
function globPattern(text: string): string {
  return text.replace(/[?[\]]/gu, (character) => `[${character}]`);
}

function requireNumber(key: string, text: string): number {
  if (!/^-?\d{1,15}$/u.test(text)) throw new BadValue(`Illegal value '${text}' for ${key}`);
  return Number(text);
}

export function wholeNumber(key: string, text: string | null): number | undefined {
  return text === null ? undefined : Math.max(requireNumber(key, text), 0);
}

/** Conditions and their values, joined by `AND`. */
export function joinClauses(clauses: readonly Clause[]): Clause {
  return {
    condition: clauses.length === 0 ? '1' : clauses.map(({ condition }) => condition).join(' AND '),
    values: clauses.flatMap(({ values }) => values),
  };
}

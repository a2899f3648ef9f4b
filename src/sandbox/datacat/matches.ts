import type { Comparison, Filter, FilterItem } from '../../datacat/index.ts';

/** The values of one dataset, of one of its versions and locations, by name; null where it has none. */
export type Values = (name: string) => string | number | null;

/** Whether a filter holds. As in SQL, a comparison with nothing does not hold, whichever it is. */
export function matches(filter: Filter, values: Values): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matches(part, values));
    case 'or':
      return filter.parts.some((part) => matches(part, values));
    case 'in': {
      const value = values(filter.name);
      if (value === null) return false;
      return filter.items.some((item) => holds(item, value)) !== filter.negated;
    }
    case 'compare': {
      const value = values(filter.name);
      if (filter.value === null) return (value === null) === (filter.comparison === '==');
      return value !== null && compare(value, filter.comparison, filter.value);
    }
  }
}

/** Names that a filter uses. */
export function namesIn(filter: Filter): readonly string[] {
  return 'parts' in filter ? filter.parts.flatMap(namesIn) : [filter.name];
}

function compare(value: string | number, comparison: Comparison, wanted: string | number): boolean {
  if (comparison === '=~') return pattern(String(wanted)).test(String(value));
  if (comparison === '!~') return !pattern(String(wanted)).test(String(value));
  const order = orderOf(value, wanted);
  if (order === undefined) return comparison === '!=';
  switch (comparison) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function holds(item: FilterItem, value: string | number): boolean {
  if (item.kind === 'one') return compare(value, '==', item.value);
  return compare(value, '>=', item.low) && compare(value, '<=', item.high);
}

/** Undefined for a text and a number, which have no order. */
export function orderOf(one: string | number, other: string | number): number | undefined {
  if (typeof one === 'number' && typeof other === 'number') {
    // A number as of 3.14f holds for the nearest one.
    return Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other)) ? 0 : one - other;
  }
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0;
  return undefined;
}

/** `*` is any text, `?` any character, a backslash takes the next character as it is. */
function pattern(glob: string): RegExp {
  const source = glob.replace(/\\(.)|[\s\S]/gu, (piece: string, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    return piece === '*' ? '[^]*' : piece === '?' ? '[^]' : literal(piece);
  });
  return new RegExp(`^${source}$`, 'u');
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/u, '\\$&');
}

import { JOB_ATTRIBUTES, monitorColumn } from '../../../panda/index.ts';

/** A selection of jobs, ready for the store. */
export interface JobQuery {
  readonly condition: string;
  readonly values: readonly (string | number)[];
  readonly order: string;
  readonly limit: number;
  /** Columns the answer is cut to, as they were named; undefined for all. */
  readonly fields: readonly string[] | undefined;
}

export type ParsedQuery =
  { readonly ok: true; readonly query: JobQuery } | { readonly ok: false; readonly error: string };

const ATTRIBUTES = new Map(
  JOB_ATTRIBUTES.map(([name, kind]) => [monitorColumn(name), { name, kind }] as const),
);
const ALIASES: Readonly<Record<string, string>> = { user: 'produsername', taskid: 'jeditaskid' };
/** A selection by these is not limited to the last days. */
const IDENTIFYING: readonly string[] = ['pandaid', 'jobname', 'jeditaskid'];
const DEFAULT_DAYS = 7;
const MAX_ROWS = 10_000;
const DAY = 86_400_000;

class BadValue extends Error {}

/** Reads the monitor's parameters. `now`: epoch milliseconds. */
export function parseJobQuery(parameters: URLSearchParams, now: number): ParsedQuery {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const keys = new Set<string>();
  try {
    for (const [key, value] of parameters) {
      const name = ALIASES[key.toLowerCase()] ?? key.toLowerCase();
      keys.add(name);
      const clause = name === 'jobparam' ? contains(value) : columnClause(name, value);
      if (clause === undefined) continue;
      conditions.push(clause.condition);
      values.push(...clause.values);
    }
    const since = windowStart(parameters, now, keys);
    if (since !== undefined) {
      conditions.push('modificationTime >= ?');
      values.push(since);
    }
    return {
      ok: true,
      query: {
        condition: conditions.length === 0 ? '1' : conditions.join(' AND '),
        values,
        order: orderOf(parameters.get('sortby')),
        limit: Math.min(wholeNumber('limit', parameters.get('limit')) ?? MAX_ROWS, MAX_ROWS),
        fields: parameters.get('fields')?.split(','),
      },
    };
  } catch (error) {
    if (error instanceof BadValue) return { ok: false, error: error.message };
    throw error;
  }
}

interface Clause {
  readonly condition: string;
  readonly values: readonly (string | number)[];
}

function contains(text: string): Clause {
  return { condition: 'instr(jobParameters, ?) > 0', values: [text] };
}

/** Exact, list (`a|b` or `a,b`), wildcard `*`, negation by a leading `!`. */
function columnClause(key: string, value: string): Clause | undefined {
  const attribute = ATTRIBUTES.get(key);
  if (attribute === undefined || attribute.kind === 'time') return undefined;
  if (value === '') throw new BadValue(`Illegal value for ${key}`);
  const isNegated = value.startsWith('!');
  const items = (isNegated ? value.slice(1) : value).split(/[|,]/u);
  const numbers = attribute.kind === 'text' ? undefined : items.map((item) => requireNumber(key, item));
  const hasWildcard = numbers === undefined && items.some((item) => item.includes('*'));
  const condition = hasWildcard
    ? items.map(() => `"${attribute.name}" GLOB ?`).join(' OR ')
    : `"${attribute.name}" IN (${items.map(() => '?').join(', ')})`;
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

function wholeNumber(key: string, text: string | null): number | undefined {
  return text === null ? undefined : Math.max(requireNumber(key, text), 0);
}

function windowStart(
  parameters: URLSearchParams,
  now: number,
  keys: ReadonlySet<string>,
): number | undefined {
  const days = wholeNumber('days', parameters.get('days'));
  const hours = wholeNumber('hours', parameters.get('hours'));
  if (days === undefined && hours === undefined && IDENTIFYING.some((key) => keys.has(key))) return undefined;
  return now - (hours === undefined ? (days ?? DEFAULT_DAYS) * DAY : hours * 3_600_000);
}

/** `<column>-asc`, `<column>-desc` or a column alone; newest first where nothing is said. */
function orderOf(sortby: string | null): string {
  const [, column = '', direction] = /^(\w+?)(?:-(asc|desc))?$/u.exec(sortby ?? '') ?? [];
  const attribute = ATTRIBUTES.get(column.toLowerCase());
  if (attribute === undefined) return 'PandaID DESC';
  return `"${attribute.name}" ${direction === 'desc' ? 'DESC' : 'ASC'}, PandaID DESC`;
}

import { JOB_ATTRIBUTES, monitorColumn } from '../../../panda/index.ts';
import {
  columnClause,
  joinClauses,
  parsing,
  wholeNumber,
  type Clause,
  type ParsedQuery,
} from './selection.ts';

/** A selection of jobs, ready for the store. */
export interface JobQuery {
  readonly condition: string;
  readonly values: readonly (string | number)[];
  readonly order: string;
  readonly limit: number;
  /** Columns the answer is cut to, as they were named; undefined for all. */
  readonly fields: readonly string[] | undefined;
}

const ATTRIBUTES = new Map(
  JOB_ATTRIBUTES.map(([name, kind]) => [monitorColumn(name), { name, kind }] as const),
);
const ALIASES: Readonly<Record<string, string>> = { user: 'produsername', taskid: 'jeditaskid' };
/** A selection by these is not limited to the last days. */
const IDENTIFYING: readonly string[] = ['pandaid', 'jobname', 'jeditaskid'];
const DEFAULT_DAYS = 7;
const MAX_ROWS = 10_000;
const DAY = 86_400_000;

/** Reads the monitor's parameters. `now`: epoch milliseconds. */
export function parseJobQuery(parameters: URLSearchParams, now: number): ParsedQuery<JobQuery> {
  return parsing(() => readQuery(parameters, now));
}

function readQuery(parameters: URLSearchParams, now: number): JobQuery {
  const clauses: Clause[] = [];
  const keys = new Set<string>();
  for (const [key, value] of parameters) {
    const name = ALIASES[key.toLowerCase()] ?? key.toLowerCase();
    keys.add(name);
    const attribute = ATTRIBUTES.get(name);
    if (name === 'jobparam') clauses.push(contains(value));
    if (attribute === undefined) continue;
    const clause = columnClause(name, attribute, value);
    if (clause !== undefined) clauses.push(clause);
  }
  const since = windowStart(parameters, now, keys);
  if (since !== undefined) clauses.push({ condition: 'modificationTime >= ?', values: [since] });
  return {
    ...joinClauses(clauses),
    order: orderOf(parameters.get('sortby')),
    limit: Math.min(wholeNumber('limit', parameters.get('limit')) ?? MAX_ROWS, MAX_ROWS),
    fields: parameters.get('fields')?.split(','),
  };
}

function contains(text: string): Clause {
  return { condition: 'instr(jobParameters, ?) > 0', values: [text] };
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

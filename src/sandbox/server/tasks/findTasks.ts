import type { StoredTask } from '../store/taskTables.ts';
import { detailedTask, TASK_ATTRIBUTES, type ReadContext } from './describeTask.ts';

type Found =
  | { readonly ok: true; readonly tasks: readonly Readonly<Record<string, unknown>>[] }
  | { readonly ok: false; readonly message: string };

/** A value with one of these is a pattern. */
const PATTERN_SIGNS = /[\^$*+?\\|()]/u;
const DAYS_BACK = 90;
const DAY = 86_400_000;
const LONGEST_PATTERN = 200;
/** More of `.*` in one pattern would take steps back without end. */
const MOST_GAPS = 3;

/** Tasks by values of their attributes, JSON as text; those with pattern signs are looked for in the text of a value. */
export function findTasks(
  context: ReadContext,
  filters: string | null,
  { owner, since, most, now }: { owner: string; since: number | undefined; most: number; now: number },
): Found {
  const wanted = readFilters(filters, owner);
  if (typeof wanted === 'string') return { ok: false, message: wanted };
  const earliest = Math.max(since ?? 0, now - DAYS_BACK * DAY);
  const recent = context.tasks.tasks(
    'WHERE status IS NOT NULL AND modificationTime >= ? ORDER BY jediTaskID DESC',
    earliest,
  );
  const found: Readonly<Record<string, unknown>>[] = [];
  for (const task of recent) {
    if (!fitsRow(task, wanted.equal)) continue;
    const details = detailedTask(context, task);
    if (fits(details, wanted.equal) && matches(details, wanted.patterns)) found.push(details);
    if (found.length >= most) break;
  }
  return { ok: true, tasks: found.reverse() };
}

interface Filters {
  readonly equal: ReadonlyMap<string, string>;
  readonly patterns: ReadonlyMap<string, RegExp>;
}

function readFilters(text: string | null, owner: string): Filters | string {
  const equal = new Map([['userName', owner]]);
  const patterns = new Map<string, RegExp>();
  let given: unknown;
  try {
    given = text === null || text === '' ? {} : JSON.parse(text);
  } catch {
    return 'filters is not valid JSON';
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return 'filters must be a JSON object';
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const wanted = String(value);
    if (PATTERN_SIGNS.test(wanted)) patterns.set(name, patternOf(wanted));
    else if (TASK_ATTRIBUTES.has(name)) equal.set(name, wanted);
    else return 'Failed to retrieve task IDs';
  }
  return { equal, patterns };
}

/** Only what needs few steps back is taken as a pattern: words, with `|` between, anchors around, and some characters repeated. */
function patternOf(text: string): RegExp {
  const isPlain = /^(?:[\w\s./:-][*+?]?|[|^$])*$/u.test(text);
  const repeats = text.match(/[*+?]/gu)?.length ?? 0;
  return isPlain && repeats <= MOST_GAPS && text.length <= LONGEST_PATTERN ? new RegExp(text, 'u') : NOTHING;
}

const NOTHING = /(?!)/u;

/** A first look that spares the rest. */
function fitsRow(task: StoredTask, equal: Filters['equal']): boolean {
  return [...equal].every(
    ([name, wanted]) => !(name in task) || same(task[name as keyof StoredTask], wanted),
  );
}

function fits(details: Readonly<Record<string, unknown>>, equal: Filters['equal']): boolean {
  return [...equal].every(([name, wanted]) => name in details && same(details[name], wanted));
}

function same(value: unknown, wanted: string): boolean {
  if (wanted === 'NULL') return value === null;
  if (wanted === 'NOT NULL') return value !== null;
  return String(value) === wanted;
}

function matches(details: Readonly<Record<string, unknown>>, patterns: Filters['patterns']): boolean {
  return [...patterns].every(([name, pattern]) => !(name in details) || pattern.test(String(details[name])));
}

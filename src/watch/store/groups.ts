import { compareStates } from '../wording.ts';
import type { Grouping } from '../api.ts';
import type { JobColumns } from './columns.ts';

export const GROUPINGS = ['state', 'submission', 'site', 'day'] as const satisfies readonly Grouping[];

const msPerDay = 86_400_000;

/** The key of a row's group as a number: an index of a text table, or days since 1970 (NaN for unknown). */
export function groupKey(columns: JobColumns, grouping: Grouping, row: number): number {
  switch (grouping) {
    case 'state':
      return columns.state[row] ?? 0;
    case 'submission':
      return columns.submission[row] ?? 0;
    case 'site':
      return columns.site[row] ?? 0;
    case 'day':
      // Adding 0 turns -0, which Object.is tells from 0, into 0.
      return Math.floor((columns.creationTime[row] ?? NaN) / msPerDay) + 0;
  }
}

/** The text form of a group's key, `''` for rows without one. */
export function keyText(columns: JobColumns, grouping: Grouping, key: number): string {
  switch (grouping) {
    case 'state':
      return columns.states.at(key) ?? '';
    case 'submission':
      return columns.submissions.at(key) ?? '';
    case 'site':
      return columns.sites.at(key) ?? '';
    case 'day': {
      const date = new Date(key * msPerDay);
      return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, -14);
    }
  }
}

/** The number of a group's key; undefined where no job ever had it. */
export function keyNumber(columns: JobColumns, grouping: Grouping, text: string): number | undefined {
  const absent = text === '' ? 0 : undefined;
  switch (grouping) {
    case 'state':
      return absent ?? columns.states.find(text);
    case 'submission':
      return absent ?? columns.submissions.find(text);
    case 'site':
      return absent ?? columns.sites.find(text);
    case 'day':
      return text === '' ? NaN : Math.floor(Date.parse(`${text}T00:00:00Z`) / msPerDay);
  }
}

/** Display order: what needs a look first, the newest submission and day first, sites by name; those without a key last. */
export function compareKeys(grouping: Grouping, a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  const ascending = a < b ? -1 : a > b ? 1 : 0;
  switch (grouping) {
    case 'state':
      return compareStates(a, b);
    case 'submission':
    case 'day':
      return -ascending;
    case 'site':
      return ascending;
  }
}

export function groupId(grouping: Grouping, key: string): string {
  return `${grouping}:${key}`;
}

/** What the groups of a row depend on, before or after a change. */
export interface RowFacts {
  /** A group key for each of `GROUPINGS`. */
  readonly keys: Float64Array;
  state: number;
  cancelRequested: number;
}

export function emptyFacts(): RowFacts {
  return { keys: new Float64Array(GROUPINGS.length), state: 0, cancelRequested: 0 };
}

export function readFacts(columns: JobColumns, row: number, into: RowFacts): void {
  for (const [at, grouping] of GROUPINGS.entries()) into.keys[at] = groupKey(columns, grouping, row);
  into.state = columns.state[row] ?? 0;
  into.cancelRequested = columns.cancelRequested[row] ?? 0;
}

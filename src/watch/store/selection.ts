import type { Grouping, JobGroup } from '../api.ts';
import type { JobColumns } from './columns.ts';
import type { Matcher } from './filter.ts';
import { GROUPINGS, groupKey, keyNumber } from './groups.ts';
import type { RowFacts } from './groups.ts';
import type { JobIndex } from './rowIndex.ts';
import { Tally } from './tally.ts';
import type { Labels } from './tally.ts';

interface MemberList {
  readonly version: number;
  readonly rows: Uint32Array;
}

/** Lists of members kept for the next page. */
const maxLists = 8;

/** The jobs that a filter lets through, or all of them, with their groups; kept true while jobs change. */
export class Selection {
  readonly #columns: JobColumns;
  readonly #index: JobIndex;
  readonly #labels: Labels;
  readonly #matcher: Matcher | undefined;
  /** 1 for rows that the filter lets through, as far as they were gone through. */
  #included = new Uint8Array(1024);
  #scanned = 0;
  readonly #tallies = new Map<Grouping, Tally>();
  readonly #lists = new Map<string, MemberList>();

  constructor(columns: JobColumns, index: JobIndex, labels: Labels, matcher: Matcher | undefined) {
    this.#columns = columns;
    this.#index = index;
    this.#labels = labels;
    this.#matcher = matcher;
  }

  /** Goes through rows until all are done or `stop`, asked every thousand rows, says so; true when all are done. */
  scan(stop: () => boolean): boolean {
    if (this.#matcher === undefined) return true;
    while (this.#scanned < this.#columns.rows) {
      const to = Math.min(this.#columns.rows, this.#scanned + 1000);
      if (to > this.#included.length) this.#makeRoom(to);
      for (let row = this.#scanned; row < to; row += 1) this.#decide(row, this.#matcher);
      this.#scanned = to;
      if (stop()) break;
    }
    return this.#scanned >= this.#columns.rows;
  }

  /** Whether a row counted until now. */
  includes(row: number): boolean {
    return this.#matcher === undefined || (row < this.#scanned && this.#included[row] === 1);
  }

  /** A job came to a row, changed there, or left it: `before` or `after` is undefined where there is no job. */
  change(row: number, before: RowFacts | undefined, after: RowFacts | undefined): void {
    const wasIn = before !== undefined && this.includes(row);
    if (this.#matcher !== undefined) {
      if (row > this.#scanned) return;
      // The next row in turn needs no scan of its own.
      if (row === this.#scanned) {
        this.#scanned += 1;
        if (this.#scanned > this.#included.length) this.#makeRoom(this.#scanned);
      }
      if (after === undefined) this.#included[row] = 0;
      else this.#decide(row, this.#matcher);
    }
    const isIn = after !== undefined && this.includes(row);
    for (const [at, grouping] of GROUPINGS.entries()) {
      const tally = this.#tallies.get(grouping);
      if (tally !== undefined) changeTally(tally, at, wasIn ? before : undefined, isIn ? after : undefined);
    }
  }

  relabelSubmission(key: number): void {
    this.#tallies.get('submission')?.relabel(key);
  }

  groups(grouping: Grouping): readonly JobGroup[] {
    return this.#tally(grouping).groups();
  }

  /** Rows of a group, newest first. */
  members(group: JobGroup, state: string | undefined): Uint32Array {
    const key = keyNumber(this.#columns, group.grouping, group.key);
    const stateNumber = state === undefined ? undefined : this.#columns.states.find(state);
    if (key === undefined || (state !== undefined && stateNumber === undefined)) return new Uint32Array(0);
    const tally = this.#tally(group.grouping);
    const name = JSON.stringify([group.grouping, group.key, state]);
    const version = tally.version(key);
    const known = this.#lists.get(name);
    this.#lists.delete(name);
    const list =
      known?.version === version
        ? known
        : { version, rows: this.#collect(group.grouping, key, stateNumber, tally.size(key, stateNumber)) };
    this.#lists.set(name, list);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= maxLists) break;
      this.#lists.delete(oldest);
    }
    return list.rows;
  }

  #collect(grouping: Grouping, key: number, state: number | undefined, size: number): Uint32Array {
    const rows = new Uint32Array(size);
    const order = this.#index.ascending;
    let found = 0;
    for (let at = order.length - 1; found < size && at >= 0; at -= 1) {
      const row = order[at] ?? 0;
      if (!Object.is(groupKey(this.#columns, grouping, row), key)) continue;
      if (state !== undefined && this.#columns.state[row] !== state) continue;
      if (this.includes(row)) rows[found++] = row;
    }
    return rows;
  }

  #tally(grouping: Grouping): Tally {
    const known = this.#tallies.get(grouping);
    if (known !== undefined) return known;
    const tally = new Tally(this.#columns, grouping, this.#labels);
    for (let row = 0; row < this.#columns.rows; row += 1) {
      if (Number.isNaN(this.#columns.id[row]) || !this.includes(row)) continue;
      const state = this.#columns.state[row] ?? 0;
      tally.add(groupKey(this.#columns, grouping, row), state, this.#columns.cancelRequested[row] ?? 0);
    }
    this.#tallies.set(grouping, tally);
    return tally;
  }

  #decide(row: number, matcher: Matcher): void {
    this.#included[row] = !Number.isNaN(this.#columns.id[row]) && matcher.matches(row) ? 1 : 0;
  }

  #makeRoom(rows: number): void {
    const grown = new Uint8Array(Math.max(rows, this.#columns.id.length));
    grown.set(this.#included);
    this.#included = grown;
  }
}

function changeTally(
  tally: Tally,
  at: number,
  before: RowFacts | undefined,
  after: RowFacts | undefined,
): void {
  const keyBefore = before?.keys[at];
  const keyAfter = after?.keys[at];
  if (before !== undefined && after !== undefined) {
    if (Object.is(keyBefore, keyAfter) && before.state === after.state) {
      const difference = after.cancelRequested - before.cancelRequested;
      if (difference !== 0) tally.changeCancel(keyAfter ?? 0, difference);
      return;
    }
  }
  if (before !== undefined) tally.remove(keyBefore ?? 0, before.state, before.cancelRequested);
  if (after !== undefined) tally.add(keyAfter ?? 0, after.state, after.cancelRequested);
}

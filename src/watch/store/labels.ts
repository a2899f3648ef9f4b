import type { Grouping } from '../api.ts';
import type { JobColumns } from './columns.ts';
import { keyText } from './groups.ts';
import type { Labels } from './tally.ts';
import { isEarlierKey, taskOfKey } from '../tasks/key.ts';
import { taskLabel } from '../tasks/wording.ts';

const unsure = -1;

/** What groups are called. A submission is called as the user said, else by its job with the lowest number. */
export class GroupLabels implements Labels {
  readonly #columns: JobColumns;
  readonly #names = new Map<number, string>();
  /** The row with the lowest number of each submission; `unsure` while it must be looked for. */
  readonly #firstRows = new Map<number, number>();

  constructor(columns: JobColumns) {
    this.#columns = columns;
  }

  label(grouping: Grouping, key: number): string {
    const text = keyText(this.#columns, grouping, key);
    switch (grouping) {
      case 'state':
        return text;
      case 'submission':
        return text === '' ? 'Submitted by other programs' : this.#submissionLabel(key, text);
      case 'site':
        return text === '' ? 'No site yet' : text;
      case 'day':
        return text === '' ? 'Unknown day' : text;
    }
  }

  #submissionLabel(key: number, text: string): string {
    if (isEarlierKey(text)) return 'Earlier attempts';
    const name = this.#names.get(key) ?? this.#firstName(key);
    return taskOfKey(text) === undefined ? name : taskLabel(name);
  }

  /** The user's name for a submission; true when it was another. */
  name(submission: number, name: string): boolean {
    if (this.#names.get(submission) === name) return false;
    this.#names.set(submission, name);
    return true;
  }

  /** A job is in a submission with a new jobName; true when that may change the label. */
  came(submission: number, row: number): boolean {
    if (submission === 0) return false;
    const first = this.#firstRows.get(submission);
    const number = this.#columns.number[row] ?? 0;
    if (first === undefined) this.#firstRows.set(submission, row);
    else if (first === row) this.#firstRows.set(submission, unsure);
    else if (first !== unsure && number < (this.#columns.number[first] ?? 0))
      this.#firstRows.set(submission, row);
    else if (first !== unsure) return false;
    return !this.#names.has(submission);
  }

  /** A job is no longer in a submission; true when that may change the label. */
  left(submission: number, row: number): boolean {
    if (this.#firstRows.get(submission) !== row) return false;
    this.#firstRows.set(submission, unsure);
    return !this.#names.has(submission);
  }

  #firstName(submission: number): string {
    const known = this.#firstRows.get(submission) ?? unsure;
    const row = known === unsure ? this.#findFirst(submission) : known;
    return (row === undefined ? null : this.#columns.names.at(this.#columns.name[row] ?? 0)) ?? '';
  }

  #findFirst(submission: number): number | undefined {
    const columns = this.#columns;
    let first: number | undefined;
    for (let row = 0; row < columns.rows; row += 1) {
      if (columns.submission[row] !== submission || Number.isNaN(columns.id[row])) continue;
      if (first === undefined || (columns.number[row] ?? 0) < (columns.number[first] ?? 0)) first = row;
    }
    if (first !== undefined) this.#firstRows.set(submission, first);
    return first;
  }
}

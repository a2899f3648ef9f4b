import { setImmediate as nextTurn } from 'node:timers/promises';

import { isFinal } from '../../panda/index.ts';
import type { JobState, StateCounts } from '../../panda/index.ts';
import type { Grouping, Job, JobGroup, JobStore, JobUpdate, StoreChange } from '../api.ts';
import { createEmitter } from '../emitter.ts';
import { ChangeRecord } from './change.ts';
import { JobColumns } from './columns.ts';
import { filterWords, Matcher } from './filter.ts';
import { emptyFacts, groupId, groupKey, keyText, readFacts } from './groups.ts';
import { JobIndex } from './rowIndex.ts';
import { GroupLabels } from './labels.ts';
import { Selection } from './selection.ts';
import { isOutdated, writeUpdate } from './update.ts';
import { JobView } from './jobView.ts';

/** Filters kept true for the next question. */
const maxFilters = 3;
/** How long a filter works before it lets others have their turn, ms, and how many thousand jobs it goes through at most. */
const sliceLength = 8;
const sliceThousands = 20;

/** An empty store. */
export function createJobStore(): JobStore {
  return new ColumnStore();
}

class ColumnStore implements JobStore {
  readonly #columns = new JobColumns();
  readonly #index = new JobIndex(() => this.#columns.id);
  readonly #labels = new GroupLabels(this.#columns);
  readonly #all = new Selection(this.#columns, this.#index, this.#labels, undefined);
  /** By words; the one used last is last. */
  readonly #filters = new Map<string, Selection>();
  readonly #emitter = createEmitter<StoreChange>();
  readonly #before = emptyFacts();
  readonly #after = emptyFacts();
  #counts: StateCounts | undefined;

  readonly onDidChange = this.#emitter.event;

  get size(): number {
    return this.#index.size;
  }

  get counts(): StateCounts {
    this.#counts ??= Object.freeze(
      Object.fromEntries(this.#all.groups('state').map((group) => [group.key, group.size])),
    );
    return this.#counts;
  }

  get(pandaId: number): Job | undefined {
    const row = this.#index.find(pandaId);
    return row === undefined ? undefined : new JobView(this.#columns, this.#index, row);
  }

  apply(updates: Iterable<JobUpdate>): void {
    const change = new ChangeRecord(this.#columns);
    for (const update of updates) this.#applyOne(update, change);
    this.#publish(change);
  }

  remove(pandaIds: Iterable<number>): void {
    const rows = new Set<number>();
    for (const pandaId of pandaIds) {
      const row = this.#index.find(pandaId);
      if (row !== undefined) rows.add(row);
    }
    const change = new ChangeRecord(this.#columns);
    this.#index.remove(rows);
    for (const row of rows) {
      readFacts(this.#columns, row, this.#before);
      change.removed(this.#columns.id[row] ?? NaN, this.#before);
      const submission = this.#columns.submission[row] ?? 0;
      this.#columns.remove(row);
      for (const selection of this.#selections()) selection.change(row, this.#before, undefined);
      this.#relabel(submission, this.#labels.left(submission, row));
    }
    this.#publish(change);
  }

  unfinished(): number[] {
    const columns = this.#columns;
    const ended: boolean[] = [];
    for (let state = 0; state < columns.states.count; state += 1) {
      ended.push(isFinal(columns.states.at(state) ?? ''));
    }
    const order = this.#index.ascending;
    const pandaIds: number[] = [];
    for (let at = order.length - 1; at >= 0; at -= 1) {
      const row = order[at] ?? 0;
      if (ended[columns.state[row] ?? 0] !== true) pandaIds.push(columns.id[row] ?? NaN);
    }
    return pandaIds;
  }

  nameSubmission(submissionId: string, name: string): void {
    const key = this.#columns.submissions.add(submissionId);
    if (!this.#labels.name(key, name)) return;
    this.#relabel(key, true);
    const id = groupId('submission', submissionId);
    if (this.#all.groups('submission').some((group) => group.id === id)) {
      this.#emitter.fire({ added: [], changed: [], removed: [], groups: [id] });
    }
  }

  async prepareFilter(text: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    for (;;) {
      const deadline = performance.now() + sliceLength;
      let thousands = 0;
      if (this.#select(text).scan(() => ++thousands >= sliceThousands || performance.now() > deadline))
        return;
      await nextTurn();
      options.signal?.throwIfAborted();
    }
  }

  groups(grouping: Grouping, filter: string): readonly JobGroup[] {
    return this.#complete(filter).groups(grouping);
  }

  members(group: JobGroup, filter: string, from: number, count: number, state?: JobState): readonly number[] {
    const rows = this.#complete(filter).members(group, state);
    const first = Math.max(0, from);
    return Array.from(
      rows.subarray(first, Math.max(first, from + count)),
      (row) => this.#columns.id[row] ?? NaN,
    );
  }

  groupIdOf(pandaId: number, grouping: Grouping): string | undefined {
    const row = this.#index.find(pandaId);
    if (row === undefined) return undefined;
    return groupId(grouping, keyText(this.#columns, grouping, groupKey(this.#columns, grouping, row)));
  }

  #applyOne(update: JobUpdate, change: ChangeRecord): void {
    const columns = this.#columns;
    const known = this.#index.find(update.pandaId);
    if (known !== undefined && isOutdated(columns, known, update)) return;
    const row = known ?? this.#add(update.pandaId);
    readFacts(columns, row, this.#before);
    const submission = columns.submission[row] ?? 0;
    const name = columns.name[row];
    const number = columns.number[row];
    const differs = writeUpdate(columns, row, update);
    if (known !== undefined && !differs) return;
    readFacts(columns, row, this.#after);
    const before = known === undefined ? undefined : this.#before;
    for (const selection of this.#selections()) selection.change(row, before, this.#after);
    if (before === undefined) change.added(update.pandaId, this.#after);
    else change.changed(update.pandaId, before, this.#after);
    const renamed = columns.name[row] !== name || columns.number[row] !== number;
    if (renamed || columns.submission[row] !== submission) this.#moveLabel(row, submission, change);
  }

  #add(pandaId: number): number {
    if (!Number.isSafeInteger(pandaId) || pandaId < 0) throw new RangeError(`Not a PandaID: ${pandaId}`);
    const row = this.#columns.add(pandaId);
    this.#columns.state[row] = this.#columns.states.add('unknown');
    this.#index.add(row);
    return row;
  }

  /** A job's name may be the label of its submission. */
  #moveLabel(row: number, submissionBefore: number, change: ChangeRecord): void {
    const submission = this.#columns.submission[row] ?? 0;
    if (submissionBefore !== submission) {
      this.#relabel(submissionBefore, this.#labels.left(submissionBefore, row));
    }
    if (!this.#labels.came(submission, row)) return;
    this.#relabel(submission, true);
    change.submission(submission);
  }

  #relabel(submission: number, changed: boolean): void {
    if (!changed) return;
    for (const selection of this.#selections()) selection.relabelSubmission(submission);
  }

  #selections(): readonly Selection[] {
    return this.#filters.size === 0 ? [this.#all] : [this.#all, ...this.#filters.values()];
  }

  #select(filter: string): Selection {
    const words = filterWords(filter);
    if (words.length === 0) return this.#all;
    const key = words.join(' ');
    const selection =
      this.#filters.get(key) ??
      new Selection(this.#columns, this.#index, this.#labels, new Matcher(this.#columns, words));
    this.#filters.delete(key);
    this.#filters.set(key, selection);
    for (const oldest of this.#filters.keys()) {
      if (this.#filters.size <= maxFilters) break;
      this.#filters.delete(oldest);
    }
    return selection;
  }

  #complete(filter: string): Selection {
    const selection = this.#select(filter);
    selection.scan(() => false);
    return selection;
  }

  #publish(change: ChangeRecord): void {
    if (change.isEmpty) return;
    this.#counts = undefined;
    if (this.#emitter.hasListeners) this.#emitter.fire(change.toChange());
  }
}

import type { StoreChange } from '../api.ts';
import type { JobColumns } from './columns.ts';
import { groupId, GROUPINGS, keyText } from './groups.ts';
import type { RowFacts } from './groups.ts';

/** Collects what a round of updates changed, for the one event at its end. */
export class ChangeRecord {
  readonly #columns: JobColumns;
  readonly #added = new Set<number>();
  readonly #changed = new Set<number>();
  readonly #removed: number[] = [];
  /** Keys of groups, for each of `GROUPINGS`. */
  readonly #keys = GROUPINGS.map(() => new Set<number>());

  constructor(columns: JobColumns) {
    this.#columns = columns;
  }

  get isEmpty(): boolean {
    return this.#added.size + this.#changed.size + this.#removed.length === 0;
  }

  added(pandaId: number, facts: RowFacts): void {
    this.#added.add(pandaId);
    this.#touchAll(facts);
  }

  changed(pandaId: number, before: RowFacts, after: RowFacts): void {
    if (!this.#added.has(pandaId)) this.#changed.add(pandaId);
    const sameCounts = before.state === after.state && before.cancelRequested === after.cancelRequested;
    for (const [at, keys] of this.#keys.entries()) {
      const keyBefore = before.keys[at] ?? 0;
      const keyAfter = after.keys[at] ?? 0;
      if (sameCounts && Object.is(keyBefore, keyAfter)) continue;
      keys.add(keyBefore);
      keys.add(keyAfter);
    }
  }

  removed(pandaId: number, facts: RowFacts): void {
    this.#removed.push(pandaId);
    this.#touchAll(facts);
  }

  submission(key: number): void {
    this.#keys[GROUPINGS.indexOf('submission')]?.add(key);
  }

  toChange(): StoreChange {
    const groups: string[] = [];
    for (const [at, grouping] of GROUPINGS.entries()) {
      for (const key of this.#keys[at] ?? [])
        groups.push(groupId(grouping, keyText(this.#columns, grouping, key)));
    }
    return { added: [...this.#added], changed: [...this.#changed], removed: this.#removed, groups };
  }

  #touchAll(facts: RowFacts): void {
    for (const [at, keys] of this.#keys.entries()) keys.add(facts.keys[at] ?? 0);
  }
}

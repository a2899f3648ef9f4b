import type { JobRecord } from '../../panda/index.ts';
import { firstAttempt, followedAttempt } from '../store/jobUpdate.ts';

/** Which jobs of tasks another attempt at the same work followed, out of what was described so far, in any order. */
export class Attempts {
  /** By the first attempt of each work. */
  readonly #newest = new Map<number, number>();
  readonly #followed = new Set<number>();

  /** Takes in jobs. Returns those that another one turns out to have followed. */
  take(records: readonly JobRecord[]): readonly number[] {
    const found = records.flatMap((record) => [...followedAttempt(record), ...this.#takeOne(record)]);
    for (const pandaId of found) this.#followed.add(pandaId);
    return found;
  }

  isFollowed(pandaId: number): boolean {
    return this.#followed.has(pandaId);
  }

  #takeOne(record: JobRecord): readonly number[] {
    const { PandaID } = record;
    const first = firstAttempt(record);
    if (first === undefined) return [];
    const newest = this.#newest.get(first) ?? first;
    this.#newest.set(first, Math.max(newest, PandaID));
    return newest === PandaID ? [] : [Math.min(newest, PandaID)];
  }
}

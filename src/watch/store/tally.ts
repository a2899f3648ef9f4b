import type { StateCounts } from '../../panda/index.ts';
import type { Grouping, JobGroup } from '../api.ts';
import type { JobColumns } from './columns.ts';
import { compareKeys, groupId, keyText } from './groups.ts';

/** What a tally must be told to describe a group: labels live outside. */
export interface Labels {
  label(grouping: Grouping, key: number, size: number): string;
}

/** The groups of a set of rows under one grouping, with their sizes and states, kept as rows come, change and go. */
export class Tally {
  readonly #columns: JobColumns;
  readonly #grouping: Grouping;
  readonly #labels: Labels;
  /** Slots by key: keys that number a text in an array, which is quicker, days in the map. */
  readonly #textSlots: (number | undefined)[] = [];
  readonly #daySlots = new Map<number, number>();
  readonly #keys: number[] = [];
  readonly #sizes: number[] = [];
  readonly #cancelRequested: number[] = [];
  readonly #versions: number[] = [];
  readonly #groups: (JobGroup | undefined)[] = [];
  /** `#stride` counts for each slot, by number of the state. */
  #counts = new Uint32Array(1024);
  #stride = 24;
  /** Slots that are not empty, in display order. */
  #order: number[] | undefined;
  #list: readonly JobGroup[] | undefined;

  constructor(columns: JobColumns, grouping: Grouping, labels: Labels) {
    this.#columns = columns;
    this.#grouping = grouping;
    this.#labels = labels;
  }

  add(key: number, state: number, cancelRequested: number): void {
    const slot = this.#slotOf(key);
    if (this.#sizes[slot] === 0) this.#order = undefined;
    this.#count(slot, state, cancelRequested, 1);
  }

  remove(key: number, state: number, cancelRequested: number): void {
    const slot = this.#slotOf(key);
    this.#count(slot, state, cancelRequested, -1);
    if (this.#sizes[slot] === 0) this.#order = undefined;
  }

  /** Notes that one more or one less waits for the pilot to obey; members stay. */
  changeCancel(key: number, difference: number): void {
    const slot = this.#slotOf(key);
    this.#cancelRequested[slot] = (this.#cancelRequested[slot] ?? 0) + difference;
    this.#touch(slot);
  }

  /** A group's label may have changed. */
  relabel(key: number): void {
    const slot = this.#find(key);
    if (slot !== undefined) this.#touch(slot);
  }

  /** Changes whenever members of the group, or the states of its members, do. */
  version(key: number): number {
    const slot = this.#find(key);
    return slot === undefined ? 0 : (this.#versions[slot] ?? 0);
  }

  /** How many members a group has, in one state or in all. */
  size(key: number, state: number | undefined): number {
    const slot = this.#find(key);
    if (slot === undefined) return 0;
    if (state === undefined) return this.#sizes[slot] ?? 0;
    return state < this.#stride ? (this.#counts[slot * this.#stride + state] ?? 0) : 0;
  }

  groups(): readonly JobGroup[] {
    this.#order ??= this.#sortedSlots();
    this.#list ??= this.#order.map((slot) => (this.#groups[slot] ??= this.#describe(slot)));
    return this.#list;
  }

  #count(slot: number, state: number, cancelRequested: number, sign: 1 | -1): void {
    if (state >= this.#stride) this.#widen(state);
    const at = slot * this.#stride + state;
    this.#counts[at] = (this.#counts[at] ?? 0) + sign;
    this.#sizes[slot] = (this.#sizes[slot] ?? 0) + sign;
    this.#cancelRequested[slot] = (this.#cancelRequested[slot] ?? 0) + sign * cancelRequested;
    this.#versions[slot] = (this.#versions[slot] ?? 0) + 1;
    this.#touch(slot);
  }

  #touch(slot: number): void {
    this.#groups[slot] = undefined;
    this.#list = undefined;
  }

  #find(key: number): number | undefined {
    return this.#grouping === 'day' ? this.#daySlots.get(key) : this.#textSlots[key];
  }

  #slotOf(key: number): number {
    const known = this.#find(key);
    if (known !== undefined) return known;
    const slot = this.#keys.length;
    if (this.#grouping === 'day') this.#daySlots.set(key, slot);
    else this.#textSlots[key] = slot;
    this.#keys.push(key);
    this.#sizes.push(0);
    this.#cancelRequested.push(0);
    this.#versions.push(0);
    this.#groups.push(undefined);
    if ((slot + 1) * this.#stride > this.#counts.length) this.#resize(this.#stride, this.#keys.length * 2);
    return slot;
  }

  #widen(state: number): void {
    this.#resize(state + 16, this.#keys.length);
  }

  #resize(stride: number, slots: number): void {
    const counts = new Uint32Array(stride * slots);
    for (let slot = 0; slot < this.#keys.length; slot += 1) {
      const from = slot * this.#stride;
      counts.set(this.#counts.subarray(from, from + this.#stride), slot * stride);
    }
    this.#counts = counts;
    this.#stride = stride;
  }

  #sortedSlots(): number[] {
    const texts: string[] = [];
    const slots: number[] = [];
    for (const [slot, key] of this.#keys.entries()) {
      if (this.#sizes[slot] === 0) continue;
      slots.push(slot);
      texts[slot] = keyText(this.#columns, this.#grouping, key);
    }
    return slots.sort((a, b) => compareKeys(this.#grouping, texts[a] ?? '', texts[b] ?? ''));
  }

  #describe(slot: number): JobGroup {
    const key = this.#keys[slot] ?? 0;
    const text = keyText(this.#columns, this.#grouping, key);
    const size = this.#sizes[slot] ?? 0;
    return {
      id: groupId(this.#grouping, text),
      grouping: this.#grouping,
      key: text,
      label: this.#labels.label(this.#grouping, key, size),
      size,
      states: this.#stateCounts(slot),
      cancelRequested: this.#cancelRequested[slot] ?? 0,
    };
  }

  #stateCounts(slot: number): StateCounts {
    const counts: [string, number][] = [];
    for (let state = 1; state < this.#stride; state += 1) {
      const count = this.#counts[slot * this.#stride + state] ?? 0;
      if (count > 0) counts.push([this.#columns.states.at(state) ?? '', count]);
    }
    return Object.fromEntries(counts);
  }
}

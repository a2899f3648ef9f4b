import type { JobState } from '../../panda/index.ts';
import type { Job } from '../api.ts';
import type { JobColumns } from './columns.ts';
import type { JobIndex } from './rowIndex.ts';
import { taskLabel } from '../tasks/wording.ts';

/** A job as a view on its row. Once the job was removed, reading it throws: there is nothing true to say. */
export class JobView implements Job {
  readonly pandaId: number;
  readonly #columns: JobColumns;
  readonly #index: JobIndex;
  #lastRow: number;

  constructor(columns: JobColumns, index: JobIndex, row: number) {
    this.#columns = columns;
    this.#index = index;
    this.#lastRow = row;
    this.pandaId = columns.id[row] ?? NaN;
  }

  get name(): string {
    const name = this.#columns.names.at(this.#columns.name[this.#row] ?? 0) ?? String(this.pandaId);
    return this.taskId === null ? name : taskLabel(name);
  }

  get jobName(): string {
    return this.#columns.jobName(this.#row);
  }

  get submissionId(): string | null {
    return this.taskId === null
      ? this.#columns.submissions.at(this.#columns.submission[this.#row] ?? 0)
      : null;
  }

  get taskId(): number | null {
    const task = this.#columns.task[this.#row] ?? 0;
    return task === 0 ? null : task;
  }

  get superseded(): boolean {
    return this.#columns.superseded[this.#row] === 1;
  }

  get state(): JobState {
    return this.#columns.states.at(this.#columns.state[this.#row] ?? 0) ?? 'unknown';
  }

  get cancelRequested(): boolean {
    return this.#columns.cancelRequested[this.#row] === 1;
  }

  get site(): string | null {
    return this.#columns.sites.at(this.#columns.site[this.#row] ?? 0);
  }

  get transformation(): string | null {
    return this.#columns.transformations.at(this.#columns.transformation[this.#row] ?? 0);
  }

  get creationTime(): number | null {
    return timeOrNull(this.#columns.creationTime[this.#row]);
  }

  get startTime(): number | null {
    return timeOrNull(this.#columns.startTime[this.#row]);
  }

  get endTime(): number | null {
    return timeOrNull(this.#columns.endTime[this.#row]);
  }

  get modificationTime(): number | null {
    return timeOrNull(this.#columns.modificationTime[this.#row]);
  }

  get error(): string | null {
    return this.#columns.errors.at(this.#columns.error[this.#row] ?? 0);
  }

  get attempt(): number {
    return this.#columns.attempt[this.#row] ?? 0;
  }

  /** The row, found again where the job was removed and came back. */
  get #row(): number {
    if (this.#columns.id[this.#lastRow] !== this.pandaId) {
      const row = this.#index.find(this.pandaId);
      if (row === undefined) throw new Error(`Job ${this.pandaId} is no longer known here.`);
      this.#lastRow = row;
    }
    return this.#lastRow;
  }
}

function timeOrNull(time: number | undefined): number | null {
  return time === undefined || Number.isNaN(time) ? null : time;
}

import { parseJobName } from '../../panda/index.ts';
import { enlarge } from './arrays.ts';
import { TextTable } from './text.ts';
import { taskKey } from '../tasks/key.ts';

/** The columns of all jobs; a row is a position in them. A removed job leaves its row to a later one. */
export class JobColumns {
  /** NaN for a row that holds no job. */
  id = new Float64Array(1024);
  /**
   * Our jobs: the user's name, submission and number, which together are the jobName. Those of tasks: the jobName, the key of
   * their task and 0. Others: the jobName, 0 and 0.
   */
  name = new Uint32Array(1024);
  submission = new Uint32Array(1024);
  number = new Uint32Array(1024);
  /** 0: none. */
  task = new Float64Array(1024);
  superseded = new Uint8Array(1024);
  state = new Uint16Array(1024);
  cancelRequested = new Uint8Array(1024);
  site = new Uint32Array(1024);
  transformation = new Uint32Array(1024);
  error = new Uint32Array(1024);
  attempt = new Uint32Array(1024);
  /** Epoch milliseconds; NaN where not known. */
  creationTime = new Float64Array(1024);
  startTime = new Float64Array(1024);
  endTime = new Float64Array(1024);
  modificationTime = new Float64Array(1024);

  readonly names = new TextTable();
  readonly submissions = new TextTable();
  readonly states = new TextTable();
  readonly sites = new TextTable();
  readonly transformations = new TextTable();
  readonly errors = new TextTable();

  #rows = 0;
  readonly #free: number[] = [];

  /** Rows in use or left free: every job's row is below. */
  get rows(): number {
    return this.#rows;
  }

  add(pandaId: number): number {
    const row = this.#free.pop() ?? this.#rows++;
    if (row >= this.id.length) this.#grow();
    this.id[row] = pandaId;
    this.name[row] = 0;
    this.submission[row] = 0;
    this.number[row] = 0;
    this.task[row] = 0;
    this.superseded[row] = 0;
    this.state[row] = 0;
    this.cancelRequested[row] = 0;
    this.site[row] = 0;
    this.transformation[row] = 0;
    this.error[row] = 0;
    this.attempt[row] = 0;
    this.creationTime[row] = NaN;
    this.startTime[row] = NaN;
    this.endTime[row] = NaN;
    this.modificationTime[row] = NaN;
    return row;
  }

  remove(row: number): void {
    this.id[row] = NaN;
    this.#free.push(row);
  }

  /** After the task was set. True when the jobName, or what it belongs to, was another. */
  setJobName(row: number, jobName: string): boolean {
    const task = this.task[row] ?? 0;
    const ours = task === 0 ? parseJobName(jobName) : null;
    const key =
      task === 0 ? (ours?.submissionId ?? null) : taskKey(task, jobName, this.superseded[row] === 1);
    const name = this.names.add(ours?.name ?? jobName);
    const submission = this.submissions.add(key);
    const number = ours?.number ?? 0;
    const differs =
      this.name[row] !== name || this.submission[row] !== submission || this.number[row] !== number;
    this.name[row] = name;
    this.submission[row] = submission;
    this.number[row] = number;
    return differs;
  }

  jobName(row: number): string {
    const name = this.names.at(this.name[row] ?? 0) ?? '';
    const submission = this.task[row] === 0 ? this.submissions.at(this.submission[row] ?? 0) : null;
    return submission === null ? name : `${name}.${submission}.${this.number[row] ?? 0}`;
  }

  #grow(): void {
    this.id = enlarge(this.id, Float64Array);
    this.name = enlarge(this.name, Uint32Array);
    this.submission = enlarge(this.submission, Uint32Array);
    this.number = enlarge(this.number, Uint32Array);
    this.task = enlarge(this.task, Float64Array);
    this.superseded = enlarge(this.superseded, Uint8Array);
    this.state = enlarge(this.state, Uint16Array);
    this.cancelRequested = enlarge(this.cancelRequested, Uint8Array);
    this.site = enlarge(this.site, Uint32Array);
    this.transformation = enlarge(this.transformation, Uint32Array);
    this.error = enlarge(this.error, Uint32Array);
    this.attempt = enlarge(this.attempt, Uint32Array);
    this.creationTime = enlarge(this.creationTime, Float64Array);
    this.startTime = enlarge(this.startTime, Float64Array);
    this.endTime = enlarge(this.endTime, Float64Array);
    this.modificationTime = enlarge(this.modificationTime, Float64Array);
  }
}

import type { SubmitOutcome } from '../../panda/index.ts';
import type { TaskNote } from '../../watch/index.ts';
import {
  beginRecord,
  findRecordOfJob,
  readRecord,
  readRecords,
  updateRecord,
  updateRecordOfTask,
  type BegunSubmission,
  type RecordFs,
  type SubmissionOrigin,
  type SubmissionRecord,
} from '../../transformations/index.ts';

/** A record, and the folder of the workspace that holds it. */
export interface FoundRecord {
  readonly folder: string;
  readonly record: SubmissionRecord;
}

export interface RecordsDeps {
  /** Absolute paths of the folders of the workspace. */
  readonly folders: () => readonly string[];
  readonly fs: RecordFs;
  /** Told in a sentence of what hinders keeping records: no more than a remark, as the jobs are on their way. */
  readonly note: (text: string) => void;
}

/** The records of submissions in the folders of the workspace. */
export class WorkspaceRecords {
  readonly #deps: RecordsDeps;

  constructor(deps: RecordsDeps) {
    this.#deps = deps;
  }

  /** Notes what is about to be submitted. Never rejects. */
  async begin(origin: SubmissionOrigin, submission: BegunSubmission): Promise<void> {
    await this.#keep(origin.folder, () => beginRecord(origin, submission, this.#deps.fs));
  }

  /** Notes the jobs that PanDA took so far, wherever there is a record of the submission. Never rejects. */
  async update(submission: {
    readonly id: string;
    readonly outcomes: readonly SubmitOutcome[];
  }): Promise<void> {
    for (const folder of this.#deps.folders()) {
      await this.#keep(folder, () => updateRecord(folder, submission, this.#deps.fs));
    }
  }

  /** Notes the task that PanDA took, wherever there is a record of its submission. Never rejects. */
  async updateTask({ id, outcome }: Pick<TaskNote, 'id' | 'outcome'>): Promise<void> {
    if (outcome.kind !== 'accepted') return;
    const { taskId } = outcome;
    for (const folder of this.#deps.folders()) {
      await this.#keep(folder, () => updateRecordOfTask(folder, { id, taskId }, this.#deps.fs));
    }
  }

  async find(id: string): Promise<FoundRecord | undefined> {
    return this.#first((folder) => readRecord(folder, id, this.#deps.fs));
  }

  /** Goes through the records, the newest first. */
  async findByJob(pandaId: number): Promise<FoundRecord | undefined> {
    return this.#first((folder) => findRecordOfJob(folder, pandaId, this.#deps.fs));
  }

  /** At most so many, the newest first. */
  async newest(most: number): Promise<readonly FoundRecord[]> {
    const found: FoundRecord[] = [];
    for (const folder of this.#deps.folders()) {
      const records = await readRecords(folder, this.#deps.fs, { most });
      found.push(...records.map((record) => ({ folder, record })));
    }
    return found.toSorted((one, other) => other.record.submittedAt - one.record.submittedAt).slice(0, most);
  }

  async #first(
    read: (folder: string) => Promise<SubmissionRecord | undefined>,
  ): Promise<FoundRecord | undefined> {
    for (const folder of this.#deps.folders()) {
      const record = await read(folder);
      if (record !== undefined) return { folder, record };
    }
    return undefined;
  }

  async #keep(folder: string, keep: () => Promise<unknown>): Promise<void> {
    try {
      await keep();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#deps.note(`The record of a submission in ${folder} could not be written: ${reason}.`);
    }
  }
}

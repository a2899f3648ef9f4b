import type { SubmitOutcome } from '../../panda/index.ts';
import type { SubmissionDescription } from './description.ts';
import { formatRecord, parseRecord } from './record.ts';
import type { SubmissionRecord } from './record.ts';
import { readRecord, writeRecord } from './recordStore.ts';
import type { RecordFs } from './recordStore.ts';

/** From where and with what a submission is made: what its record says before anything came of it. */
export interface SubmissionOrigin {
  /** Holds `.panda`; absolute. */
  readonly folder: string;
  /** Paths are relative to the folder. */
  readonly asked: SubmissionDescription;
  /** The submission file, relative to the folder; null where there is none. */
  readonly file: string | null;
  /** PandaIDs of old jobs that are submitted again. */
  readonly resubmitted?: readonly number[];
}

/** A submission of which nothing has left yet. */
export interface BegunSubmission {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  /** Origin of the server. */
  readonly server: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly jobs: number;
}

/** Notes what is about to be submitted, so that it is known even if nothing is heard of it any more. */
export async function beginRecord(
  { folder, asked, file, resubmitted = [] }: SubmissionOrigin,
  { id, name, profile, server, submittedAt, jobs }: BegunSubmission,
  fs: RecordFs,
): Promise<void> {
  const facts = { id, name, profile, server, submittedAt, jobs };
  const record: SubmissionRecord = { ...facts, file, asked, resubmitted, taskId: null, pandaIds: [] };
  // A file with a line end in its name, for example, is nothing that a submission file could name.
  if (parseRecord(formatRecord(record)) === undefined) {
    throw new Error('it holds what no submission file can say');
  }
  await writeRecord(folder, record, fs);
}

/** Notes the jobs that PanDA took so far, where the folder has a record of the submission; false where it has none. */
export async function updateRecord(
  folder: string,
  { id, outcomes }: { readonly id: string; readonly outcomes: readonly SubmitOutcome[] },
  fs: RecordFs,
): Promise<boolean> {
  const record = await readRecord(folder, id, fs);
  if (record === undefined) return false;
  const pandaIds = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.pandaId] : []));
  // A job that PanDA took once stays taken: what says less is older.
  if (pandaIds.length > record.pandaIds.length) await writeRecord(folder, { ...record, pandaIds }, fs);
  return true;
}

/** Notes the task that PanDA took, where the folder has a record of its submission; false where it has none. */
export async function updateRecordOfTask(
  folder: string,
  { id, taskId }: { readonly id: string; readonly taskId: number },
  fs: RecordFs,
): Promise<boolean> {
  const record = await readRecord(folder, id, fs);
  if (record === undefined) return false;
  if (record.taskId !== taskId) await writeRecord(folder, { ...record, taskId }, fs);
  return true;
}

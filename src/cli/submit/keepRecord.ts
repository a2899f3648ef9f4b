import * as disk from 'node:fs/promises';
import type { BegunSubmission, Submission, TaskNote } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { AskedPlan } from './plan.ts';

/** Notes in `.panda` of the folder what is about to be submitted from it. A folder that cannot be written is worth a remark only. */
export async function noteBegun(
  { io, out }: CommandContext,
  { asked, file }: AskedPlan,
  submission: BegunSubmission,
): Promise<void> {
  try {
    const { beginRecord } = await import('../../transformations/index.ts');
    await beginRecord({ folder: io.cwd, asked, file }, submission, disk);
  } catch (error) {
    out.note(`There is no record of it in ${io.cwd}/.panda: ${reasonOf(error)}.`);
  }
}

/** Notes the jobs that got through, where the folder has a record of the submission. */
export async function noteOutcomes(
  { io, out }: Pick<CommandContext, 'io' | 'out'>,
  submission: Pick<Submission, 'id' | 'outcomes'>,
): Promise<void> {
  try {
    const { updateRecord } = await import('../../transformations/index.ts');
    await updateRecord(io.cwd, submission, disk);
  } catch (error) {
    out.note(`Its record in ${io.cwd}/.panda is not up to date: ${reasonOf(error)}.`);
  }
}

/** Notes the task that got through, where the folder has a record of its submission. */
export async function noteTask(
  { io, out }: Pick<CommandContext, 'io' | 'out'>,
  { id, outcome }: Pick<TaskNote, 'id' | 'outcome'>,
): Promise<void> {
  if (outcome.kind !== 'accepted') return;
  try {
    const { updateRecordOfTask } = await import('../../transformations/index.ts');
    await updateRecordOfTask(io.cwd, { id, taskId: outcome.taskId }, disk);
  } catch (error) {
    out.note(`Its record in ${io.cwd}/.panda is not up to date: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import * as disk from 'node:fs/promises';
import { readRecord, writeRecord } from '../transformations/index.ts';
import type { Submission } from '../watch/index.ts';
import type { CommandContext } from './command.ts';
import type { Connection } from './connection.ts';
import type { AskedPlan } from './plan.ts';

/** Notes in `.panda` of the folder what was submitted from it. A folder that cannot be written is worth a remark only. */
export async function keepRecord(
  { io, out }: CommandContext,
  { profile }: Connection,
  plan: AskedPlan,
  submission: Submission,
): Promise<void> {
  const { id, name, submittedAt, outcomes } = submission;
  const { asked, file } = plan;
  const facts = { id, name, submittedAt, asked, file, profile: profile.name, server: profile.server };
  try {
    const record = { ...facts, jobs: outcomes.length, pandaIds: pandaIdsOf(submission) };
    await writeRecord(io.cwd, record, disk);
  } catch (error) {
    out.note(`There is no record of it in ${io.cwd}/.panda: ${reasonOf(error)}.`);
  }
}

/** Notes the jobs that got through later, where the folder has a record of the submission. */
export async function updateRecord({ io, out }: CommandContext, submission: Submission): Promise<void> {
  try {
    const record = await readRecord(io.cwd, submission.id, disk);
    if (record === undefined) return;
    await writeRecord(io.cwd, { ...record, pandaIds: pandaIdsOf(submission) }, disk);
  } catch (error) {
    out.note(`Its record in ${io.cwd}/.panda is not up to date: ${reasonOf(error)}.`);
  }
}

function pandaIdsOf({ outcomes }: Submission): readonly number[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.pandaId] : []));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { recoverSubmissions, recoverTasks } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { workspaceRecords } from '../submissions/workspaceRecords.ts';
import { askAboutTask, takeInTask, taskDeps } from '../tasks/submitAsTask.ts';
import { submitDeps } from './submitDeps.ts';
import { takeInOutcomes } from './takeInOutcomes.ts';

/** Finishes submissions that an earlier VS Code, or another program, left half done. Sends nothing unasked. */
export async function recover(session: Session, parts: Parts, signal: AbortSignal): Promise<void> {
  const { recovered, problems } = await recoverSubmissions(submitDeps(session), { signal });
  for (const { file, message } of problems) {
    parts.log.warn(`Could not use the submission noted in ${file}: ${message}.`);
  }
  for (const { submission, adopted, unknown, notSent } of recovered) {
    const { id, name } = submission;
    await workspaceRecords(parts).update(submission);
    takeInOutcomes(
      { id, name, outcomes: [...adopted, ...unknown, ...notSent], warnings: [] },
      session,
      parts,
    );
  }
  await recoverTaskNotes(session, parts, signal);
}

/** The same for tasks. */
async function recoverTaskNotes(session: Session, parts: Parts, signal: AbortSignal): Promise<void> {
  const { found, unknown, problems } = await recoverTasks(taskDeps(session), signal);
  for (const { file, message } of problems) {
    parts.log.warn(`Could not use the task noted in ${file}: ${message}.`);
  }
  for (const note of found) await takeInTask(note, session, parts);
  for (const note of unknown) {
    askAboutTask(note, `The task ${note.name}, submitted earlier, may or may not exist.`, parts);
  }
}

import * as vscode from 'vscode';
import { recordPath } from '../../transformations/index.ts';
import type { Session } from '../session.ts';
import type { FoundRecord, WorkspaceRecords } from './records.ts';

/** Opens a record as the file that it is, brought up to date with what the journal of this machine knows. */
export async function showSubmission(
  { folder, record }: FoundRecord,
  records: WorkspaceRecords,
  session: Session | undefined,
): Promise<void> {
  // It may have been recovered, or gone on with, from elsewhere.
  if (session?.profile.name === record.profile) {
    if (record.asked.task !== undefined) {
      const entry = await session.taskJournal.read(record.profile, record.id);
      if (entry !== undefined) await records.updateTask(entry.note);
    } else if (record.pandaIds.length < record.jobs) {
      const entry = await session.journal.read(record.profile, record.id);
      if (entry !== undefined) await records.update(entry.submission);
    }
  }
  const uri = vscode.Uri.file(recordPath(folder, record.id));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
}

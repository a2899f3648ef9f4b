import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { findTaskFiles } from '../../transformations/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';
import type { SubmitForm } from './submitForm.ts';

/**
 * Lists the files that go along, under the names by which the job finds them, and what of a task's folder stays behind,
 * with the reason; choosing one opens it.
 */
export async function showFiles({ reading, staging, task }: SubmitForm): Promise<void> {
  const own = reading.files.map(fileChoice);
  const folder = task?.folder;
  const found =
    folder === undefined ? [] : await folderChoices(folder, new Set(own.map(({ value }) => value)));
  const title =
    task !== undefined
      ? 'Files of the task'
      : staging === undefined
        ? 'Files of the job'
        : `Files of the job, staged in ${staging}`;
  const chosen = await pickOne([...own, ...found], { title, placeHolder: 'File to open' });
  if (chosen !== undefined) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(chosen));
}

function fileChoice({ name, path, size }: { name: string; path: string; size: number }): Choice<string> {
  return { label: `$(file) ${name}`, description: `${formatSize(size)} · ${dirname(path)}`, value: path };
}

async function folderChoices(folder: string, known: ReadonlySet<string>): Promise<readonly Choice<string>[]> {
  const { files, leftOut } = await withViewProgress(({ signal }) => findTaskFiles(folder, { signal }));
  const more = files.filter(({ path }) => !known.has(path)).map(fileChoice);
  if (leftOut.length === 0) return more;
  const line: Choice<string> = {
    label: `${plural(leftOut.length, 'name')} left out`,
    kind: vscode.QuickPickItemKind.Separator,
    value: '',
  };
  const left = leftOut.map(({ name, reason }) => ({
    label: `$(circle-slash) ${name}`,
    description: reason,
    value: join(folder, name),
  }));
  return [...more, line, ...left];
}

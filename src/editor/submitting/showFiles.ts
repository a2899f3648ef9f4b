import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { formatSize } from '../../watch/index.ts';
import { pickOne } from '../vscode/prompts.ts';
import type { SubmitForm } from './submitForm.ts';

/** Lists the files that go along, under the names by which the job finds them; choosing one opens it. */
export async function showFiles({ reading, staging }: SubmitForm): Promise<void> {
  const choices = reading.files.map(({ name, path, size }) => ({
    label: `$(file) ${name}`,
    description: `${formatSize(size)} · ${dirname(path)}`,
    value: path,
  }));
  const title = staging === undefined ? 'Files of the job' : `Files of the job, staged in ${staging}`;
  const chosen = await pickOne(choices, { title, placeHolder: 'File to open' });
  if (chosen !== undefined) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(chosen));
}

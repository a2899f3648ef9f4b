import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import {
  isSubmissionFile,
  localDisk,
  planSubmission,
  readSubmissionFile,
} from '../../transformations/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { confirm } from '../vscode/prompts.ts';
import { loadTransformations } from './loadTransformations.ts';
import { submissionFileName, submissionFileText } from './submissionFileOf.ts';
import type { SubmitForm } from './submitForm.ts';

/** Writes what the form holds as a submission file where the user says, and opens it; false when they leave. */
export async function saveAs(form: SubmitForm, parts: Parts): Promise<boolean> {
  const target = await askForPlace(form);
  if (target === undefined) return false;
  const text = submissionFileText(form, dirname(target.fsPath));
  await checkText(text, target, form, parts);
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(target));
  return true;
}

async function askForPlace({ file }: SubmitForm): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showSaveDialog({
    title: 'Save as submission file',
    saveLabel: 'Save',
    defaultUri: vscode.Uri.file(submissionFileName(file.path)),
    filters: { 'Submission file': ['yaml', 'yml'] },
  });
  if (chosen === undefined) return undefined;
  if (chosen.scheme !== 'file')
    throw new NothingToDo('A submission file is kept on this machine, beside its files.');
  if (isSubmissionFile(chosen.path)) return chosen;
  const named = chosen.with({ path: chosen.path.replace(/(?:\.panda)?(?:\.ya?ml)?$/iu, '.panda.yaml') });
  return (await mayReplace(named)) ? named : undefined;
}

/** The dialog asked for the name that was typed only. */
async function mayReplace(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    return true;
  }
  return confirm(`Replace ${basename(uri.fsPath)}?`, 'Replace', 'A file of this name is there already.');
}

/** What would be refused there is better said now: files elsewhere above all. */
async function checkText(text: string, target: vscode.Uri, form: SubmitForm, parts: Parts): Promise<void> {
  const folder = dirname(target.fsPath);
  const workspace = vscode.workspace.getWorkspaceFolder(target)?.uri.fsPath;
  const deps = {
    folder,
    roots: workspace === undefined ? [folder] : [folder, workspace],
    transformations: loadTransformations(parts.extension.extensionPath),
    disk: localDisk,
    sandbox: form.options.sandbox === true,
    staged: form.options.staged === true,
  };
  const result = await withViewProgress(({ signal }) =>
    planSubmission(readSubmissionFile(text), deps, { signal }),
  );
  if (result.kind === 'plan') return;
  const first = result.diagnostics.find(({ severity }) => severity === 'error');
  throw new NothingToDo(
    `Nothing was saved, as it could not be submitted from there. ${first?.message ?? ''}`,
  );
}

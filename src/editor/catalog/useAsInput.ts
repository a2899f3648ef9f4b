import { access } from 'node:fs/promises';
import { basename, dirname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { CatalogDataset } from '../../datacat/index.ts';
import { PandaError } from '../../panda/index.ts';
import { downloadJobFile, formatSize } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import { isSubmissionName } from '../language/documentKind.ts';
import type { Session } from '../session.ts';
import { withNotification } from '../vscode/progress.ts';
import { confirm, pickOne } from '../vscode/prompts.ts';
import { readableCopies, type DatasetFile } from './datasetFile.ts';
import { withInput } from './submissionInputs.ts';

/**
 * Makes a dataset an input of a submission file: a file that lies below the folder of the submission file, or of its
 * workspace, is named there; any other is fetched beside it first, and its checksum looked at.
 */
export async function useAsInput(session: Session, dataset: CatalogDataset): Promise<void> {
  const copies = readableCopies(dataset, session.profile);
  if (copies.length === 0) throw new NothingToDo(noCopyText(dataset));
  const target = await submissionFile();
  if (target === undefined) return;
  const folder = dirname(target.fsPath);
  const near = copies.find(({ path }) => path !== undefined && isBelow(path, roots(target)));
  const isThere = near?.path !== undefined && (await exists(near.path));
  const path = isThere ? near.path : await fetchCopy(session, dataset, copies, folder);
  if (path === undefined) return;
  await addInput(target, relative(folder, path).split(sep).join('/'));
}

function noCopyText({ path, version }: CatalogDataset): string {
  const places = (version?.locations ?? []).map(({ site, resource }) => `${site} (${resource})`);
  return places.length === 0
    ? `${path} has no location: there is no file to use.`
    : `This window cannot read the copies of ${path}: ${places.slice(0, 3).join(', ')}.`;
}

/** The submission file that is open, else one of the workspace. */
async function submissionFile(): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active?.scheme === 'file' && isSubmissionName(active.path)) return active;
  const found = await vscode.workspace.findFiles('**/*.panda.{yaml,yml}', undefined, 100);
  if (found.length === 0) {
    throw new NothingToDo(
      'There is no submission file to add the input to. Save one from the form of a submission first.',
    );
  }
  const choices = found.map((uri) => ({
    label: basename(uri.fsPath),
    description: vscode.workspace.asRelativePath(dirname(uri.fsPath)),
    value: uri,
  }));
  return pickOne(choices, { title: 'Use as job input', placeHolder: 'Submission file that gets the input' });
}

function roots(target: vscode.Uri): readonly string[] {
  const workspace = vscode.workspace.getWorkspaceFolder(target)?.uri.fsPath;
  return [dirname(target.fsPath), ...(workspace === undefined ? [] : [workspace])];
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}${sep}`));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Fetches the first copy that is there; undefined where the user would rather not. */
async function fetchCopy(
  session: Session,
  { name, path, version }: CatalogDataset,
  copies: readonly DatasetFile[],
  folder: string,
): Promise<string | undefined> {
  const size = version?.locations[0]?.size ?? null;
  const question = `Fetch ${name}${size === null ? '' : ` (${formatSize(size)})`} into ${folder}?`;
  const from = copies.map(({ location }) => location.resource).join(' or ');
  const detail = `Inputs of a job lie beside its submission file. It comes from ${from}.`;
  if (!(await confirm(question, 'Fetch', detail))) return undefined;
  return withNotification(`Fetching ${name}`, async ({ signal, report }) => {
    const onProgress = (bytes: number, all: number): void =>
      report(`${formatSize(bytes)} of ${formatSize(all)}`);
    let missing: PandaError | undefined;
    for (const { file } of copies) {
      try {
        return await downloadJobFile(session.jobFiles, file, { folder, name }, { signal, onProgress });
      } catch (error) {
        if (!(error instanceof PandaError) || error.kind !== 'notFound') throw error;
        missing = error;
      }
    }
    throw missing ?? new NothingToDo(`No copy of ${path} was found.`);
  });
}

async function addInput(target: vscode.Uri, input: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(target);
  const before = document.getText();
  const after = withInput(before, input);
  if (after === undefined) {
    throw new NothingToDo(`${basename(target.fsPath)} cannot be read. Add the input there: ${input}.`);
  }
  const editor = await vscode.window.showTextDocument(document);
  if (after === before) return;
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(before.length));
  await editor.edit((edit) => edit.replace(whole, after));
}

import { basename, dirname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { readSubmissionFile, rebaseDescription } from '../../transformations/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { folderOf } from '../submissions/workspaceRecords.ts';
import { saveFile, sourceFile } from './sourceFile.ts';
import type { SubmitChoices } from './submitChoices.ts';
import { submitDescribed, type Described } from './submitDescribed.ts';

/** Submits what a submission file describes, after saying how much that is. */
export async function submitDescription(
  uri: vscode.Uri,
  choices: SubmitChoices,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const title = basename(uri.fsPath);
  if (!(await saveFile(uri))) {
    throw new NothingToDo(`${title} could not be saved, so nothing was submitted.`);
  }
  const { path, content } = await sourceFile(uri);
  const folder = dirname(path);
  const workspace = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const described: Described = {
    title,
    file: readSubmissionFile(new TextDecoder().decode(content)),
    folder,
    roots: workspace === undefined ? [folder] : [folder, workspace],
    place: (line) => `${title}, line ${line}`,
    origin: originIn(folderOf(uri), path),
  };
  await submitDescribed(described, choices.dryRun === true, parts, documents);
}

function originIn(home: string | undefined, path: string): Described['origin'] {
  return (description, transformations) => {
    if (home === undefined) return undefined;
    const asked = rebaseDescription(description, { from: dirname(path), to: home }, transformations);
    return { folder: home, asked, file: relative(home, path).split(sep).join('/') };
  };
}

import { basename, dirname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { SANDBOX, type JobRequest } from '../../panda/index.ts';
import {
  localDisk,
  planSubmission,
  readSubmissionFile,
  rebaseDescription,
  type Diagnostic,
  type PlannedSubmission,
  type SubmissionDescription,
  type SubmissionOrigin,
  type Transformation,
} from '../../transformations/index.ts';
import { formatSize, plural, prepareSubmission } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { folderOf } from '../submissions/workspaceRecords.ts';
import { withNotification, withViewProgress } from '../vscode/progress.ts';
import { pickOne } from '../vscode/prompts.ts';
import { loadTransformations } from './loadTransformations.ts';
import { previewText } from './previewText.ts';
import { saveFile, sourceFile } from './sourceFile.ts';
import type { SubmitChoices } from './submitChoices.ts';
import { submitDeps } from './submitDeps.ts';
import { submitPlan } from './submitPlan.ts';

/** Submits what a submission file describes, after saying how much that is. */
export async function submitDescription(
  uri: vscode.Uri,
  choices: SubmitChoices,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  if (!(await saveFile(uri))) {
    throw new NothingToDo(`${basename(uri.fsPath)} could not be saved, so nothing was submitted.`);
  }
  const session = await withViewProgress(({ report }) => parts.sessions.require({ onProgress: report }));
  const plan = await planFile(uri, parts, session);
  const action = choices.dryRun === true ? 'preview' : await ask(uri, plan, session);
  if (action === 'preview') await preview(uri, plan, session, documents);
  if (action === 'submit') {
    await submitPlan({ name: plan.name, requests: [...plan.requests], origin: plan.origin }, parts);
  }
}

interface PlannedFile extends PlannedSubmission {
  readonly origin: SubmissionOrigin | undefined;
}

async function planFile(uri: vscode.Uri, parts: Parts, { profile }: Session): Promise<PlannedFile> {
  const { path, content } = await sourceFile(uri);
  const file = readSubmissionFile(new TextDecoder().decode(content));
  const wanted = file.description?.profile;
  if (wanted !== undefined && wanted !== profile.name) {
    throw new NothingToDo(
      `${basename(path)} is for profile ${wanted}, and ${profile.name} is in use. Switch the profile, then submit it again.`,
    );
  }
  const folder = dirname(path);
  const workspace = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const deps = {
    folder,
    roots: workspace === undefined ? [folder] : [folder, workspace],
    transformations: loadTransformations(parts.extension.extensionPath),
    disk: localDisk,
    sandbox: profile.name === SANDBOX,
  };
  const result = await withNotification(`Planning ${basename(path)}`, ({ report, signal }) =>
    planSubmission(file, deps, {
      signal,
      onProgress: (done, total) => report(`${done} of ${plural(total, 'job')}`),
    }),
  );
  if (result.kind === 'plan' && file.description !== undefined) {
    return { ...result.plan, origin: originOfFile(uri, file.description, deps.transformations) };
  }
  throw new NothingToDo(refusal(basename(path), result.diagnostics));
}

function originOfFile(
  uri: vscode.Uri,
  description: SubmissionDescription,
  transformations: readonly Transformation[],
): SubmissionOrigin | undefined {
  const folder = folderOf(uri);
  if (folder === undefined) return undefined;
  const asked = rebaseDescription(description, { from: dirname(uri.fsPath), to: folder }, transformations);
  return { folder, asked, file: relative(folder, uri.fsPath).split(sep).join('/') };
}

function refusal(name: string, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? ` There are ${errors.length - 1} more such problems.` : '';
  return first === undefined
    ? `${name} describes no job.`
    : `${name}, line ${first.line}: ${first.message}${more}`;
}

async function ask(
  uri: vscode.Uri,
  { first, last, files, requests }: PlannedSubmission,
  { profile }: Session,
): Promise<'submit' | 'preview' | undefined> {
  const site = first.site ?? profile.defaultSite ?? 'no site';
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const names = requests.length === 1 ? first.name : `${first.name} … ${last.name}`;
  return pickOne(
    [
      {
        label: `$(play) Submit ${plural(requests.length, 'job')} to ${site}`,
        description: profile.name,
        detail: `${names} · ${plural(files.length, 'file')}, ${formatSize(size)}`,
        value: 'submit',
      },
      {
        label: '$(eye) Dry run',
        description: 'show exactly what would be sent',
        value: 'preview',
      },
    ] as const,
    { title: `Submit ${basename(uri.fsPath)} to PanDA`, placeHolder: 'Enter submits' },
  );
}

/** Of many jobs the first and the last are shown. */
async function preview(
  uri: vscode.Uri,
  plan: PlannedSubmission,
  session: Session,
  documents: TextDocuments,
): Promise<void> {
  const shown: readonly JobRequest[] =
    plan.requests.length <= 2 ? [...plan.requests] : [plan.first, plan.last];
  const prepared = prepareSubmission({ name: plan.name, requests: shown }, submitDeps(session));
  const text = previewText(prepared, session.profile, (name) => session.client.files.cacheUrl(name));
  const note = shown.length < plan.requests.length ? `, the first and last of ${plan.requests.length}` : '';
  await documents.show(`${basename(uri.fsPath)} as PanDA jobs${note}.json`, text);
}

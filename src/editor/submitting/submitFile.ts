import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { JobRequest } from '../../panda/index.ts';
import type { SourceFile, Transformation } from '../../transformations/index.ts';
import { prepareSubmission } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { loadTransformations } from './loadTransformations.ts';
import { previewText } from './previewText.ts';
import { submitDeps } from './submitDeps.ts';
import { viewForm, type SubmitForm } from './submitForm.ts';
import { editLine, pickLine } from './submitPick.ts';
import { submitPlan } from './submitPlan.ts';

/** "Submit to PanDA": one form with what would be submitted; Enter does it, any line can be changed first. */
export async function submitScript(
  uri: vscode.Uri,
  site: string | undefined,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const document = await savedDocument(uri);
  const all = loadTransformations(parts.extension.extensionPath);
  const session = await withViewProgress(({ report }) => parts.sessions.require({ onProgress: report }));
  let form = await initialForm(document, site, all, session);
  const reading = session.client.metaconfig.getSiteSpecs().then(
    (sites) => void (form = { ...form, sites }),
    // Without the list the form still works: the site is checked again when it is submitted.
    parts.errors.note,
  );
  for (;;) {
    const chosen = await pickLine(() => form, form.sites === undefined ? reading : undefined);
    if (chosen === undefined) return;
    const { requests } = viewForm(form);
    if (chosen === 'submit' && requests !== undefined) {
      await submitForm(form, document, parts);
      return;
    }
    if (chosen === 'preview' && requests !== undefined) await preview(form, requests, session, documents);
    if (chosen === 'site') await reading;
    const options = await editLine(chosen, form, all);
    form = { ...form, ...options };
  }
}

async function submitForm(form: SubmitForm, document: vscode.TextDocument, parts: Parts): Promise<void> {
  if (document.isDirty && !(await document.save())) {
    throw new NothingToDo(`${basename(document.fileName)} could not be saved, so nothing was submitted.`);
  }
  // What goes is the file, which saving may have formatted.
  const { requests } = viewForm({ ...form, file: await sourceFile(document) });
  if (requests === undefined) {
    throw new NothingToDo(
      `${basename(document.fileName)} cannot be submitted as it was saved. Look at it, and submit it again.`,
    );
  }
  await submitPlan({ name: planName(form, requests), requests }, parts);
}

async function sourceFile(document: vscode.TextDocument): Promise<SourceFile> {
  const content = document.isDirty
    ? new TextEncoder().encode(document.getText())
    : await vscode.workspace.fs.readFile(document.uri);
  return { path: document.fileName, content };
}

async function preview(
  form: SubmitForm,
  requests: readonly JobRequest[],
  session: Session,
  documents: TextDocuments,
): Promise<void> {
  const prepared = prepareSubmission({ name: planName(form, requests), requests }, submitDeps(session));
  const text = previewText(prepared, session.profile, (name) => session.client.files.cacheUrl(name));
  await documents.show(`${basename(form.file.path)} as PanDA job.json`, text);
}

function planName(form: SubmitForm, requests: readonly JobRequest[]): string {
  return form.options.name ?? requests[0]?.name ?? basename(form.file.path);
}

async function savedDocument(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isUntitled) {
    throw new NothingToDo('This script is not saved yet. Save it to a file, then submit it.');
  }
  if (uri.scheme !== 'file') {
    throw new NothingToDo(`Only files of this machine can be submitted, and this one is ${uri.scheme}.`);
  }
  return document;
}

/** The transformation made for the file, and what it proposes. */
async function initialForm(
  document: vscode.TextDocument,
  site: string | undefined,
  all: readonly Transformation[],
  { profile }: Session,
): Promise<SubmitForm> {
  const file = await sourceFile(document);
  const [best] = all
    .map((transformation) => ({ transformation, fits: transformation.recognise(file) }))
    .filter(({ fits }) => fits > 0)
    .sort((one, other) => other.fits - one.fits);
  if (best === undefined) {
    throw new NothingToDo(
      `${basename(file.path)} is nothing that PanDA can run: a script begins with #! or ends in .py or .sh.`,
    );
  }
  return {
    file,
    unsaved: document.isDirty,
    transformation: best.transformation,
    options: site === undefined ? {} : { site },
    profile: profile.name,
    defaultSite: profile.defaultSite,
    sites: undefined,
  };
}

import { basename } from 'node:path';
import type * as vscode from 'vscode';
import type { JobRequest } from '../../panda/index.ts';
import type { Reading, SourceFile, Transformation } from '../../transformations/index.ts';
import { describePlace } from '../../staging/index.ts';
import { prepareSubmission } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { originOf } from '../submissions/workspaceRecords.ts';
import { submitAsTask, taskPreview } from '../tasks/submitAsTask.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { jobPlace } from './jobPlace.ts';
import { loadTransformations } from './loadTransformations.ts';
import { previewText } from './previewText.ts';
import { saveAs } from './saveAs.ts';
import { showFiles } from './showFiles.ts';
import { isDirty, saveFile, sourceFile } from './sourceFile.ts';
import type { SubmitChoices } from './submitChoices.ts';
import { submitDeps } from './submitDeps.ts';
import { readsAgain, viewForm, type LineKey, type SubmitForm } from './submitForm.ts';
import { editLine, pickLine } from './submitPick.ts';
import { submitPlan } from './submitPlan.ts';

/** "Submit to PanDA": one form with what would be submitted; Enter does it, any line can be changed first. */
export async function submitFile(
  uri: vscode.Uri,
  choices: SubmitChoices,
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  if (uri.scheme === 'untitled') {
    throw new NothingToDo('This file is not saved yet. Save it, then submit it.');
  }
  if (uri.scheme !== 'file') {
    throw new NothingToDo(`Only files of this machine can be submitted, and this one is ${uri.scheme}.`);
  }
  const all = loadTransformations(parts.extension.extensionPath);
  const session = await withViewProgress(({ report }) => parts.sessions.require({ onProgress: report }));
  let form = await initialForm(uri, choices, all, session);
  const firstRequests = choices.dryRun === true ? viewForm(form).requests : undefined;
  if (firstRequests !== undefined) {
    await preview(form, firstRequests, session, documents);
    return;
  }
  const reading = session.client.metaconfig.getSiteSpecs().then(
    (sites) => void (form = { ...form, sites }),
    // Without the list the form still works: the site is checked again when it is submitted.
    parts.errors.note,
  );
  for (;;) {
    const chosen = await pickLine(() => form, form.sites === undefined ? reading : undefined);
    if (chosen === undefined) return;
    if (await act(chosen, form, { uri, parts, session, documents })) return;
    if (chosen === 'site') await reading;
    const change = await editLine(chosen, form, all);
    const changed = { ...form, ...change };
    const read = readsAgain(form, changed) ? await readAgain(changed) : { ...form, ...change };
    // They may have come meanwhile.
    form = { ...read, sites: form.sites };
  }
}

interface FormContext {
  readonly uri: vscode.Uri;
  readonly parts: Parts;
  readonly session: Session;
  readonly documents: TextDocuments;
}

/** Does what a line stands for that changes nothing of the form; true when the form is done with. */
async function act(
  chosen: LineKey,
  form: SubmitForm,
  { uri, parts, session, documents }: FormContext,
): Promise<boolean> {
  if (chosen === 'files') await showFiles(form);
  const { requests } = viewForm(form);
  if (requests === undefined) return false;
  switch (chosen) {
    case 'submit':
      await submitForm(form, uri, parts);
      return true;
    case 'saveAs':
      return saveAs(form, parts);
    case 'preview':
      await preview(form, requests, session, documents);
      return false;
    default:
      return false;
  }
}

async function readAgain(form: SubmitForm): Promise<SubmitForm> {
  const reading = await readFile(form.transformation, form);
  return { ...form, reading };
}

function readFile(
  transformation: Transformation,
  { file, options }: Pick<SubmitForm, 'file' | 'options'>,
): Promise<Reading> {
  return withViewProgress(({ report, signal }) => {
    report(`Reading ${basename(file.path)}`);
    return transformation.read(file, options, signal);
  });
}

async function submitForm(form: SubmitForm, uri: vscode.Uri, parts: Parts): Promise<void> {
  if (!(await saveFile(uri))) {
    throw new NothingToDo(`${basename(uri.fsPath)} could not be saved, so nothing was submitted.`);
  }
  // What goes is the file, which saving may have formatted.
  const saved = await readAgain({ ...form, file: await sourceFile(uri), unsaved: false });
  const { requests } = viewForm(saved);
  if (requests === undefined) {
    throw new NothingToDo(
      `${basename(uri.fsPath)} cannot be submitted as it was saved. Look at it, and submit it again.`,
    );
  }
  const { transformation, file, options, task } = saved;
  const chosen = task === undefined ? {} : { task };
  const origin = originOf({ transformation, file: file.path, options, ...chosen }, uri);
  const name = planName(saved, requests);
  if (task === undefined) await submitPlan({ name, requests, origin }, parts);
  else await submitAsTask({ name, requests, settings: task, file: file.path, origin }, parts);
}

async function preview(
  form: SubmitForm,
  requests: readonly JobRequest[],
  session: Session,
  documents: TextDocuments,
): Promise<void> {
  const { task, file } = form;
  const name = planName(form, requests);
  if (task !== undefined) {
    const text = await taskPreview({ name, requests, settings: task, file: file.path }, session);
    await documents.show(`${basename(file.path)} as PanDA task.json`, text);
    return;
  }
  const prepared = prepareSubmission({ name, requests }, submitDeps(session));
  const text = previewText(prepared, session.profile, (name) => session.client.files.cacheUrl(name));
  await documents.show(`${basename(form.file.path)} as PanDA job.json`, text);
}

function planName(form: SubmitForm, requests: readonly JobRequest[]): string {
  const built = form.reading.build(form.options);
  const proposed = built.kind === 'requests' ? built.name : undefined;
  return form.options.name ?? proposed ?? requests[0]?.name ?? basename(form.file.path);
}

/** The transformation made for the file, and what it proposes. */
async function initialForm(
  uri: vscode.Uri,
  choices: SubmitChoices,
  all: readonly Transformation[],
  { profile }: Session,
): Promise<SubmitForm> {
  const file = await sourceFile(uri);
  const transformation = all.find(({ id }) => id === choices.transformation) ?? surest(all, file);
  if (transformation === undefined) {
    throw new NothingToDo(
      `${basename(file.path)} is nothing that PanDA can run: neither a script (begins with #! or ends in .py or .sh), ` +
        'nor an instance catalog, nor a pipeline.',
    );
  }
  const options = { ...choices.options, ...jobPlace(profile) };
  return {
    file,
    unsaved: isDirty(uri),
    transformation,
    reading: await readFile(transformation, { file, options }),
    options,
    profile: profile.name,
    staging: profile.staging === undefined ? undefined : describePlace(profile.staging),
    defaultSite: profile.defaultSite,
    sites: undefined,
  };
}

function surest(all: readonly Transformation[], file: SourceFile): Transformation | undefined {
  const [best] = all
    .map((transformation) => ({ transformation, fits: transformation.recognise(file) }))
    .filter(({ fits }) => fits > 0)
    .sort((one, other) => other.fits - one.fits);
  return best?.transformation;
}

import * as vscode from 'vscode';
import { shellJoin, splitShellWords, type Resources } from '../../panda/index.ts';
import { pickOne } from '../vscode/prompts.ts';
import { editParameter } from './editParameter.ts';
import { editTask } from './editTask.ts';
import { describeResources, resourceFields } from './resourceTexts.ts';
import { chosenSite, viewForm, type FormLine, type LineKey, type SubmitForm } from './submitForm.ts';
import type { Transformation } from '../../transformations/index.ts';

interface LineItem extends vscode.QuickPickItem {
  readonly key: LineKey;
}

/**
 * The form on the screen: shows its lines and says which one was chosen; undefined when the user left. Shows them again
 * when `busy` is over.
 */
export function pickLine(
  form: () => SubmitForm,
  busy: Promise<unknown> | undefined,
): Promise<LineKey | undefined> {
  const pick = vscode.window.createQuickPick<LineItem>();
  pick.title = `Submit ${basename(form().file.path)} to PanDA`;
  pick.placeholder = 'Enter submits; choose a line to change it';
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  const show = (): void => {
    const items = viewForm(form()).lines.map(lineItem);
    const wanted = pick.activeItems[0]?.key ?? 'submit';
    pick.items = items;
    pick.activeItems = items.filter(({ key }) => key === wanted);
  };
  show();
  let open = true;
  if (busy !== undefined) {
    pick.busy = true;
    void busy.then(() => {
      if (!open) return;
      pick.busy = false;
      show();
    });
  }
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.key);
      pick.hide();
    });
    pick.onDidHide(() => {
      open = false;
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function lineItem({ key, codicon, label, description, problem }: FormLine): LineItem {
  const shown = problem === undefined ? description : `$(warning) ${problem}`;
  return { key, label: `$(${codicon}) ${label}`, description: shown, alwaysShow: key === 'submit' };
}

function basename(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** What a line of the form changes. */
export type FormChange = Partial<Pick<SubmitForm, 'transformation' | 'options' | 'allShown' | 'task'>>;

/** Lets the user change one line; nothing changes when they leave it. */
export async function editLine(
  key: LineKey,
  form: SubmitForm,
  all: readonly Transformation[],
): Promise<FormChange> {
  const parameter = form.transformation.parameters.find(({ name }) => key === `parameter:${name}`);
  if (parameter !== undefined) {
    const values = await editParameter(parameter, form.options.parameters?.[parameter.name] ?? []);
    if (values === undefined) return {};
    const parameters = { ...form.options.parameters, [parameter.name]: values };
    return { options: { ...form.options, parameters } };
  }
  switch (key) {
    case 'transformation':
      return editTransformation(form, all);
    case 'name':
      return editName(form);
    case 'site':
      return editSite(form);
    case 'resources':
      return editResources(form);
    case 'arguments':
      return editArguments(form);
    case 'outputs':
      return editOutputs(form);
    case 'as':
      return editAs(form);
    case 'more':
      return { allShown: true };
    default:
      return {};
  }
}

async function editAs(form: SubmitForm): Promise<FormChange> {
  const built = form.reading.build(form.options);
  const jobs = built.kind === 'requests' ? built.requests.length : 1;
  const change = await editTask(form.file.path, jobs, form.task);
  if (change === undefined) return {};
  // The files of a task are in its archive, wherever else those of jobs are staged.
  const staged = change.task !== undefined || form.staging !== undefined;
  return { ...change, options: { ...form.options, staged } };
}

async function editTransformation(form: SubmitForm, all: readonly Transformation[]): Promise<FormChange> {
  const choices = all
    .filter((one) => one.recognise(form.file) > 0)
    .map((value) => ({ label: value.label, description: value.description, value }));
  const transformation = await pickOne(choices, {
    title: 'Transformation',
    placeHolder: 'How to run this file',
  });
  return transformation === undefined ? {} : { transformation };
}

async function editName(form: SubmitForm): Promise<FormChange> {
  const name = await vscode.window.showInputBox({
    title: 'Name',
    prompt: 'What you call this job; nothing for the name of the file',
    value: form.options.name ?? '',
  });
  if (name === undefined) return {};
  const options = { ...form.options, name: name.trim() };
  if (options.name === '') Reflect.deleteProperty(options, 'name');
  return { options };
}

async function editSite(form: SubmitForm): Promise<FormChange> {
  const now = chosenSite(form);
  if (form.sites === undefined) return typeSite(form, now);
  const choices = form.sites.map((site) => ({
    label: `$(${site.name === now ? 'check' : 'blank'}) ${site.name}`,
    description: site.name === form.defaultSite ? `${site.status} · default` : site.status,
    value: site.name,
  }));
  const site = await pickOne(choices, { title: 'Site', placeHolder: 'Where the job is to run' });
  return site === undefined ? {} : { options: { ...form.options, site } };
}

/** Where the list of sites could not be read; whether there is such a site is seen when the job is submitted. */
async function typeSite(form: SubmitForm, now: string | undefined): Promise<FormChange> {
  const typed = await vscode.window.showInputBox({
    title: 'Site',
    prompt: 'The list of sites could not be read. Name of the site; nothing for that of the profile',
    value: now ?? '',
  });
  if (typed === undefined) return {};
  const options = { ...form.options, site: typed.trim() };
  if (options.site === '') Reflect.deleteProperty(options, 'site');
  return { options };
}

async function editResources(form: SubmitForm): Promise<FormChange> {
  const built = form.reading.build({ ...form.options, resources: {} });
  const proposed = built.kind === 'requests' ? built.requests[0]?.resources : undefined;
  if (proposed === undefined) return {};
  const now: Resources = { ...proposed, ...form.options.resources };
  const field = await pickOne(
    resourceFields.map((value) => ({ label: value.label, description: value.format(now[value.key]), value })),
    { title: 'Resources', placeHolder: describeResources(now) },
  );
  if (field === undefined) return {};
  const text = await vscode.window.showInputBox({
    title: field.label,
    value: field.format(now[field.key]),
    prompt: `For example: ${field.example}`,
    validateInput: (typed) =>
      field.parse(typed) === undefined ? `Write it like this: ${field.example}` : undefined,
  });
  const value = text === undefined ? undefined : field.parse(text);
  if (value === undefined) return {};
  const resources = { ...form.options.resources, [field.key]: value };
  return { options: { ...form.options, resources } };
}

async function editArguments(form: SubmitForm): Promise<FormChange> {
  const line = await vscode.window.showInputBox({
    title: 'Arguments',
    prompt: 'Words for the script; quote those with blanks. Nothing is expanded.',
    value: shellJoin(form.options.arguments ?? []),
    validateInput: (typed) => (splitShellWords(typed) === undefined ? 'A quote is not closed' : undefined),
  });
  const words = line === undefined ? undefined : splitShellWords(line);
  return words === undefined ? {} : { options: { ...form.options, arguments: words } };
}

async function editOutputs(form: SubmitForm): Promise<FormChange> {
  const line = await vscode.window.showInputBox({
    title: 'Outputs',
    prompt: 'Names of the files that the script writes and that are to be kept, apart by commas',
    value: (form.options.outputs ?? []).join(', '),
  });
  if (line === undefined) return {};
  const outputs = line.split(',').map((name) => name.trim());
  return { options: { ...form.options, outputs: outputs.filter((name) => name !== '') } };
}

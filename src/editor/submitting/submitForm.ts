import { basename } from 'node:path';
import { shellJoin, type JobRequest, type Problem, type SiteSpec } from '../../panda/index.ts';
import { planTask } from '../../transformations/index.ts';
import type {
  BuildResult,
  Parameter,
  Reading,
  SourceFile,
  TaskSettings,
  Transformation,
  TransformationOptions,
} from '../../transformations/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import { describeResources } from './resourceTexts.ts';
import { taskText } from './taskText.ts';
import { submissionFileName } from './submissionFileOf.ts';

/** What the quick form of a submission is made of. */
export interface SubmitForm {
  readonly file: SourceFile;
  /** The editor holds changes that are not in the file. */
  readonly unsaved: boolean;
  readonly transformation: Transformation;
  /** What the transformation made of the file and of those it names. */
  readonly reading: Reading;
  readonly options: TransformationOptions;
  readonly profile: string;
  /** Where files are staged, for people; undefined where they go along with the jobs. */
  readonly staging: string | undefined;
  /** Where jobs go unless a site is chosen. */
  readonly defaultSite: string | undefined;
  /** Undefined while they are not known. */
  readonly sites: readonly SiteSpec[] | undefined;
  /** Undefined: jobs of their own. */
  readonly task?: TaskSettings | undefined;
  /** Also the lines that few change. */
  readonly allShown?: boolean;
}

export type LineKey =
  | 'submit'
  | 'transformation'
  | `parameter:${string}`
  | 'more'
  | 'name'
  | 'site'
  | 'resources'
  | 'files'
  | 'arguments'
  | 'outputs'
  | 'as'
  | 'preview'
  | 'saveAs';

export interface FormLine {
  readonly key: LineKey;
  readonly codicon: string;
  readonly label: string;
  readonly description: string;
  /** What is wrong here; the line shows it in place of anything else. */
  readonly problem: string | undefined;
}

/** The lines, and what Enter on the first would submit: nothing while there is a problem. */
export interface FormView {
  readonly lines: readonly FormLine[];
  readonly requests: readonly JobRequest[] | undefined;
}

/** Lays the form out: what will run, where, with what; each problem on the line where it is mended. */
export function viewForm(form: SubmitForm): FormView {
  const built = form.reading.build(form.options);
  const problems = findProblems(form, built);
  const requests = built.kind === 'requests' && problems.size === 0 ? built.requests : undefined;
  const first = built.kind === 'requests' ? built.requests[0] : undefined;
  const count = built.kind === 'requests' ? built.requests.length : 1;
  const lines = [submitLine(form, requests, problems), ...detailLines(form, first, count, problems)];
  return { lines: requests === undefined ? lines.filter(({ key }) => !NEED_JOBS.has(key)) : lines, requests };
}

/** Make no sense while there is something to mend. */
const NEED_JOBS: ReadonlySet<LineKey> = new Set(['preview', 'saveAs']);

type Problems = ReadonlyMap<LineKey, string>;

function findProblems(form: SubmitForm, built: BuildResult): Problems {
  const problems = new Map<LineKey, string>();
  const note = (key: LineKey, message: string): void => {
    const before = problems.get(key);
    problems.set(key, before === undefined ? message : `${before}; ${message}`);
  };
  if (built.kind === 'problems') for (const problem of built.problems) note(lineOf(problem), problem.message);
  const trouble = siteProblem(form);
  if (trouble !== undefined) note('site', trouble);
  if (built.kind === 'requests' && form.task !== undefined) {
    for (const problem of taskProblems(built.requests, form.task)) note(lineOf(problem), problem.message);
  }
  return problems;
}

function taskProblems(requests: readonly JobRequest[], { jobs }: TaskSettings): readonly Problem[] {
  const planned = planTask(requests, jobs === undefined ? {} : { split: { kind: 'jobs', jobs } });
  return planned.kind === 'problems' ? planned.problems : [];
}

function detailLines(
  form: SubmitForm,
  first: JobRequest | undefined,
  count: number,
  problems: Problems,
): readonly FormLine[] {
  const { options, reading, transformation } = form;
  const line = (key: LineKey, codicon: string, label: string, description: string): FormLine => ({
    key,
    codicon,
    label,
    description,
    problem: problems.get(key),
  });
  const resources = first === undefined ? 'as usual' : describeResources(first.resources);
  const hidden = transformation.parameters.filter((parameter) => isHidden(parameter, form, problems));
  return [
    line(
      'transformation',
      'symbol-method',
      'Transformation',
      `${transformation.label} · ${reading.description}${errorNote(reading)}`,
    ),
    ...transformation.parameters
      .filter((parameter) => !hidden.includes(parameter))
      .map((parameter) =>
        line(`parameter:${parameter.name}`, 'symbol-field', parameter.label, valuesText(parameter, options)),
      ),
    line('name', 'tag', 'Name', first?.name ?? options.name ?? basename(form.file.path)),
    line(
      'site',
      'server',
      'Profile, site',
      `${form.profile} · ${chosenSite(form) ?? 'no site'}${siteNote(form)}`,
    ),
    line('resources', 'dashboard', 'Resources', resources),
    ...(reading.files.length === 0 && form.task?.folder === undefined
      ? []
      : [line('files', 'files', 'Files', filesText(form))]),
    line('arguments', 'symbol-parameter', 'Arguments', argumentLine(options.arguments ?? [])),
    line('outputs', 'output', 'Outputs', (options.outputs ?? []).join(', ') || 'none'),
    ...(hidden.length === 0
      ? []
      : [line('more', 'ellipsis', 'More options', hidden.map(({ label }) => label).join(', '))]),
    line('as', 'layers', 'Submit as', taskText(form.task, count)),
    line('preview', 'eye', 'Dry run', 'show exactly what would be sent'),
    line('saveAs', 'save', 'Save as', basename(submissionFileName(form.file.path))),
  ];
}

function isHidden(
  { name, seldom }: Parameter,
  { allShown, options }: SubmitForm,
  problems: Problems,
): boolean {
  if (seldom !== true || allShown === true) return false;
  return (options.parameters?.[name] ?? []).length === 0 && !problems.has(`parameter:${name}`);
}

function errorNote({ diagnostics }: Reading): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return errors === 0 ? '' : ` · ${plural(errors, 'error')} in it`;
}

/** `3 files, 1.2 MB, staged in s3://desc-panda`. */
function filesText({ reading, staging, task }: SubmitForm): string {
  const size = reading.files.reduce((sum, file) => sum + file.size, 0);
  const more = task?.folder === undefined ? '' : `, with those of ${basename(task.folder)}`;
  const sent = task === undefined ? 'sent along' : `in its archive${more}`;
  const where = staging === undefined || task !== undefined ? sent : `staged in ${staging}`;
  return `${plural(reading.files.length, 'file')}, ${formatSize(size)}, ${where}`;
}

/** Most values that are shown; of more, how many there are. */
const MOST_VALUES = 4;

function valuesText({ name, kind }: Parameter, { parameters = {} }: TransformationOptions): string {
  const values = parameters[name] ?? [];
  if (values.length === 0) return 'as usual';
  const shown = kind === 'file' ? values.map((path) => basename(path)) : values;
  return shown.length <= MOST_VALUES
    ? shown.join(', ')
    : `${shown.slice(0, MOST_VALUES - 1).join(', ')} and ${shown.length - MOST_VALUES + 1} more`;
}

/** Whether a change of the form is one of the files that are read for it. */
export function readsAgain(before: SubmitForm, after: SubmitForm): boolean {
  if (before.transformation !== after.transformation || before.options.staged !== after.options.staged)
    return true;
  const files = after.transformation.parameters.filter(({ kind }) => kind === 'file');
  const values = ({ options }: SubmitForm): string =>
    JSON.stringify(files.map(({ name }) => options.parameters?.[name] ?? []));
  return values(before) !== values(after);
}

/** Words as a shell would take them; one that no shell can take is a problem of the line, and has to be shown, too. */
function argumentLine(words: readonly string[]): string {
  return shellJoin(words.map((word) => word.replaceAll('\0', '␀'))) || 'none';
}

export function chosenSite(form: SubmitForm): string | undefined {
  return form.options.site ?? form.defaultSite;
}

function submitLine(
  form: SubmitForm,
  requests: readonly JobRequest[] | undefined,
  problems: Problems,
): FormLine {
  const base = { key: 'submit', description: '', problem: undefined } as const;
  if (requests !== undefined) {
    const verb = form.unsaved ? 'Save and submit' : 'Submit';
    const jobs = plural(form.task?.jobs ?? requests.length, 'job');
    const what = form.task === undefined ? jobs : `a task of ${jobs}`;
    const label = `${verb} ${what} to ${chosenSite(form) ?? ''}`;
    return { ...base, codicon: 'play', label };
  }
  const [first] = problems;
  if (first === undefined) return { ...base, codicon: 'warning', label: 'Nothing to submit' };
  const [key, message] = first;
  return { ...base, codicon: 'warning', label: `Mend the ${titleOf(key, form)} first`, description: message };
}

function titleOf(key: LineKey, { transformation }: SubmitForm): string {
  const parameter = transformation.parameters.find(({ name }) => key === `parameter:${name}`);
  return parameter?.label.toLowerCase() ?? titles[key] ?? key;
}

const titles: Readonly<Record<string, string>> = {
  submit: 'submission',
  transformation: 'file',
  name: 'name',
  site: 'site',
  resources: 'resources',
  files: 'files',
  arguments: 'arguments',
  outputs: 'outputs',
  as: 'task',
  preview: 'preview',
  saveAs: 'submission file',
};

/** Where a problem is mended, from where it stands in the request. */
function lineOf({ where }: Problem): LineKey {
  const [head] = where.split(/[.[]/, 1);
  switch (head) {
    case 'name':
    case 'site':
    case 'resources':
    case 'arguments':
    case 'outputs':
      return head;
    case 'parameters':
      return `parameter:${/^parameters\.([\w-]+)/u.exec(where)?.[1] ?? ''}`;
    case 'split':
    case 'files':
    case 'stagedInputs':
      return 'as';
    default:
      return where.startsWith('jobs[') ? 'as' : 'transformation';
  }
}

function siteProblem(form: SubmitForm): string | undefined {
  const name = chosenSite(form);
  if (name === undefined) return 'no site is chosen, and the profile has no default site';
  if (form.sites === undefined || form.sites.some((site) => site.name === name)) return undefined;
  return `there is no site ${name}`;
}

/** A site that is not online takes jobs, and lets them wait. */
function siteNote(form: SubmitForm): string {
  const site = form.sites?.find(({ name }) => name === chosenSite(form));
  return site === undefined || site.status === 'online' ? '' : ` (${site.status}: jobs may wait there)`;
}

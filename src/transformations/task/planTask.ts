import { isDeepStrictEqual } from 'node:util';
import {
  payloadWords,
  readCommand,
  shellJoin,
  type CommandPiece,
  type InputFile,
  type JobRequest,
  type Placeholder,
  type Problem,
  type ScriptTask,
  type TaskSplit,
} from '../../panda/index.ts';
import type { TarballEntry } from '../tarball.ts';

export interface TaskChoices {
  /** How often the one request runs, or what its jobs share out; undefined: each request is one job. */
  readonly split?: TaskSplit;
  /** Files for all jobs, besides those of the requests: see `findTaskFiles`. */
  readonly files?: readonly InputFile[];
}

/** What becomes of job requests as one task. */
export interface TaskPlan {
  readonly script: Pick<
    ScriptTask,
    'command' | 'split' | 'outputs' | 'resources' | 'site' | 'processingType'
  >;
  /** Its archive, as far as it is known without reading: see `packTask`. */
  readonly entries: readonly TarballEntry[];
  /** Files of this machine that go into the archive. */
  readonly files: readonly InputFile[];
}

export type TaskPlanResult =
  | { readonly kind: 'plan'; readonly plan: TaskPlan }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Outputs of a job that PanDA's own client takes at most. */
const MOST_OUTPUTS = 10;
/** Jobs of a task; a PanDA server would take 200,000. */
export const MOST_JOBS = 50_000;
/** Bytes of all files together: the archive is made in memory. */
export const MOST_BYTES = 100 * 1024 * 1024;

/**
 * Makes one task of the requests that would else be submitted as jobs of their own. They have to want the same resources
 * and leave the same outputs. In the arguments of a single request, numbers may stand as for `prun`: see `readCommand`.
 */
export function planTask(requests: readonly JobRequest[], choices: TaskChoices = {}): TaskPlanResult {
  const [first] = requests;
  if (first === undefined) return refused([{ where: 'jobs', message: 'There is no job.' }]);
  const unfit = checkArguments(requests);
  if (unfit.length > 0) return refused(unfit);
  const split = choices.split ?? { kind: 'jobs', jobs: requests.length };
  const command = requests.length === 1 ? readCommand(commandOf(first)) : [`./${LAUNCHER} `, NUMBER];
  const files = [...(choices.files ?? []), ...requests.flatMap(({ inputs }) => inputs ?? [])];
  const entries = entriesOf(requests);
  const problems = [
    ...checkAlike(first, requests),
    ...checkRequest(first),
    ...checkSplit(split, requests, choices),
    ...checkNumbers(command),
    ...checkFiles(entries, files),
  ];
  if (problems.length > 0) return refused(problems);
  const { outputs, resources, site, transformation } = first;
  const script = { command, split, outputs, resources, site, processingType: transformation.id };
  return { kind: 'plan', plan: { script, entries, files: [...byName(files).values()] } };
}

function refused(problems: readonly Problem[]): TaskPlanResult {
  return { kind: 'problems', problems };
}

/** Runs the job of a number. */
const LAUNCHER = 'run-job.sh';
const NUMBER: Placeholder = { kind: 'number', offset: 0 };

/** The payload script of a request, run where the archive was unpacked; one folder above is what the pilot watches. */
function commandOf(request: JobRequest): string {
  const { payload, tarball } = request.transformation;
  const words = payloadWords(request, {
    source: tarball?.name,
    reports: '..',
    outputs: request.outputs.map((name) => [name, name]),
  });
  return shellJoin([`./${payload.name}`, ...words]);
}

function entriesOf(requests: readonly JobRequest[]): readonly TarballEntry[] {
  const entries = new Map<string, TarballEntry>();
  for (const { transformation } of requests) {
    const { payload, tarball } = transformation;
    entries.set(payload.name, { ...payload, executable: true });
    if (tarball !== undefined) entries.set(tarball.name, { ...tarball, executable: false });
  }
  if (requests.length > 1) {
    const content = Buffer.from(launcherOf(requests));
    entries.set(LAUNCHER, { name: LAUNCHER, content, executable: true });
  }
  return [...entries.values()];
}

function launcherOf(requests: readonly JobRequest[]): string {
  const cases = requests.map((request, index) => `  ${index + 1}) set -- ${commandOf(request)} ;;\n`);
  return [
    '#!/bin/sh\n# Runs one job of a task, by its number.\ncase ${1-} in\n',
    ...cases,
    '  *)\n    echo "There is no job ${1-}" >&2\n    exit 64\n    ;;\nesac\nexec "$@"\n',
  ].join('');
}

/** All jobs of a task want and leave the same. */
function checkAlike(first: JobRequest, requests: readonly JobRequest[]): Problem[] {
  const alike = (name: 'outputs' | 'resources' | 'site'): Problem[] => {
    const index = requests.findIndex((request) => !isDeepStrictEqual(request[name], first[name]));
    const message = 'is not what the first job has; the jobs of a task have the same';
    return index < 0 ? [] : [{ where: `jobs[${index}].${name}`, message }];
  };
  return [...alike('outputs'), ...alike('resources'), ...alike('site')];
}

function checkRequest(request: JobRequest): Problem[] {
  const problems: Problem[] = request.outputs.flatMap((name, index) =>
    /^[\w.+-]+$/u.test(name) && name !== '.' && name !== '..'
      ? []
      : [
          {
            where: `outputs[${index}]`,
            message: `In a task an output is named with letters, digits, ., _, + and -: ${name}`,
          },
        ],
  );
  if (request.outputs.length > MOST_OUTPUTS) {
    problems.push({ where: 'outputs', message: `A job of a task has at most ${MOST_OUTPUTS} outputs` });
  }
  if ((request.stagedInputs ?? []).length > 0) {
    problems.push({ where: 'stagedInputs', message: 'Files that were staged are for jobs, not for tasks' });
  }
  return problems;
}

function checkSplit(
  split: TaskSplit,
  requests: readonly JobRequest[],
  { split: asked }: TaskChoices,
): Problem[] {
  if (asked !== undefined && requests.length > 1) {
    return [{ where: 'split', message: `There are ${requests.length} jobs already; one alone can be split` }];
  }
  return Object.entries(split).flatMap(([name, value]: [string, unknown]) => checkCount(name, value));
}

function checkCount(name: string, value: unknown): Problem[] {
  const where = `split.${name}`;
  if (Array.isArray(value)) {
    const fits = value.length >= 1 && value.length <= MOST_JOBS;
    return fits ? [] : [{ where, message: `Not 1 to ${MOST_JOBS} files: ${value.length}` }];
  }
  if (typeof value !== 'number') return [];
  const most = name === 'jobs' ? MOST_JOBS : Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return [];
  const range = name === 'jobs' ? `from 1 to ${MOST_JOBS}` : 'from 1';
  return [{ where, message: `Not a whole number ${range}: ${value}` }];
}

function checkArguments(requests: readonly JobRequest[]): Problem[] {
  const words = requests.flatMap((request) => request.arguments);
  if (words.some((word) => word.includes('\0') || !word.isWellFormed())) {
    return [{ where: 'arguments', message: 'An argument holds characters that no program can be given' }];
  }
  if (requests.length > 1 && words.some((word) => readCommand(word).some(isPlaceholder))) {
    return [
      { where: 'arguments', message: 'Numbers such as %RNDM:0 are for one job that is run many times' },
    ];
  }
  return [];
}

function isPlaceholder(piece: CommandPiece): piece is Placeholder {
  return typeof piece !== 'string';
}

/** PanDA counts once for a task. */
function checkNumbers(command: readonly CommandPiece[]): Problem[] {
  return (['number', 'firstEvent'] as const).flatMap((wanted) => {
    const counted = command.filter(isPlaceholder).filter(({ kind }) => kind === wanted);
    const offsets = [...new Set(counted.map(({ offset }) => offset))];
    const message = `The same number is counted from ${offsets.join(' and ')}`;
    return offsets.length > 1 ? [{ where: 'arguments', message }] : [];
  });
}

function byName(files: readonly InputFile[]): ReadonlyMap<string, InputFile> {
  return new Map(files.map((file) => [file.name, file]));
}

/** All lie in one folder, whatever job they are for. */
function checkFiles(entries: readonly TarballEntry[], files: readonly InputFile[]): Problem[] {
  const problems: Problem[] = [];
  const known = byName(files);
  const taken = new Set(entries.map(({ name }) => name));
  for (const { name, path } of files) {
    if (taken.has(name)) problems.push({ where: 'files', message: `A file of the task is called ${name}` });
    else if (known.get(name)?.path !== path) {
      problems.push({
        where: 'files',
        message: `Two files are both called ${name}; the jobs of a task share one folder`,
      });
    }
  }
  const bytes = [...known.values()].reduce((sum, { size }) => sum + size, 0);
  const all = entries.reduce((sum, { content }) => sum + content.length, bytes);
  if (all > MOST_BYTES) {
    const message = `The files (${(all / 1e6).toFixed(1)} MB) are more than the ${Math.round(MOST_BYTES / 1e6)} MB that go along with a task`;
    problems.push({ where: 'files', message });
  }
  return problems;
}

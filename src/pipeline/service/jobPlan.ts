import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JobRequest, Resources } from '../../panda/index.ts';
import { splitShellWords } from '../../panda/index.ts';
import { parseCount, parseMemory, parseSeconds } from '../../transformations/index.ts';
import type { FileBeside, ParameterValues, SourceFile, Transformation } from '../../transformations/index.ts';
import { jobSubmissionException } from '../rmi/index.ts';
import type { Job } from '../rmi/index.ts';
import type { JobIdentity } from './identity.ts';
import type { JobMails } from './jobMailScript.ts';
import { isBelow, nameBelow } from './paths.ts';
import { checkVariable, RUN_SCRIPT, runScriptOf, wordsOf } from './runScript.ts';

/** What a job is turned into a request with. */
export interface PlanDeps {
  readonly transformations: readonly Transformation[];
  /** Jobs go to a sandbox. */
  readonly sandbox: boolean;
  /** Files are staged one by one. */
  readonly staged: boolean;
  /** Where its files lie, and the run script. */
  readonly directory: string;
  readonly runFolder: string;
  /** Folders of the pipeline that a job may name files of. */
  readonly roots: readonly string[];
  /** The job sends its mails itself, where it can. */
  readonly mails?: JobMails | undefined;
  readonly signal?: AbortSignal;
}

/** A job of the pipeline as it will be asked of PanDA; the script, where it needs one, is to be written before. */
export interface PlannedJob {
  readonly runScript: string | undefined;
  request(): Promise<JobRequest>;
}

/** Options of the batch system that a job may name, as on the command line of `desc-panda submit`. */
const OPTIONS = ['site', 'cores', 'memory', 'disk', 'walltime', 'output'] as const;
type OptionName = (typeof OPTIONS)[number];
type Values = Readonly<Partial<Record<string, readonly string[]>>>;

/** A file larger than this (bytes) is looked at by its head only, as on the command line. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads what a job asks for: a command whose first word is the id of a transformation runs that with the words behind it as
 * `desc-panda submit` takes them, and hears nothing of the environment, as the pipeline sends all variables of the task; any
 * other runs as it is. Throws a JobSubmissionException that says what is wrong.
 */
export function planJob(job: Job, identity: JobIdentity, deps: PlanDeps): PlannedJob {
  const words = wordsOf(job.command);
  checkFiles(job);
  for (const [name, value] of job.env) checkVariable(name, value);
  const extra = parse(extraWordsOf(job), [], 'the extra options of the job');
  if (extra.positionals.length > 0) {
    throw jobSubmissionException(`The extra options of the job hold a stray word: ${extra.positionals[0]}`);
  }
  const transformation = deps.transformations.find(({ id }) => id === words[0] && id !== 'script');
  if (transformation === undefined) {
    const runScript = runScriptOf(job, words, identity.instance, deps.mails);
    const request = (): Promise<JobRequest> => scriptRequest(job, identity, extra.values, runScript, deps);
    return { runScript, request };
  }
  return {
    runScript: undefined,
    request: () => transformationRequest(transformation, words.slice(1), job, identity, extra.values, deps),
  };
}

function extraWordsOf({ extraOptions }: Job): readonly string[] {
  const words = splitShellWords(extraOptions ?? '');
  if (words !== undefined) return words;
  throw jobSubmissionException('A quote of the extra options of the job is not closed');
}

async function scriptRequest(
  job: Job,
  identity: JobIdentity,
  extra: Values,
  runScript: string,
  deps: PlanDeps,
): Promise<JobRequest> {
  const script = deps.transformations.find(({ id }) => id === 'script');
  if (script === undefined) throw new Error('the catalog of transformations is not whole');
  const source = { path: join(deps.runFolder, RUN_SCRIPT), content: Buffer.from(runScript) };
  const beside = [...job.files].map(([name, text]): FileBeside => {
    const path = join(deps.directory, name);
    return { name: nameBelow(name) ?? name, path, content: Buffer.from(text) };
  });
  return build(script, source, { ...common(job, identity, extra, deps), beside }, identity, deps);
}

async function transformationRequest(
  transformation: Transformation,
  words: readonly string[],
  job: Job,
  identity: JobIdentity,
  extra: Values,
  deps: PlanDeps,
): Promise<JobRequest> {
  const end = words.indexOf('--');
  const own = parse(
    end < 0 ? words : words.slice(0, end),
    transformation.parameters.map(({ name }) => name),
    `the words of ${transformation.id}`,
  );
  const [file, stray] = own.positionals;
  if (stray !== undefined) {
    throw jobSubmissionException(`${transformation.id} takes one file: ${stray} is one word too many`);
  }
  const source = file === undefined ? undefined : await readSource(file, deps);
  const values = { ...extra, ...own.values };
  const parameters: Record<string, readonly string[]> = {};
  for (const { name, kind } of transformation.parameters) {
    const given = own.values[name];
    if (given !== undefined)
      parameters[name] = kind === 'file' ? given.map((path) => pathOf(path, deps)) : given;
  }
  const options = {
    ...common(job, identity, values, deps),
    parameters: parameters as ParameterValues,
    ...(end < 0 ? {} : { arguments: words.slice(end + 1) }),
  };
  return build(transformation, source, options, identity, deps);
}

async function build(
  transformation: Transformation,
  source: SourceFile | undefined,
  options: Parameters<Transformation['build']>[1],
  identity: JobIdentity,
  { signal }: PlanDeps,
): Promise<JobRequest> {
  const reading = await transformation.read(source, options, signal);
  const result = reading.build(options);
  if (result.kind === 'problems') {
    throw jobSubmissionException(result.problems.map(({ message }) => message).join(' '));
  }
  const [request, second] = result.requests;
  if (request === undefined || second !== undefined) {
    const count = result.requests.length;
    throw jobSubmissionException(`The job would become ${count} PanDA jobs; the pipeline's job is one`);
  }
  const { task, instance, stream } = identity;
  return { ...request, pipeline: { task, processInstance: instance, stream } };
}

/** What every transformation is told. */
function common(job: Job, { task, instance }: JobIdentity, values: Values, deps: PlanDeps) {
  const last = (name: OptionName): string | undefined => values[name]?.at(-1);
  const read = <T>(
    name: OptionName,
    what: string,
    parseValue: (text: string) => T | undefined,
  ): T | undefined => {
    const text = last(name);
    if (text === undefined) return undefined;
    const value = parseValue(text);
    if (value === undefined) throw jobSubmissionException(`--${name} ${text}: ${what}`);
    return value;
  };
  const cores = read('cores', 'a whole number from 1 on is needed', (text) => parseCount(text, 1));
  const memoryMB =
    read('memory', 'an amount of memory is needed, as 4G', parseMemory) ?? limitMB(job.maxMemory);
  const diskMB = read('disk', 'an amount of space is needed, as 10G', parseMemory);
  const walltimeSeconds =
    read('walltime', 'a time is needed, as 12h', parseSeconds) ?? limitSeconds(job.maxCPU);
  const site = last('site');
  const outputs = values.output;
  const resources: Partial<Resources> = {
    ...(cores === undefined ? {} : { cores }),
    ...(memoryMB === undefined ? {} : { memoryMB }),
    ...(diskMB === undefined ? {} : { diskMB }),
    ...(walltimeSeconds === undefined ? {} : { walltimeSeconds }),
  };
  const name = job.name?.trim() ?? '';
  return {
    name: name === '' ? `${task}.${instance}` : name.replace(/\s+/g, '_'),
    resources,
    sandbox: deps.sandbox,
    staged: deps.staged,
    ...(site === undefined ? {} : { site }),
    ...(outputs === undefined ? {} : { outputs }),
  };
}

/** kB as MB. */
function limitMB(kB: number): number | undefined {
  return kB > 0 ? Math.ceil(kB / 1024) : undefined;
}

/** The pipeline limits processor time, PanDA the time that passes; in whole minutes, as LSF takes it. */
function limitSeconds(seconds: number): number | undefined {
  return seconds > 0 ? Math.ceil(seconds / 60) * 60 : undefined;
}

function parse(
  words: readonly string[],
  more: readonly string[],
  where: string,
): { readonly values: Values; readonly positionals: readonly string[] } {
  const options = Object.fromEntries(
    [...OPTIONS, ...more].map((name) => [name, { type: 'string', multiple: true } as const]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '([^']*)'/.exec(why)?.[1];
    throw jobSubmissionException(
      unknown === undefined
        ? `${why.replace(/\.$/, '')}: in ${where}`
        : `${unknown} is not known in ${where}; there are ${Object.keys(options)
            .map((name) => `--${name}`)
            .join(', ')}`,
    );
  }
}

async function readSource(file: string, deps: PlanDeps): Promise<SourceFile> {
  const path = pathOf(file, deps);
  try {
    const { size } = await stat(path);
    if (size > LARGEST) throw jobSubmissionException(`${basename(path)} is larger than 64 MB`);
    return { path, content: await readFile(path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw jobSubmissionException(`Could not read ${file} (${code})`);
  }
}

/** Of a file of the job, or of a folder that the pipeline may name. */
function pathOf(file: string, { directory, roots }: PlanDeps): string {
  if (!isAbsolute(file)) {
    const name = nameBelow(file);
    if (name !== undefined) return join(directory, name);
  } else if ([directory, ...roots].some((root) => isBelow(root, file))) {
    return file;
  }
  throw jobSubmissionException(`${file} is neither a file of the job nor in a folder of the pipeline`);
}

const MOST_FILES = 1000;

function checkFiles({ files }: Job): void {
  if (files.size > MOST_FILES)
    throw jobSubmissionException(`A job may have ${MOST_FILES} files; this one has more`);
  for (const name of files.keys()) {
    if (nameBelow(name) === undefined) {
      throw jobSubmissionException(`The job names a file outside of its directory: ${JSON.stringify(name)}`);
    }
    if (nameBelow(name) === RUN_SCRIPT)
      throw jobSubmissionException(`No file of a job is called ${RUN_SCRIPT}`);
  }
}

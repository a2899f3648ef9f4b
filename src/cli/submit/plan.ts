import { open, readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { InputFile, Resources } from '../../panda/index.ts';
import { describeSubmission, isSubmissionFile } from '../../transformations/index.ts';
import type {
  SourceFile,
  SubmissionDescription,
  TaskSettings,
  Transformation,
  TransformationOptions,
} from '../../transformations/index.ts';
import type { SubmissionPlan } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { CliIo } from '../io.ts';
import { readFilePlan } from './filePlan.ts';
import { jobPlace } from '../jobs/place.ts';
import { readTaskSettings } from '../tasks/options.ts';
import { readParameters } from './transformationOptions.ts';
import type { Args } from '../options.ts';
import { UsageError } from '../usageError.ts';

/** A file larger than this (bytes) is no script; of others the head is enough to tell what they are. */
const LARGEST = 64 * 1024 * 1024;
const HEAD = 64 * 1024;

/** A plan with what is to be remembered of it, and every file of this machine that goes along. */
export interface AskedPlan extends SubmissionPlan {
  readonly files: readonly InputFile[];
  /** What was asked, its paths relative to the folder that the program runs in. */
  readonly asked: SubmissionDescription;
  /** The submission file, relative to that folder; null where there is none. */
  readonly file: string | null;
  /** Undefined: jobs of their own. */
  readonly task?: TaskSettings;
}

/** What the command line asks to be submitted. Rejects with a UsageError that names everything wrong. */
export async function readPlan(context: CommandContext): Promise<AskedPlan> {
  const { args, io, services, connector } = context;
  const { file, words } = splitWords(args);
  if (file !== undefined && isSubmissionFile(file)) return readFilePlan(file, context);
  const source = file === undefined ? undefined : await readSource(file, io);
  const transformation = choose(await services.transformations(), source, args);
  const parameters = readParameters(args, transformation, io.cwd);
  const task = readTaskSettings(args, io.cwd);
  const place = await jobPlace(connector);
  // The files of a task are in its archive, wherever else those of jobs are staged.
  const staged = place.staged || task !== undefined;
  const options = { ...readOptions(args, words), ...place, staged, parameters };
  const reading = await transformation.read(source, options, io.signal);
  const result = reading.build(options);
  if (result.kind === 'problems') {
    const problems = result.problems.map(({ message }) => message.replace(/\.$/, ''));
    throw new UsageError(
      `${problems.join('. ')}.`,
      file === undefined ? 'Mend the command line' : 'Mend it and submit again',
    );
  }
  const otherwise = source === undefined ? transformation.label : basename(source.path);
  const name = options.name ?? result.name ?? otherwise;
  const choice = { transformation, options, ...ifGiven('file', source?.path), ...ifGiven('task', task) };
  const asked = describeSubmission(choice, io.cwd);
  const plan = { name, requests: result.requests, files: reading.files, asked, file: null };
  return { ...plan, ...ifGiven('task', task) };
}

/** The file, unless `--hello` needs none, and the words for the payload, which come behind `--`. */
function splitWords(args: Args): { file: string | undefined; words: readonly string[] } {
  const [file, stray] = args.positionals;
  const words = args.rest ?? [];
  if (args.flag('hello')) {
    if (file === undefined) return { file, words };
    throw new UsageError(`With --hello no file is submitted: ${file}.`, 'Leave one of the two away');
  }
  if (file === undefined) {
    // Some can do without, and the others say so.
    if (args.text('transformation') !== undefined) return { file, words };
    throw new UsageError('There is nothing to submit.', 'Name a script, or try desc-panda submit --hello');
  }
  if (stray !== undefined) {
    throw new UsageError(
      `One file is submitted at a time: ${stray} is one word too many.`,
      `Put words for the script behind --, as in desc-panda submit ${file} -- ${stray}`,
    );
  }
  return { file, words };
}

async function readSource(file: string, io: CliIo): Promise<SourceFile> {
  const path = resolve(io.cwd, file);
  try {
    const { size } = await stat(path);
    if (size > LARGEST) return { path, content: await readHead(path), cut: true };
    return { path, content: await readFile(path, { signal: io.signal }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = WHY[String(code)];
    if (why === undefined) throw error;
    throw new UsageError(`${file}: ${why[0]}.`, why[1]);
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const WHY: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  ENOENT: ['there is no such file', 'Check the name, and the folder you are in'],
  ENOTDIR: ['there is no such file', 'Check the name, and the folder you are in'],
  EISDIR: ['it is a folder', 'Name the script that is to run'],
  EACCES: ['you may not read it', 'Give yourself the right to read it'],
  ERR_FS_FILE_TOO_LARGE: ['it is too large to be a script', 'Name the script that is to run'],
};

/** The one asked for, else the one that is surest of the file; without a file, the one that needs none. */
function choose(all: readonly Transformation[], source: SourceFile | undefined, args: Args): Transformation {
  const asked = args.oneOf(
    'transformation',
    all.map(({ id }) => id),
  );
  const best = asked === undefined ? surest(all, source) : all.find(({ id }) => id === asked);
  if (best === undefined) throw new Error('the catalog of transformations is not whole');
  return best;
}

function surest(all: readonly Transformation[], source: SourceFile | undefined): Transformation | undefined {
  if (source === undefined) return all.find(({ id }) => id === 'hello');
  const [best] = all
    .map((transformation) => ({ transformation, sure: transformation.recognise(source) }))
    .filter(({ sure }) => sure > 0)
    .toSorted((a, b) => b.sure - a.sure);
  return best?.transformation ?? all.find(({ id }) => id === 'script');
}

function readOptions(args: Args, words: readonly string[]): TransformationOptions {
  const name = args.text('name');
  const site = args.text('site');
  const outputs = args.texts('output');
  const resources: Partial<Resources> = {
    ...ifGiven('cores', args.count('cores', 1)),
    ...ifGiven('memoryMB', args.memory('memory')),
    ...ifGiven('diskMB', args.memory('disk')),
    ...ifGiven('walltimeSeconds', args.seconds('walltime')),
  };
  return {
    arguments: words,
    resources,
    ...ifGiven('name', name),
    ...ifGiven('site', site),
    ...(outputs.length === 0 ? {} : { outputs }),
  };
}

function ifGiven<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  const given: Partial<Record<Key, Value>> = {};
  if (value !== undefined) given[key] = value;
  return given;
}

import { posix, relative, sep } from 'node:path';
import type { InputFile } from '../../panda/index.ts';
import type { ParameterValues, Reading, SourceFile, Transformation } from '../api.ts';
import { nearest } from '../nearest.ts';
import { MOST_JOBS } from '../sweep/sweep.ts';
import type { Sweep } from '../sweep/sweep.ts';
import type { SubmissionDescription } from './description.ts';
import { choiceKey, choicesOf } from './fileChoice.ts';
import type { FileChoice } from './fileChoice.ts';
import { Finder } from './finder.ts';
import { gatherSweep } from './gatherSweep.ts';
import type { SubmissionDisk } from './paths.ts';
import type { NotedProblems } from './problems.ts';

/** What planning a submission needs of its surroundings. */
export interface GatherDeps {
  /** Folder of the submission file, absolute. */
  readonly folder: string;
  /** Folders whose files may be sent, absolute: that of the file, and that of the workspace. */
  readonly roots: readonly string[];
  readonly transformations: readonly Transformation[];
  readonly disk: SubmissionDisk;
  /** The jobs go to a sandbox. */
  readonly sandbox?: boolean;
  /** Their files are staged. */
  readonly staged?: boolean;
}

/** Everything that the jobs are made of, read. */
export interface Gathered {
  readonly transformation: Transformation;
  readonly sweep: Sweep;
  /** By `choiceKey`. */
  readonly readings: ReadonlyMap<string, Reading>;
  /** Absolute paths by the names written. */
  readonly paths: ReadonlyMap<string, string>;
  /** Extra files of every job. */
  readonly inputs: readonly InputFile[];
  /** Every file of this machine that goes along, each once. */
  readonly files: readonly InputFile[];
}

/** Bytes of a main file that a transformation is handed. */
const LARGEST = 16 * 1024 * 1024;
/** Different choices of files that jobs may be made of. */
const MOST_READINGS = 2000;

/** Reads everything that a description names; undefined when something is wrong, which is noted. */
export async function gather(
  description: SubmissionDescription,
  deps: GatherDeps,
  problems: NotedProblems,
  signal: AbortSignal | undefined,
): Promise<Gathered | undefined> {
  const transformation = deps.transformations.find(({ id }) => id === description.transformation);
  if (transformation === undefined) {
    problems.note('transformation', `There is no transformation ${description.transformation}`);
    return undefined;
  }
  const finder = new Finder(deps, problems);
  const sweep = await gatherSweep(description, finder, problems);
  if (sweep.count > MOST_JOBS) {
    problems.note('sweep', `These are ${sweep.count} jobs; one submission has at most ${MOST_JOBS}`);
  }
  // What varies is not known.
  if (problems.any) return undefined;
  checkParameters(description.parameters, transformation, problems);
  if (description.inputs.length > 0 && deps.staged !== true) {
    problems.note('inputs', 'Inputs are staged, and the profile in use does not say where');
  }
  const inputs = await readInputs(description.inputs, deps.folder, finder, problems);
  const readings = new Map<string, Reading>();
  let choices = 0;
  for (const choice of choicesOf(description, transformation, sweep)) {
    signal?.throwIfAborted();
    if (choices === MOST_READINGS) {
      problems.note('sweep', `The jobs are made of more than ${MOST_READINGS} different sets of files`);
      return undefined;
    }
    choices += 1;
    // Files that are not there are all named.
    const reading = await read(choice, description, { transformation, finder, problems }, deps, signal);
    if (reading !== undefined) readings.set(choiceKey(choice), reading);
  }
  if (problems.any) return undefined;
  const all = [...readings.values()].flatMap((reading) => reading.files).concat(inputs);
  const files = [...new Map(all.map((file) => [file.path, file])).values()];
  return { transformation, sweep, readings, paths: finder.paths, inputs, files };
}

function checkParameters(
  values: ParameterValues,
  { label, parameters }: Transformation,
  problems: NotedProblems,
): void {
  const names = parameters.map(({ name }) => name);
  for (const name of Object.keys(values)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    const advice = near === undefined ? known : `${near} is probably meant`;
    problems.note(`parameters.${name}`, `${label} has no parameter ${name}: ${advice}`);
  }
}

async function readInputs(
  names: readonly string[],
  folder: string,
  finder: Finder,
  problems: NotedProblems,
): Promise<readonly InputFile[]> {
  const inputs: InputFile[] = [];
  for (const [index, written] of names.entries()) {
    const where = `inputs[${index}]`;
    const file = await finder.read(written, where, 0);
    if (file === undefined) continue;
    const way = relative(folder, file.path).split(sep).join('/');
    const name = way.startsWith('../') ? posix.basename(way) : way;
    if (inputs.some((other) => other.name === name)) {
      problems.note(where, `Two files would be called ${name} in the job's folder`);
    }
    inputs.push({ name, path: file.path, size: file.size, modified: file.modified });
  }
  return inputs;
}

async function read(
  choice: FileChoice,
  description: SubmissionDescription,
  context: {
    readonly transformation: Transformation;
    readonly finder: Finder;
    readonly problems: NotedProblems;
  },
  { sandbox = false, staged = false }: GatherDeps,
  signal: AbortSignal | undefined,
): Promise<Reading | undefined> {
  const { transformation, finder, problems } = context;
  const where =
    description.file === undefined
      ? `sweep.files[${filesOf(description).indexOf(choice.file ?? '')}]`
      : 'file';
  const source = choice.file === undefined ? undefined : await readSource(choice.file, where, finder);
  const parameters: Record<string, readonly string[]> = {};
  for (const [name, files] of Object.entries(choice.parameters)) {
    const paths: string[] = [];
    for (const file of files) paths.push((await finder.find(file, `parameters.${name}`)) ?? '');
    parameters[name] = paths;
  }
  if (problems.any) return undefined;
  return transformation.read(source, { parameters, sandbox, staged }, signal);
}

async function readSource(file: string, where: string, finder: Finder): Promise<SourceFile | undefined> {
  const found = await finder.read(file, where, LARGEST);
  if (found === undefined) return undefined;
  const { path, content, size } = found;
  return { path, content, ...(size > content.length ? { cut: true } : {}) };
}

function filesOf({ sweep }: SubmissionDescription): readonly string[] {
  return sweep.flatMap((part) => (part.kind === 'files' ? part.files : []));
}

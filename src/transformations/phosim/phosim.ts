import { basename, isAbsolute } from 'node:path';
import type { Problem } from '../../panda/index.ts';
import type { BuildResult, Reading, SourceFile, Transformation, TransformationOptions } from '../api.ts';
import { checkOptions } from '../checks.ts';
import type { FileDiagnostic } from '../diagnostics.ts';
import { STAND_IN } from '../parameters.ts';
import type { ReadPayload } from '../payloads.ts';
import { checkCatalog, type CatalogReport } from './catalog/checkCatalog.ts';
import { recogniseCatalog } from './catalog/recogniseCatalog.ts';
import { readWhole } from '../readWhole.ts';
import { checkCommandFile, type CommandFileReport } from './commandFile/checkCommandFile.ts';
import { PSEUDO_SENSOR, sensorsOfCamconfig } from './focalPlane.ts';
import { PHOSIM_PARAMETERS, readPhosimChoices, type PhosimChoices } from './phosimChoices.ts';
import { gatherFiles, type VisitFiles } from './phosimFiles.ts';
import { buildPhosimRequests, LEAST_MEMORY, type VisitNames } from './phosimRequests.ts';

/** phoSim on an instance catalog: images of sensors of the LSST camera. */
export function phosimTransformation(readPayload: ReadPayload): Transformation {
  const unread: Problem = { where: 'file', message: 'The catalog and what it includes have not been read.' };
  return {
    id: 'phosim',
    label: 'phoSim',
    description: 'Images from an instance catalog, one job for each sensor',
    parameters: PHOSIM_PARAMETERS,
    // A file that catalogs include is no visit of its own.
    recognise: ({ path, content }) => (recogniseCatalog(path, content) === 'head' ? 2 : 0),
    read: (file, options, signal) => readVisit(file, options, readPayload, signal),
    build: () => ({ kind: 'problems', problems: [unread] }),
  };
}

async function readVisit(
  file: SourceFile | undefined,
  options: TransformationOptions,
  readPayload: ReadPayload,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  if (file === undefined) return broken({ where: 'file', message: 'No instance catalog is given.' });
  const command = options.parameters?.command?.at(-1);
  try {
    const report = await checkCatalog({ path: file.path }, signal === undefined ? {} : { signal });
    const physics = command === undefined ? undefined : await readCommands(command, signal);
    const staged = options.staged === true;
    const files = await gatherFiles(file.path, report.summary, command, { staged, readPayload, signal });
    const problems = [
      ...catalogProblems(report),
      ...(physics === undefined
        ? []
        : problemsOf(physics.diagnostics, physics.counts.error, 'parameters.command', 'The command file')),
      ...files.problems,
    ];
    const names = namesOf(report, physics?.extraId ?? '', problems);
    return {
      description: describe(report),
      diagnostics: report.diagnostics,
      files: files.files,
      build: (now) => build(names, files, problems, { command, now }, readPayload),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CommandFileError) return broken(error.problem);
    return broken({ where: 'file', message: `The catalog cannot be read: ${reasonOf(error)}.` });
  }
}

class CommandFileError extends Error {
  override readonly name = 'CommandFileError';
  readonly problem: Problem;

  constructor(cause: unknown) {
    const message = `The command file cannot be read: ${reasonOf(cause)}.`;
    super(message, { cause });
    this.problem = { where: 'parameters.command', message };
  }
}

async function readCommands(path: string, signal: AbortSignal | undefined): Promise<CommandFileReport> {
  try {
    return checkCommandFile(await readWhole({ path, head: new Uint8Array() }, signal));
  } catch (error) {
    signal?.throwIfAborted();
    throw new CommandFileError(error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function broken(problem: Problem): Reading {
  return {
    description: 'an instance catalog',
    diagnostics: [],
    files: [],
    build: () => ({ kind: 'problems', problems: [problem] }),
  };
}

/** A file with an absolute path that is not here is taken to be at the site. */
function catalogProblems({ diagnostics, counts, summary }: CatalogReport): readonly Problem[] {
  const atSite = new Set(
    summary.includes.filter(({ path, found }) => isAbsolute(path) && !found).map(({ line }) => line),
  );
  const grave = diagnostics.filter(({ code, line }) => code !== 'include-missing' || !atSite.has(line));
  return problemsOf(grave, counts.error - atSite.size, 'file', 'The catalog');
}

/** One problem for all errors of a file: the first of them, and how many more there are. */
function problemsOf(
  diagnostics: readonly FileDiagnostic[],
  errors: number,
  where: string,
  what: string,
): readonly Problem[] {
  const first = diagnostics.find(({ severity }) => severity === 'error');
  if (first === undefined) return [];
  const more = errors > 1 ? ` (and ${errors - 1} more)` : '';
  const file = first.file === undefined ? what : `${what} includes ${basename(first.file)}`;
  return [{ where, message: `${file}, line ${first.line}: ${first.message.replace(/\.$/u, '')}${more}` }];
}

function namesOf({ summary }: CatalogReport, extraId: string, problems: Problem[]): VisitNames {
  const visit = `${summary.visit.obshistid}${extraId}`;
  const filter = summary.settings.filter?.value ?? '2';
  if (!/^[A-Za-z0-9]{1,20}$/u.test(visit)) {
    problems.push({ where: 'file', message: `The visit's id cannot be part of a file name: ${visit}` });
  }
  if (summary.visit.nsnap < 1 || summary.visit.nsnap > 99) {
    problems.push({ where: 'file', message: `Not a number of exposures: ${summary.visit.nsnap}` });
  }
  return { visit, filter, snaps: summary.visit.nsnap, camconfig: summary.visit.camconfig };
}

function describe({ summary }: CatalogReport): string {
  const { visit, objects } = summary;
  const total = objects.total + objects.included;
  return `visit ${visit.obshistid}, ${visit.filter}, ${total} ${total === 1 ? 'object' : 'objects'}`;
}

function build(
  names: VisitNames,
  files: VisitFiles,
  found: readonly Problem[],
  { command, now }: { readonly command: string | undefined; readonly now: TransformationOptions },
  readPayload: ReadPayload,
): BuildResult {
  const { choices, problems } = readPhosimChoices(now);
  const all = [
    ...found,
    ...problems,
    ...checkOptions(now),
    ...checkMemory(choices.software, now),
    ...checkSensors(names, choices),
  ];
  if (now.parameters?.command?.at(-1) !== command) {
    all.push({ where: 'parameters.command', message: 'The command file has not been read.' });
  }
  if (all.length > 0) return { kind: 'problems', problems: all };
  const requests = buildPhosimRequests(names, files, choices, now, readPayload);
  return { kind: 'requests', requests, name: now.name ?? `phoSim visit ${names.visit}` };
}

/** Sensors that the catalog leaves out, which phoSim would do without a word. */
function checkSensors({ camconfig }: VisitNames, { groups, instrument }: PhosimChoices): readonly Problem[] {
  const there = new Set([PSEUDO_SENSOR, ...sensorsOfCamconfig(camconfig).map(({ name }) => name)]);
  const out = groups.flat().filter((name) => !there.has(name));
  if (instrument !== 'lsst' || out.length === 0) return [];
  const more = out.length > 5 ? ` and ${out.length - 5} more` : '';
  const message = `camconfig ${camconfig} of the catalog leaves out ${out.slice(0, 5).join(', ')}${more}.`;
  return [{ where: 'parameters.sensor', message }];
}

function checkMemory(software: string, { resources }: TransformationOptions): readonly Problem[] {
  const memory = resources?.memoryMB;
  if (software === STAND_IN || memory === undefined || memory >= LEAST_MEMORY) return [];
  return [
    {
      where: 'resources.memoryMB',
      message: `phoSim needs at least ${LEAST_MEMORY} MB for a sensor, ${memory} MB are asked for.`,
    },
  ];
}

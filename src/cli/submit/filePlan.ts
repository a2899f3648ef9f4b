import { dirname, relative, resolve } from 'node:path';
import {
  localDisk,
  planSubmission,
  readSubmissionFile,
  rebaseDescription,
} from '../../transformations/index.ts';
import type { Diagnostic } from '../../transformations/index.ts';
import { formatCount } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { jobPlace } from '../jobs/place.ts';
import type { Args } from '../options.ts';
import type { AskedPlan } from './plan.ts';
import { taskOptionsGiven } from '../tasks/options.ts';
import { transformationOptions } from './transformationOptions.ts';
import { UsageError } from '../usageError.ts';

/** A submission file larger than this (bytes) is none. */
const LARGEST = 4 * 1024 * 1024;

/** What a submission file asks for. Rejects with a UsageError that names everything wrong, with its place. */
export async function readFilePlan(file: string, context: CommandContext): Promise<AskedPlan> {
  const { args, io, out, services, connector } = context;
  refuseOtherOptions(file, args);
  const path = resolve(io.cwd, file);
  const submission = readSubmissionFile(await readText(path, file));
  const { description } = submission;
  if (description?.profile !== undefined) connector.want(description.profile, file);
  const transformations = await services.transformations();
  const folder = dirname(path);
  const deps = {
    folder,
    roots: [...new Set([folder, io.cwd])],
    transformations,
    disk: localDisk,
    ...(await jobPlace(connector)),
  };
  const result = await planSubmission(submission, deps, {
    signal: io.signal,
    onProgress: (done, total) => {
      if (total > 1) out.progress(`Planning… ${formatCount(done)} of ${formatCount(total)}`);
    },
  });
  out.progress('');
  if (result.kind === 'problems' || description === undefined) throw problemsOf(file, result.diagnostics);
  const asked = rebaseDescription(description, { from: folder, to: io.cwd }, transformations);
  const { name, requests, files, task } = result.plan;
  const { stagingFolder } = description;
  const more = {
    ...(stagingFolder === undefined ? {} : { stagingFolder }),
    ...(task === undefined ? {} : { task }),
  };
  return { name, requests, files, asked, file: relative(io.cwd, path), ...more };
}

async function readText(path: string, file: string): Promise<string> {
  let found: Awaited<ReturnType<typeof localDisk.read>>;
  try {
    found = await localDisk.read(path, LARGEST);
  } catch {
    throw new UsageError(`${file} cannot be read.`, 'Check the name, and whether you may read it');
  }
  if (found.size > LARGEST) {
    throw new UsageError(`${file} is too large for a submission file.`, 'Put long lists into a table');
  }
  return new TextDecoder().decode(found.content);
}

/** What the file says is not said again: two places for one thing make it hard to know what was sent. */
function refuseOtherOptions(file: string, args: Args): void {
  const names = ['site', 'name', 'cores', 'memory', 'disk', 'walltime', 'output', 'transformation'];
  const all = [...names, ...transformationOptions().map(({ name }) => name)];
  const given = [...all.filter((name) => args.texts(name).length > 0), ...taskOptionsGiven(args)][0];
  if (given === undefined && (args.rest ?? []).length === 0) return;
  throw new UsageError(
    given === undefined
      ? `${file} names the arguments.`
      : `${file} says everything that --${given} could say.`,
    'Change it there',
  );
}

/** Problems named in one message. */
const NAMED = 5;

function problemsOf(file: string, diagnostics: readonly Diagnostic[]): UsageError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const named = errors.slice(0, NAMED).map(({ line, message }) => `${file}, line ${line}: ${message}`);
  const more = errors.length > NAMED ? [`There are ${formatCount(errors.length - NAMED)} more.`] : [];
  return new UsageError([...named, ...more].join(' '), 'Mend it and submit again');
}

import { setImmediate } from 'node:timers/promises';
import type { InputFile, JobRequest } from '../../panda/index.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { MOST_JOBS } from '../sweep/sweep.ts';
import type { TaskSettings } from '../task/gatherTask.ts';
import type { SubmissionDescription } from './description.ts';
import { createExpansion } from './expansion.ts';
import type { Expansion } from './expansion.ts';
import { gather } from './gather.ts';
import type { GatherDeps } from './gather.ts';
import { findInside } from './paths.ts';
import { NotedProblems } from './problems.ts';
import type { SubmissionFile } from './readSubmissionFile.ts';

/** Requests that are made when they are asked for: all of them can be gone through as often as wanted. */
export interface RequestSequence extends Iterable<JobRequest> {
  readonly length: number;
}

/** Everything that will be sent. */
export interface PlannedSubmission {
  readonly name: string;
  readonly requests: RequestSequence;
  readonly first: JobRequest;
  readonly last: JobRequest;
  /** Every file of this machine that goes along, each once; without those of the folder of a task. */
  readonly files: readonly InputFile[];
  /** Undefined: jobs of their own. */
  readonly task?: TaskSettings;
}

export type PlanResult =
  | { readonly kind: 'plan'; readonly plan: PlannedSubmission; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'problems'; readonly diagnostics: readonly Diagnostic[] };

export interface PlanOptions {
  readonly signal?: AbortSignal;
  /** Combinations that were worked out. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Jobs worked out before others have their turn. */
const SLICE = 100;

/**
 * Reads what a submission file names, works every job out once to see that all is right, and returns a plan whose jobs are
 * made again when they are sent, so that 10,000 of them take no memory. Rejects with the reason of the signal only.
 */
export async function planSubmission(
  file: SubmissionFile,
  deps: GatherDeps,
  options: PlanOptions = {},
): Promise<PlanResult> {
  const { description, locate } = file;
  if (description === undefined) return { kind: 'problems', diagnostics: file.diagnostics };
  const problems = new NotedProblems(locate);
  // The files of a task are in its archive, wherever else those of jobs are staged.
  const place = description.task === undefined ? deps : { ...deps, staged: true };
  const gathered = await gather(description, place, problems, options.signal);
  const task = await taskOf(description, deps, problems);
  if (gathered === undefined) return { kind: 'problems', diagnostics: problems.with(file.diagnostics) };
  const expansion = createExpansion(description, gathered, place);
  const total = await workOut(expansion, description.sites, problems, options);
  if (problems.any || total === undefined) {
    return { kind: 'problems', diagnostics: problems.with(file.diagnostics) };
  }
  return {
    kind: 'plan',
    plan: {
      name: planName(description, total.first, total.last),
      ...total,
      files: gathered.files,
      ...(task === undefined ? {} : { task }),
    },
    diagnostics: file.diagnostics,
  };
}

async function taskOf(
  { task, stagingFolder }: SubmissionDescription,
  deps: GatherDeps,
  problems: NotedProblems,
): Promise<TaskSettings | undefined> {
  if (task === undefined) return undefined;
  if (stagingFolder !== undefined) {
    problems.note('staging', 'The files of a task go along in its archive, and are staged nowhere');
  }
  const { folder, ...rest } = task;
  if (folder === undefined) return rest;
  const found = await findInside(folder, deps.folder, deps.roots, deps.disk, 'folder');
  if (found.kind === 'found') return { ...rest, folder: found.path };
  problems.note('task.folder', found.why);
  return undefined;
}

async function workOut(
  expansion: Expansion,
  sites: readonly string[],
  problems: NotedProblems,
  { signal, onProgress }: PlanOptions,
): Promise<Omit<PlannedSubmission, 'name' | 'files' | 'task'> | undefined> {
  let length = 0;
  let sinceTurn = SLICE;
  let first: JobRequest | undefined;
  let last: JobRequest | undefined;
  for (let index = 0; index < expansion.count && !problems.full; index += 1) {
    if (sinceTurn >= SLICE) {
      sinceTurn = 0;
      await setImmediate(undefined, signal === undefined ? {} : { signal });
      onProgress?.(index, expansion.count);
    }
    const built = expansion.build(index);
    sinceTurn += built.kind === 'problems' ? 1 : built.requests.length;
    if (built.kind === 'problems') {
      for (const { where, message } of built.problems) problems.note(where, message);
      continue;
    }
    first ??= built.requests[0];
    length += built.requests.length;
    last = built.requests.at(-1) ?? last;
    if (length > MOST_JOBS) {
      problems.note('sweep', `These are more than ${MOST_JOBS} jobs, the most that one submission has`);
      return undefined;
    }
  }
  onProgress?.(expansion.count, expansion.count);
  if (first === undefined || last === undefined) return undefined;
  const requests = { length, [Symbol.iterator]: () => requestsOf(expansion, sites) };
  return { requests, first, last: dealOut(last, sites, length - 1) };
}

function* requestsOf(expansion: Expansion, sites: readonly string[]): Generator<JobRequest> {
  let position = 0;
  for (let index = 0; index < expansion.count; index += 1) {
    const built = expansion.build(index);
    // What was in order once stays so: everything that it is made of is in memory.
    if (built.kind === 'problems') throw new Error(`job ${index + 1} cannot be made any more`);
    for (const request of built.requests) {
      yield dealOut(request, sites, position);
      position += 1;
    }
  }
}

/** Of several sites each job gets the next one. */
function dealOut(request: JobRequest, sites: readonly string[], position: number): JobRequest {
  return sites.length < 2 ? request : { ...request, site: sites[position % sites.length] };
}

function planName({ name }: SubmissionDescription, first: JobRequest, last: JobRequest): string {
  return name ?? (first.name === last.name ? first.name : `${first.name} … ${last.name}`);
}

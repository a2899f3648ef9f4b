import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseObject } from '../json.ts';
import type { PilotJob } from './pilotJob.ts';
import type { JobUpdateFields } from './serverLink.ts';

/** What a pilot writes down of each job it took, so that the next one goes on where it stopped. */
export interface JobState {
  readonly job: PilotJob;
  readonly site: string;
  /** Counts launches that were claimed back before they began; part of the claim file's name. */
  readonly launch: number;
  readonly phase: Phase;
}

export type Phase =
  /** Ours. Whether a payload was started, the claim file knows. */
  | { readonly kind: 'acquired' }
  | {
      readonly kind: 'running';
      readonly pid: number;
      /** See `ProcessRow.startedAt`. */
      readonly startedAt: string;
      /** Epoch milliseconds. */
      readonly since: number;
    }
  /** Over and staged out; the server has yet to take the last word. */
  | { readonly kind: 'reporting'; readonly report: JobUpdateFields };

/** Where the pilot keeps what belongs to one launch of a job. */
export interface JobFiles {
  /** The payload's own folder. */
  readonly workFolder: string;
  /** Beside it, out of the payload's way: made by whoever may start the payload, holds the pid of its shell. */
  readonly claimFile: string;
  /** How the payload ended, written by its shell. */
  readonly exitFile: string;
}

export function jobFiles(workRoot: string, pandaId: number, launch: number): JobFiles {
  const path = join(workRoot, String(pandaId));
  return { workFolder: path, claimFile: `${path}.claim.${launch}`, exitFile: `${path}.exit.${launch}` };
}

const stateFile = (workRoot: string, pandaId: number) => join(workRoot, `${pandaId}.json`);

export async function saveJobState(workRoot: string, state: JobState): Promise<void> {
  const file = stateFile(workRoot, state.job.pandaId);
  await writeFile(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.part`, file);
}

/** Removes the notes on a job; the state last, so that a crash meanwhile leaves it to be found again. */
export async function forgetJob(workRoot: string, pandaId: number, launch: number): Promise<void> {
  const launches = Array.from({ length: launch + 1 }, (_, index) => jobFiles(workRoot, pandaId, index));
  const files = launches.flatMap(({ claimFile, exitFile }) => [claimFile, exitFile]);
  for (const file of [...files, stateFile(workRoot, pandaId)]) await rm(file, { force: true });
}

/** Jobs left by an earlier pilot, oldest first, and the ids of those whose notes cannot be read. */
export async function readJobStates(
  workRoot: string,
): Promise<{ states: readonly JobState[]; unreadable: readonly number[] }> {
  const names = await readdir(workRoot);
  const ids = names.flatMap((name) => /^(\d{1,15})\.json$/u.exec(name)?.[1] ?? []).map(Number);
  const states: JobState[] = [];
  const unreadable: number[] = [];
  for (const id of ids.sort((a, b) => a - b)) {
    const state = parseState(await readFile(stateFile(workRoot, id), 'utf8'), id);
    if (state === undefined) unreadable.push(id);
    else states.push(state);
  }
  return { states, unreadable };
}

/** Our own file: its shape is checked as far as another version's file could differ. */
function parseState(text: string, pandaId: number): JobState | undefined {
  const value = parseObject(text);
  return value !== undefined && isJobState(value) && value.job.pandaId === pandaId ? value : undefined;
}

function isJobState(value: object): value is JobState {
  if (!('job' in value && 'site' in value && 'launch' in value && 'phase' in value)) return false;
  const { job, site, launch, phase } = value;
  if (!isObject(job) || typeof site !== 'string' || typeof launch !== 'number' || !isObject(phase))
    return false;
  return (
    Number.isSafeInteger(job.pandaId) &&
    typeof job.transformation === 'string' &&
    Array.isArray(job.outputs) &&
    isPhase(phase)
  );
}

function isPhase(phase: Readonly<Record<string, unknown>>): boolean {
  switch (phase.kind) {
    case 'acquired':
      return true;
    case 'running':
      return typeof phase.pid === 'number' && phase.pid >= 0 && typeof phase.startedAt === 'string';
    case 'reporting':
      return isObject(phase.report);
    default:
      return false;
  }
}

import { machine, release, type } from 'node:os';
import type { CacheFile, InputFile, JobRequest, Problem, ScriptTask, TaskSplit } from '../../panda/index.ts';
import { findTaskFiles } from './findTaskFiles.ts';
import type { LeftOut } from './findTaskFiles.ts';
import { packTask } from './packTask.ts';
import { MOST_JOBS, planTask } from './planTask.ts';

/** What is chosen for a task besides what its jobs are. */
export interface TaskSettings {
  /** Absolute path of a folder whose files go along. */
  readonly folder?: string;
  /** How often the one job runs. */
  readonly jobs?: number;
  /** How often each job is tried at most, 1 to 50. */
  readonly attempts: number;
}

/** As often as PanDA's own client has jobs tried. */
export const DEFAULT_ATTEMPTS = 3;
export const MOST_ATTEMPTS = 50;

/** A task as it would be sent, with what is in its archive. */
export interface GatheredTask extends Omit<ScriptTask, 'name' | 'profile' | 'archive' | 'cliParams'> {
  readonly archive: CacheFile;
  /** Files of the archive, by name: those of this machine, and those made for it. */
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly leftOut: readonly LeftOut[];
}

export type GatheredTaskResult =
  | { readonly kind: 'task'; readonly task: GatheredTask }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/**
 * Makes one task of job requests: finds its files, reads and packs them. Rejects with a TaskFileError, with the system's
 * error where a folder cannot be read, or with the reason of the signal.
 */
export async function gatherTask(
  requests: Iterable<JobRequest> & { readonly length: number },
  { folder, jobs, attempts }: TaskSettings,
  signal?: AbortSignal,
): Promise<GatheredTaskResult> {
  if (requests.length > MOST_JOBS) {
    const message = `These are more than ${MOST_JOBS} jobs, the most that one task has`;
    return { kind: 'problems', problems: [{ where: 'jobs', message }] };
  }
  const found =
    folder === undefined ? undefined : await findTaskFiles(folder, signal === undefined ? {} : { signal });
  if (found?.isCut === true) {
    const message = `There are more files in ${folder} than are looked at`;
    return { kind: 'problems', problems: [{ where: 'folder', message }] };
  }
  const all = [...requests];
  const split: TaskSplit | undefined = jobs === undefined ? undefined : { kind: 'jobs', jobs };
  const planned = planTask(all, {
    ...(split === undefined ? {} : { split }),
    files: withoutOwn(found?.files ?? [], all),
  });
  if (planned.kind === 'problems') return planned;
  const { script, entries, files } = planned.plan;
  const archive = await packTask(planned.plan, signal);
  const sizes = [...entries.map(({ name, content }) => ({ name, size: content.length })), ...files];
  const task = {
    ...script,
    maxAttempt: attempts,
    osInfo: `${type()}-${release()}-${machine()}`,
    archive,
    files: sizes.map(({ name, size }) => ({ name, size })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    leftOut: found?.leftOut ?? [],
  };
  return { kind: 'task', task };
}

/** Why jobs cannot be one task, as sentences. */
export function explainProblems(problems: readonly Problem[]): string {
  const texts = problems.map(({ where, message }) =>
    where.startsWith('jobs[') ? `${where} ${message}` : message,
  );
  return `${texts.map((text) => text.replace(/\.$/u, '')).join('. ')}.`;
}

/** What the jobs themselves ask for lies where they want it, whatever else the folder holds. */
function withoutOwn(files: readonly InputFile[], requests: readonly JobRequest[]): readonly InputFile[] {
  const own = new Set(requests.flatMap(({ inputs = [] }) => inputs.map(({ name }) => name)));
  return files.filter(({ name }) => !own.has(name));
}

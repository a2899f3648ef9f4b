import { archiveOf, PandaError } from '../panda/index.ts';
import type {
  CacheFile,
  FilesApi,
  TasksApi,
  TaskSubmitOutcome,
  UniqueTaskParameters,
} from '../panda/index.ts';
import type { Clock } from './api.ts';
import { waitFor } from './clock.ts';

export interface SubmitTaskDeps {
  readonly client: {
    readonly files: Pick<FilesApi, 'ensureCacheFile' | 'touchCacheFile'>;
    readonly tasks: Pick<TasksApi, 'submit' | 'getTaskParameters'>;
  };
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly random: () => number;
}

export interface SubmitTaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((phase: 'uploading' | 'submitting' | 'askingAgain') => void) | undefined;
  /** Pauses (ms) before asking again after a lost answer. */
  readonly pauses?: readonly number[];
}

const PAUSES: readonly number[] = [1000, 5000, 15_000];

/**
 * Puts the archive of a task into the cache, unless it is there, and submits the task. Where the answer is lost, the same
 * is submitted again: as its name is unique, a server that has the task already says so. Rejects with the error of the
 * last try; where that may have acted, a task of that name may exist.
 */
export async function submitTask(
  parameters: UniqueTaskParameters,
  archive: CacheFile,
  deps: SubmitTaskDeps,
  { signal, onProgress, pauses = PAUSES }: SubmitTaskOptions = {},
): Promise<TaskSubmitOutcome> {
  const options = signal === undefined ? {} : { signal };
  onProgress?.('uploading');
  await deps.client.files.ensureCacheFile(archive.name, archive.content, options);
  onProgress?.('submitting');
  let lost: PandaError | undefined;
  for (const pause of [0, ...pauses]) {
    await waitFor(deps.clock, pause * (0.75 + deps.random() / 2), signal);
    if (lost !== undefined) onProgress?.('askingAgain');
    try {
      const outcome = await deps.client.tasks.submit(parameters, options);
      // After a lost answer it is the one that was sent then: waiting, at work, or ended in the meantime.
      return lost === undefined ? outcome : { ...outcome, kind: 'accepted' };
    } catch (error) {
      lost = lostAnswer(error, lost);
    }
  }
  throw lost ?? new Error('there was no try');
}

/** The error of the first answer that was lost, where it is worth asking again; else throws. */
function lostAnswer(error: unknown, earlier: PandaError | undefined): PandaError {
  if (!(error instanceof PandaError)) throw error;
  if (earlier === undefined && error.mayHaveActed) return error;
  if (earlier !== undefined && (error.mayHaveActed || error.passing)) return earlier;
  // That a second try was refused says nothing of the first.
  throw earlier ?? error;
}

/**
 * Has the cache keep the archive of a task, which it else forgets after days: jobs that are tried again need it. `none`:
 * the task has no archive of its own.
 */
export async function keepTaskArchive(
  taskId: number,
  { client }: Pick<SubmitTaskDeps, 'client'>,
  signal?: AbortSignal,
): Promise<'kept' | 'gone' | 'none'> {
  const options = signal === undefined ? {} : { signal };
  const parameters = await client.tasks.getTaskParameters(taskId, options);
  const name = parameters === null ? undefined : archiveOf(parameters);
  if (name === undefined) return 'none';
  return (await client.files.touchCacheFile(name, options)) ? 'kept' : 'gone';
}

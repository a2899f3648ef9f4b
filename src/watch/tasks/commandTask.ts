import type { FilesApi, TaskCommand, TaskCommandAnswer, TasksApi } from '../../panda/index.ts';
import { SubmissionError } from '../submission/error.ts';
import { keepTaskArchive } from './submitTask.ts';

/** A command to a task, with what goes with it. */
export type TaskOrder =
  | { readonly command: Exclude<TaskCommand, 'finish' | 'retryWithNewParameters' | 'increaseAttempts'> }
  /** `soft` lets running jobs end. */
  | { readonly command: 'finish'; readonly soft: boolean }
  | {
      readonly command: 'retryWithNewParameters';
      /** Merged into those of the task; null takes one away. */
      readonly parameters: Readonly<Record<string, unknown>>;
    }
  | { readonly command: 'increaseAttempts'; readonly increase: number };

export interface CommandTaskClient {
  readonly files: Pick<FilesApi, 'touchCacheFile' | 'cacheUrl'>;
  readonly tasks: TasksApi;
}

/**
 * Gives a task a command. Before jobs are run again the cache is asked to keep their archive: a SubmissionError where it is
 * gone. Resolves with the server's words.
 */
export async function commandTask(
  taskId: number,
  order: TaskOrder,
  client: CommandTaskClient,
  signal?: AbortSignal,
): Promise<TaskCommandAnswer> {
  const options = signal === undefined ? {} : { signal };
  const { tasks } = client;
  switch (order.command) {
    case 'kill':
      return tasks.kill(taskId, options);
    case 'finish':
      return tasks.finish(taskId, { ...options, soft: order.soft });
    case 'retry':
      await keepArchive(taskId, client, signal);
      return tasks.retry(taskId, options);
    case 'retryWithNewParameters':
      await keepArchive(taskId, client, signal);
      return tasks.retry(taskId, { ...options, newParameters: order.parameters });
    case 'reloadInput':
      await keepArchive(taskId, client, signal);
      return tasks.reloadInput(taskId, options);
    case 'killUnfinishedJobs': {
      const answers = await tasks.killUnfinishedJobs(taskId, options);
      const killed = answers.filter(Boolean).length;
      return { taskId, message: `${killed} of ${answers.length} jobs were asked to end` };
    }
    case 'increaseAttempts':
      return tasks.increaseAttempts(taskId, order.increase, options);
    case 'pause':
      return tasks.pause(taskId, options);
    case 'resume':
      return tasks.resume(taskId, options);
  }
}

async function keepArchive(taskId: number, client: CommandTaskClient, signal?: AbortSignal): Promise<void> {
  if ((await keepTaskArchive(taskId, client, signal)) !== 'gone') return;
  throw new SubmissionError(
    `The cache has forgotten the files of task ${taskId}, and its jobs would fail without them.`,
    'Submit it anew',
  );
}

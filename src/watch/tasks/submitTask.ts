import {
  archiveOf,
  explain,
  isAbort,
  makeSubmissionId,
  makeTaskName,
  PandaError,
  scriptTaskParameters,
} from '../../panda/index.ts';
import type {
  CacheFile,
  FilesApi,
  Profile,
  ScriptTask,
  TasksApi,
  UniqueTaskParameters,
} from '../../panda/index.ts';
import type { Clock } from '../api.ts';
import { SubmissionError } from '../submission/error.ts';
import { PATIENT_LOOKS } from '../submission/lookup.ts';
import { refuseOfSomebodyElse } from '../submission/person.ts';
import type { TaskJournal } from './journal.ts';
import { lookUpTask } from './lookup.ts';
import type { TaskNote } from './note.ts';

export interface SubmitTaskDeps {
  readonly client: {
    readonly files: Pick<FilesApi, 'ensureCacheFile' | 'touchCacheFile'>;
    readonly tasks: Pick<TasksApi, 'submit' | 'getTasksModifiedSince'>;
  };
  readonly profile: Profile;
  readonly tasks: TaskJournal;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A task to be submitted: all but the name, which is new each time. */
export interface NewTask extends Omit<ScriptTask, 'name' | 'profile' | 'archive'> {
  /** What the user calls it. */
  readonly name: string;
  readonly archive: CacheFile;
}

/** Exactly what would be sent. */
export interface PreparedTask {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly parameters: UniqueTaskParameters;
  readonly archive: CacheFile;
}

/** `lookingUp`: the answer was lost, and the task is looked for by its name. */
export type TaskProgress = 'uploading' | 'submitting' | 'lookingUp';

export interface SubmitTaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((phase: TaskProgress) => void) | undefined;
  /** Told before the task leaves, and waited for. It must not reject: the task is noted down by then. */
  readonly onBegin?: ((note: TaskNote) => Promise<void>) | undefined;
  /** Pauses (ms) before each look for a task whose answer was lost. */
  readonly pauses?: readonly number[];
}

/** Gives a task a name of its own: for dry runs, and before it is sent. */
export function prepareTask(
  task: NewTask,
  { profile, clock, random }: Pick<SubmitTaskDeps, 'profile' | 'clock' | 'random'>,
): PreparedTask {
  const submittedAt = clock.now();
  const id = makeSubmissionId(submittedAt, random);
  const { archive, site = profile.defaultSite, ...rest } = task;
  const name = makeTaskName(profile.user, task.name, id);
  const parameters = scriptTaskParameters({ ...rest, site, name, profile, archive: archive.name });
  return { id, submittedAt, parameters, archive };
}

/**
 * Puts the archive of a task into the cache, unless it is there, notes the task down, and submits it once. A task whose
 * answer was lost is looked for by its name and never sent again unasked; it may stay `unknown`. Rejects only where
 * nothing was sent, and is then in no journal.
 */
export async function submitTask(
  task: NewTask,
  deps: SubmitTaskDeps,
  options: SubmitTaskOptions = {},
): Promise<TaskNote> {
  const { signal, onProgress } = options;
  const { archive } = task;
  onProgress?.('uploading');
  await deps.client.files.ensureCacheFile(
    archive.name,
    archive.content,
    signal === undefined ? {} : { signal },
  );
  signal?.throwIfAborted();
  const note = await begin(task, deps);
  await options.onBegin?.(note);
  return send(note, deps, options);
}

async function begin(task: NewTask, deps: SubmitTaskDeps): Promise<TaskNote> {
  for (;;) {
    const { id, submittedAt, parameters, archive } = prepareTask(task, deps);
    const { name: profile, server, signedInAs } = deps.profile;
    const who = signedInAs === undefined ? {} : { user: signedInAs };
    const outcome = { kind: 'unknown', reason: 'Its answer was not waited for.' } as const;
    const known = { version: 1, id, profile, server, name: task.name, submittedAt, ...who } as const;
    const note = await deps.tasks.begin({ ...known, parameters, archive: archive.name, outcome });
    // Otherwise another program made the same id within the same millisecond.
    if (note !== undefined) return note;
  }
}

/** Sends a task of ours once. */
async function send(
  note: TaskNote,
  deps: SubmitTaskDeps,
  { signal, onProgress, pauses = PATIENT_LOOKS }: SubmitTaskOptions,
  mayExist = false,
): Promise<TaskNote> {
  onProgress?.('submitting');
  try {
    const { taskId } = await deps.client.tasks.submit(
      note.parameters,
      signal === undefined ? {} : { signal },
    );
    // Nobody else uses its name: a duplicate is the one that was sent before.
    return await settled(note, { kind: 'accepted', taskId }, deps);
  } catch (error) {
    const nothingSent = error instanceof PandaError && !error.mayHaveActed;
    if (nothingSent && !mayExist) {
      await deps.tasks.discard(note);
      throw error;
    }
    if (nothingSent) {
      await deps.tasks.settle(note, note.outcome);
      throw error;
    }
    const lost: TaskNote = { ...note, outcome: { kind: 'unknown', reason: reasonOf(error) } };
    onProgress?.('lookingUp');
    return settled(lost, await lookUpTask(lost, deps, { pauses, signal }), deps);
  }
}

/** A journal that cannot be written does not make a task unknown that this process knows of. */
async function settled(
  note: TaskNote,
  outcome: TaskNote['outcome'],
  { tasks }: SubmitTaskDeps,
): Promise<TaskNote> {
  try {
    return await tasks.settle(note, outcome);
  } catch {
    return { ...note, outcome, owner: null };
  }
}

function reasonOf(error: unknown): string {
  if (isAbort(error)) return 'It was stopped before the answer came.';
  if (error instanceof PandaError) return explain(error);
  return error instanceof Error ? error.message : String(error);
}

/**
 * Sends a task of unknown fate again, as its user wishes: under its name there is one at most. Rejects with
 * SubmissionError where it cannot be.
 */
export async function resendTask(
  id: string,
  deps: SubmitTaskDeps,
  options: SubmitTaskOptions = {},
): Promise<TaskNote> {
  const note = await claimUnknown(id, deps);
  try {
    const { signal } = options;
    if (!(await deps.client.files.touchCacheFile(note.archive, signal === undefined ? {} : { signal }))) {
      throw new SubmissionError(
        `The cache has forgotten the files of ${note.name}, so that it cannot be sent again as it was.`,
        'Submit it anew, and forget this one',
      );
    }
  } catch (error) {
    await deps.tasks.settle(note, note.outcome);
    throw error;
  }
  return send(note, deps, options, true);
}

/** Ends the search for a task of unknown fate. Nothing is sent or killed. */
export async function forgetTask(id: string, deps: Pick<SubmitTaskDeps, 'tasks' | 'profile'>): Promise<void> {
  await deps.tasks.settle(await claimUnknown(id, deps), { kind: 'forgotten' });
}

async function claimUnknown(
  id: string,
  { tasks, profile }: Pick<SubmitTaskDeps, 'tasks' | 'profile'>,
): Promise<TaskNote> {
  const known = await tasks.read(profile.name, id);
  if (known === undefined) {
    throw new SubmissionError(
      `There is no task ${id} of profile ${profile.name} that was submitted from this machine.`,
      'Look at the list of tasks',
    );
  }
  refuseOfSomebodyElse(`The task ${id}`, known.note, profile);
  const note = await tasks.claim(profile.name, id);
  if (note === undefined) {
    const { pid = 0, host = '' } = known.note.owner ?? {};
    throw new SubmissionError(
      `The task ${id} is being submitted by process ${pid} on ${host}.`,
      'Wait until it is done, or end that process',
    );
  }
  if (note.outcome.kind !== 'accepted') return note;
  await tasks.settle(note, note.outcome);
  throw new SubmissionError(`PanDA has this task: it is ${note.outcome.taskId}.`, 'Look at the task');
}

/**
 * Has the cache keep the archive of a task, which it else forgets after days: jobs that are tried again need it. `none`:
 * the task has no archive of its own, or one in the cache of another host, of which nothing is known.
 */
export async function keepTaskArchive(
  taskId: number,
  client: {
    readonly files: Pick<FilesApi, 'touchCacheFile' | 'cacheUrl'>;
    readonly tasks: Pick<TasksApi, 'getTaskParameters'>;
  },
  signal?: AbortSignal,
): Promise<'kept' | 'gone' | 'none'> {
  const options = signal === undefined ? {} : { signal };
  const parameters = await client.tasks.getTaskParameters(taskId, options);
  const name = parameters === null ? undefined : archiveOf(parameters);
  if (name === undefined) return 'none';
  if (await client.files.touchCacheFile(name, options)) return 'kept';
  const source = hostOf(parameters?.sourceURL);
  return source === undefined || source === hostOf(client.files.cacheUrl(name)) ? 'gone' : 'none';
}

function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).hostname : undefined;
}

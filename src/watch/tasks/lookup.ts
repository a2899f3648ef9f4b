import { isAbort } from '../../panda/index.ts';
import type { Profile, TasksApi } from '../../panda/index.ts';
import type { Clock } from '../api.ts';
import { waitFor } from '../clock.ts';
import { ONE_LOOK } from '../submission/lookup.ts';
import type { JournalProblem } from '../submission/journal.ts';
import type { TaskJournal } from './journal.ts';
import type { TaskNote, TaskOutcome } from './note.ts';

/** Clocks of this machine and of the server may differ by so much, ms. */
const CLOCKS_DIFFER = 86_400_000;

export interface TaskLookupDeps {
  readonly client: { readonly tasks: Pick<TasksApi, 'getTasksModifiedSince'> };
  readonly profile: Pick<Profile, 'name' | 'prodSourceLabel'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly random: () => number;
}

export interface TaskLookupOptions {
  /** Pauses (ms) before each look. */
  readonly pauses: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

const LOOKED_UP = ' Looked up by name: ';

/**
 * Looks for a task by its name in the server's list of tasks, which has it once the task engine took it up: after minutes
 * at times. Never rejects: what hinders it stands in the reason.
 */
export async function lookUpTask(
  note: TaskNote,
  deps: TaskLookupDeps,
  { pauses, signal }: TaskLookupOptions,
): Promise<TaskOutcome> {
  let result = 'PanDA does not list it yet.';
  for (const pause of pauses) {
    try {
      await waitFor(deps.clock, pause * (0.75 + deps.random() / 2), signal);
      const taskId = (await taskIdsByName(note.submittedAt, deps, signal)).get(
        plainName(note.parameters.taskName),
      );
      if (taskId !== undefined) return { kind: 'accepted', taskId };
      result = 'PanDA does not list it yet.';
    } catch (error) {
      if (signal?.aborted === true || isAbort(error)) {
        result = 'interrupted.';
        break;
      }
      result = `not answered (${(error instanceof Error ? error.message : String(error)).replace(/\.$/u, '')}).`;
    }
  }
  const reason = note.outcome.kind === 'unknown' ? note.outcome.reason : '';
  const [happened = ''] = reason.split(LOOKED_UP, 1);
  return { kind: 'unknown', reason: `${happened}${LOOKED_UP}${result}` };
}

async function taskIdsByName(
  since: number,
  { client, profile }: TaskLookupDeps,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const { prodSourceLabel } = profile;
  const tasks = await client.tasks.getTasksModifiedSince(since - CLOCKS_DIFFER, {
    prodSourceLabel,
    ...(signal === undefined ? {} : { signal }),
  });
  return new Map(tasks.map(({ name, taskId }) => [plainName(name), taskId]));
}

/** Servers keep the slash at the end of a name, or not. */
function plainName(name: string): string {
  return name.replace(/\/$/u, '');
}

export interface TaskRecovery {
  /** Those that turned out to be there. */
  readonly found: readonly TaskNote[];
  /** Nobody can say whether these exist: their user decides. */
  readonly unknown: readonly TaskNote[];
  readonly problems: readonly JournalProblem[];
}

/** Looks once for all tasks of unknown fate that no living process works on. Sends nothing. */
export async function recoverTasks(
  deps: TaskLookupDeps & { readonly tasks: TaskJournal },
  signal?: AbortSignal,
): Promise<TaskRecovery> {
  const { entries, problems } = await deps.tasks.list(deps.profile.name);
  const found: TaskNote[] = [];
  const unknown: TaskNote[] = [];
  for (const { note, isRunning } of entries) {
    if (isRunning || note.outcome.kind !== 'unknown') continue;
    const outcome = await lookUpTask(note, deps, { pauses: ONE_LOOK, signal });
    if (signal?.aborted === true) break;
    const claimed = await deps.tasks.claim(note.profile, note.id);
    if (claimed === undefined) continue;
    // Somebody may have sent it again, or forgotten it, in the meantime.
    const isOpen = claimed.outcome.kind === 'unknown';
    const settled = await deps.tasks.settle(claimed, isOpen ? outcome : claimed.outcome);
    if (isOpen) (outcome.kind === 'accepted' ? found : unknown).push(settled);
  }
  return { found, unknown, problems };
}

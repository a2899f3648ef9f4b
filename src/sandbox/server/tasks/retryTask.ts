import type { ServerContext } from '../context.ts';
import type { Identity } from '../identity.ts';
import { parseJson } from '../wire/jsonText.ts';
import type { Store } from '../store/store.ts';
import type { TaskParameterMap, TaskStore } from '../store/tasks.ts';
import { RETRY_AT_WORK, takeCommand } from './commands.ts';
import { MAY_BE_TRIED } from './makeJobs.ts';
import { isRecord } from './parameterMap.ts';
import { registerTask, type Coded } from './registration.ts';

/** Attempts that a retry of a task at work gives to what failed. */
const MORE_ATTEMPTS = 5;

/** Retries a task: what failed, or with new parameters all that is new, too. */
export function retryTask(
  { store, now }: ServerContext,
  tasks: TaskStore,
  jediTaskID: number,
  newParameters: unknown,
  who: Identity,
): Coded {
  return store.transaction(() => {
    const hasNew =
      newParameters !== null && newParameters !== '' && Object.keys(newParameters ?? {}).length > 0;
    const { production } = who;
    const command = { name: 'retry', comment: '' } as const;
    const coded = hasNew
      ? mergeAndRetry({ store, tasks, now }, jediTaskID, newParameters, who)
      : takeCommand(tasks, jediTaskID, command, { production, now: now() });
    if (coded.code !== RETRY_AT_WORK) return coded;
    increaseAttempts(store, tasks, jediTaskID, MORE_ATTEMPTS);
    const message = `retry has been triggered for failed jobs while the task is still ${coded.message}`;
    return { code: hasNew ? 3 : 0, message };
  });
}

/** The way of a submission: the task is found again by its name, not by its id. */
function mergeAndRetry(
  parts: { readonly store: Store; readonly tasks: TaskStore; readonly now: () => number },
  jediTaskID: number,
  given: unknown,
  who: Identity,
): Coded {
  const failed = (why: string): Coded => ({
    code: 1,
    message: `new parameter conversion failed with ${why}`,
  });
  const old = parts.tasks.submittedParameters(jediTaskID);
  if (old === undefined) return failed('Expecting value: line 1 column 1 (char 0)');
  const changes = readMap(given);
  if (typeof changes === 'string') return failed(changes);
  const options = { parentTaskId: null, mayBeActive: true };
  return registerTask(parts, { ...old, ...changes }, who, options);
}

function readMap(given: unknown): TaskParameterMap | string {
  const parsed = typeof given === 'string' ? parseJson(given) : ({ ok: true, value: given } as const);
  if (!parsed.ok) return parsed.message;
  return isRecord(parsed.value)
    ? parsed.value
    : 'dictionary update sequence element #0 has length 1; 2 is required';
}

const INCREASABLE: readonly (string | null)[] = ['running', 'scouting', 'ready'];

/** Gives every input that is not done more attempts. To be called within a transaction. */
export function increaseAttempts(store: Store, tasks: TaskStore, jediTaskID: number, by: number): Coded {
  const task = tasks.task(jediTaskID);
  if (task === undefined) return { code: 1, message: `jediTaskID=${jediTaskID} not found` };
  const { status, oldStatus } = task;
  if (!INCREASABLE.includes(status) && !INCREASABLE.includes(oldStatus)) {
    const message = `command rejected since status=${status} or oldStatus=${oldStatus ?? 'None'} not in ['running', 'scouting', 'ready']`;
    return { code: 2, message };
  }
  const count = (condition: string): number =>
    Number(
      store.rows(`SELECT count(*) FROM taskInputs WHERE jediTaskID = ? AND ${condition}`, jediTaskID)[0]?.[0],
    );
  const all = count(`status = 'ready'`);
  const reset = count(`status = 'ready' AND NOT (${MAY_BE_TRIED})`);
  store.run(
    `UPDATE taskInputs SET maxAttempt = max(maxAttempt, attemptNr) + ?1,
       maxFailure = CASE WHEN maxFailure IS NULL THEN NULL ELSE maxFailure + ?1 END
     WHERE jediTaskID = ?2 AND status = 'ready'`,
    by,
    jediTaskID,
  );
  return { code: 0, message: `increased attemptNr for ${all} inputs (${reset} reactivated)` };
}

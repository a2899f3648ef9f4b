import type { StoredTask } from '../store/taskTables.ts';
import { move, type EngineContext } from './engineContext.ts';
import { MAY_BE_TRIED } from './makeJobs.ts';

const ENDED = `('finished', 'failed', 'cancelled', 'closed')`;

/** Gives the inputs of jobs that have ended back: done, or to be tried again as long as they may. */
export function takeInEndedJobs({ store, tasks, now }: EngineContext, task: StoredTask): void {
  const { jediTaskID } = task;
  store.run(
    `UPDATE taskInputs SET
       attemptNr = attemptNr + 1,
       failedAttempt = failedAttempt + (SELECT jobStatus = 'failed' FROM jobs WHERE jobs.PandaID = taskInputs.PandaID),
       status = CASE (SELECT jobStatus FROM jobs WHERE jobs.PandaID = taskInputs.PandaID)
         WHEN 'finished' THEN 'finished' ELSE 'ready' END
     WHERE jediTaskID = ? AND status = 'running'
       AND (SELECT jobStatus FROM jobs WHERE jobs.PandaID = taskInputs.PandaID) IN ${ENDED}`,
    jediTaskID,
  );
  // Who asks for tasks that changed is to see progress, too.
  if (store.rows('SELECT changes()')[0]?.[0] !== 0) tasks.update(task, {}, now());
}

const WAITING = `status = 'ready' AND ${MAY_BE_TRIED}`;

/** Whether inputs are in the hands of jobs (`running`), or wait for some. */
export function hasInputs(
  { store }: EngineContext,
  jediTaskID: number,
  which: 'running' | 'waiting',
): boolean {
  const condition = which === 'running' ? `status = 'running'` : WAITING;
  const found = store.rows(
    `SELECT 1 FROM taskInputs WHERE jediTaskID = ? AND ${condition} LIMIT 1`,
    jediTaskID,
  );
  return found.length > 0;
}

export interface InputCounts {
  readonly all: number;
  readonly finished: number;
  readonly running: number;
  /** Will not be tried again. */
  readonly failed: number;
  /** Wait for a job. */
  readonly waiting: number;
}

export function countInputs({ store }: Pick<EngineContext, 'store'>, jediTaskID: number): InputCounts {
  const [row = []] = store.rows(
    `SELECT count(*), sum(status = 'finished'), sum(status = 'running'), sum(status = 'ready' AND NOT (${MAY_BE_TRIED}))
     FROM taskInputs WHERE jediTaskID = ?`,
    jediTaskID,
  );
  const [all = 0, finished = 0, running = 0, failed = 0] = row.map(Number);
  return { all, finished, running, failed, waiting: all - finished - running - failed };
}

/** Ends a task that has nothing left to do, or is told to end. Others stay as they are. */
export function conclude(context: EngineContext, task: StoredTask): void {
  if (task.status === 'toabort') {
    move(context, task, 'aborted');
    return;
  }
  const mayEnd = task.status === 'passed' || task.status === 'ready' || task.status === 'running';
  if (!mayEnd) return;
  const { all, finished } = countInputs(context, task.jediTaskID);
  if (all === finished) {
    move(context, task, 'done');
  } else if (finished === 0) {
    move(context, task, 'failed', 'failed since no file was successfully processed');
  } else if (task.status !== 'passed' && context.tasks.parameters(task.jediTaskID).useExhausted === true) {
    move(context, task, 'exhausted', "exhausted since the task was incomplete and didn't reach the goal");
  } else {
    move(context, task, 'finished');
  }
}

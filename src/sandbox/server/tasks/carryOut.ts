import type { Identity } from '../identity.ts';
import { killJobs } from '../killJobs.ts';
import type { StoredTask, TaskChanges } from '../store/taskTables.ts';
import type { TaskParameterMap } from '../store/tasks.ts';
import { countInputs } from './conclude.ts';
import { move, superStatusOf, type EngineContext } from './engineContext.ts';
import { isRecord, textIn } from './parameterMap.ts';

/** What a task is while a command is carried out; those that are not here are done at once. */
const WHILE: Readonly<Record<string, string>> = {
  kill: 'aborting',
  finish: 'finishing',
  retry: 'toretry',
  incexec: 'toincexec',
  reassign: 'toreassign',
};

/** Begins with the command of a task; whatever came before is given up. */
export function startCommands(context: EngineContext, task: StoredTask): void {
  const done: TaskChanges = { command: null, commandTime: null };
  const time = context.now();
  const status = WHILE[task.command ?? ''];
  if (status !== undefined) {
    const oldStatus = isCarriedOut(task) ? task.oldStatus : task.status;
    context.tasks.update(task, { ...done, status, superStatus: superStatusOf(status), oldStatus }, time);
  } else if (task.command === 'pause') {
    const changes = { status: 'paused', superStatus: 'paused', oldStatus: task.status };
    context.tasks.update(task, { ...done, ...changes }, time);
  } else if (task.command === 'resume') {
    const back = task.oldStatus ?? 'ready';
    const changes = { status: back, superStatus: superStatusOf(back), oldStatus: null };
    context.tasks.update(task, { ...done, ...changes }, time);
  } else {
    // Scouts and staging are nothing that a sandbox has.
    context.tasks.update(task, done, time);
  }
}

export function isCarriedOut({ status }: StoredTask): boolean {
  return Object.values(WHILE).some((state) => state === status);
}

/** Goes on with a command: ends jobs, waits for their end, then moves the task on. */
export function carryOut(context: EngineContext, task: StoredTask): void {
  switch (task.status) {
    case 'aborting':
      if (endJobs(context, task, 50, ALL)) move(context, task, 'toabort');
      return;
    case 'finishing':
      finish(context, task);
      return;
    case 'toreassign':
      reassign(context, task);
      return;
    case 'toincexec':
      changeParameters(context, task);
      retry(context, task, 'incexec');
      return;
    default:
      retry(context, task, 'retry');
  }
}

const ENGINE: Identity = { dn: 'JEDI', fqans: [], production: true, ownsEverything: true };
/** Jobs of a command's first breath are many: they are ended a part at a time. */
const STEP = 500;
const ALL = '1';
const QUEUED = `jobStatus IN ('pending', 'defined', 'waiting', 'assigned', 'throttled', 'activated')`;
const ACTIVE = `jobStatus NOT IN ('finished', 'failed', 'cancelled', 'closed')`;

/** Ends those jobs of a task that a condition names. True when none of all its jobs is left. */
function endJobs(context: EngineContext, task: StoredTask, code: number, condition: string): boolean {
  const { store } = context;
  const ids = store.rows(
    `SELECT PandaID FROM jobs WHERE jediTaskID = ? AND ${ACTIVE} AND ${condition}
       AND coalesce(commandToPilot, '') <> 'tobekilled' LIMIT ${STEP}`,
    task.jediTaskID,
  );
  killJobs(
    context,
    ids.map(([id]) => Number(id)),
    code,
    ENGINE,
  );
  const left = store.rows(`SELECT 1 FROM jobs WHERE jediTaskID = ? AND ${ACTIVE} LIMIT 1`, task.jediTaskID);
  return left.length === 0;
}

function finish(context: EngineContext, task: StoredTask): void {
  const isSoft = task.commandComment?.startsWith('soft ') === true;
  if (!endJobs(context, task, 52, isSoft ? QUEUED : ALL)) return;
  // Jobs that ended in this very step are taken in by the next one.
  if (countInputs(context, task.jediTaskID).running > 0) return;
  context.store.run(
    `UPDATE taskInputs SET attemptNr = maxAttempt WHERE jediTaskID = ? AND status = 'ready' AND attemptNr < maxAttempt`,
    task.jediTaskID,
  );
  move(context, task, 'passed');
}

/** `site:<name>:y`, or another target with `n`; then perhaps how jobs are dealt with. */
function reassign(context: EngineContext, task: StoredTask): void {
  const [target, value = '', back, mode] = (task.commandComment ?? '').split(':');
  if (mode !== 'nokill reassign') {
    const isSoft = mode === 'soft reassign';
    const areNoneLeft = endJobs(context, task, 51, isSoft ? QUEUED : ALL);
    if (!isSoft && !areNoneLeft) return;
  }
  const next = back === 'y' ? (task.oldStatus ?? 'ready') : 'reassigning';
  // A task that waited for a queue has one now.
  const status = next === 'pending' ? 'ready' : next;
  const site = target === 'site' ? { site: value === '' ? null : value } : {};
  const changes = { status, superStatus: superStatusOf(status), oldStatus: null, errorDialog: null, ...site };
  context.tasks.update(task, changes, context.now());
}

/** Attempts that a retry adds to those that are used up. */
const MORE_ATTEMPTS = 5;

function retry(context: EngineContext, task: StoredTask, name: 'retry' | 'incexec'): void {
  const { store, tasks, now } = context;
  const { jediTaskID } = task;
  const { all, finished } = countInputs(context, jediTaskID);
  if (name === 'retry' && all === finished) {
    const status = task.oldStatus ?? 'done';
    move(context, task, status, `no retry for task in ${status} status`);
    return;
  }
  store.run(
    `UPDATE taskInputs SET maxAttempt = maxAttempt + ${MORE_ATTEMPTS},
       maxFailure = CASE WHEN maxFailure IS NULL THEN NULL ELSE maxFailure + ${MORE_ATTEMPTS} END
     WHERE jediTaskID = ? AND status = 'ready'
       AND (attemptNr >= maxAttempt OR (maxFailure IS NOT NULL AND failedAttempt >= maxFailure))`,
    jediTaskID,
  );
  const status = name === 'retry' ? 'ready' : 'rerefine';
  const changes: TaskChanges = {
    status,
    superStatus: superStatusOf(status),
    oldStatus: null,
    errorDialog: null,
    startTime: null,
    endTime: null,
    attemptNr: task.attemptNr + 1,
    currentPriority: task.taskPriority,
  };
  tasks.update(task, changes, now());
}

/** Merges new parameters into those of a task; null takes one away. */
function changeParameters({ tasks, now }: EngineContext, task: StoredTask): void {
  const map: Record<string, unknown> = { ...tasks.parameters(task.jediTaskID) };
  // It names the archive of the last time alone.
  delete map.fixedSandbox;
  for (const [name, value] of Object.entries(newParameters(task.commandComment))) {
    if (value === null) delete map[name];
    else map[name] = value;
  }
  const archive = textIn(map, 'fixedSandbox');
  if (archive !== null && Array.isArray(map.jobParameters)) {
    map.jobParameters = map.jobParameters.map((item: unknown) =>
      isRecord(item) && /^-a [^ ]+$/u.test(String(item.value)) ? { ...item, value: `-a ${archive}` } : item,
    );
  }
  tasks.setParameters(task.jediTaskID, map);
  if ('site' in map) tasks.update(task, { site: textIn(map, 'site') }, now());
}

/** Of a reload there are none, and qualifiers beside. */
function newParameters(comment: string | null): TaskParameterMap {
  const value: unknown = JSON.parse(comment ?? '{}');
  const map: unknown = Array.isArray(value) ? value[0] : value;
  return isRecord(map) ? map : {};
}

import type { StoredTask } from '../store/taskTables.ts';
import { taskStore } from '../store/tasks.ts';
import { carryOut, isCarriedOut, startCommands } from './carryOut.ts';
import { conclude, hasInputs, takeInEndedJobs } from './conclude.ts';
import { defineTask, type TaskDefinition } from './definition.ts';
import { FINAL, move, type EngineContext, type EngineParts } from './engineContext.ts';
import { inputsOf } from './inputs.ts';
import { makeJobs } from './makeJobs.ts';

/**
 * The task engine (JEDI) of a sandbox: takes tasks up, makes their jobs, and goes on until they have ended. All it knows
 * is in the store, and each step is whole or not at all, so that it goes on where it was after a kill.
 */
export interface TaskEngine {
  /** Takes one step with every task. Returns in how many ms to call again; undefined when there is nothing to do. */
  readonly step: () => number | undefined;
}

const ACTIVE = `WHERE status IS NULL OR command IS NOT NULL OR status NOT IN
  (${[...FINAL, 'exhausted'].map((state) => `'${state}'`).join(', ')}) ORDER BY jediTaskID`;

export function createTaskEngine(parts: EngineParts): TaskEngine {
  const context: EngineContext = { ...parts, tasks: taskStore(parts.store) };
  return {
    step: () => {
      const active = context.tasks.tasks(ACTIVE);
      let made = 0;
      let trouble: { readonly error: unknown } | undefined;
      for (const task of active) {
        try {
          made += context.store.transaction(() => stepTask(context, task));
        } catch (error) {
          // The others are not to wait for this one.
          trouble ??= { error };
        }
      }
      if (made > 0) context.submitted();
      if (trouble !== undefined) throw trouble.error;
      return active.length === 0 ? undefined : context.interval;
    },
  };
}

/** Returns how many jobs were made. */
function stepTask(context: EngineContext, task: StoredTask): number {
  if (task.command !== null && isDue(context, task.commandTime ?? 0)) {
    startCommands(context, task);
    return 0;
  }
  switch (task.status) {
    case null:
      if (isDue(context, task.creationDate)) move(context, task, 'registered');
      return 0;
    case 'registered':
    case 'rerefine':
      define(context, task);
      return 0;
    case 'defined':
      feed(context, task);
      return 0;
    case 'reassigning':
      move(context, task, 'ready');
      return 0;
    case 'ready':
    case 'running':
      return run(context, task);
    default:
      takeInEndedJobs(context, task);
      if (isCarriedOut(task)) carryOut(context, task);
      else conclude(context, task);
      return 0;
  }
}

/** A time of the future was written before the clock was put back. */
function isDue({ now, delay }: EngineContext, time: number): boolean {
  const passed = now() - time;
  return passed >= delay || passed < 0;
}

/** Takes the parameters apart and lays out the data sets of the outputs; the inputs are counted in the next step. */
function define(context: EngineContext, task: StoredTask): void {
  const defined = defineTask(context.tasks.parameters(task.jediTaskID));
  if (defined.kind === 'broken') {
    move(context, task, 'broken', defined.reason);
    return;
  }
  const { tasks } = context;
  const { jediTaskID } = task;
  tasks.removeOutputDatasets(jediTaskID);
  for (const { type, dataset, container, stream } of defined.definition.outputs) {
    const common = { jediTaskID, type, masterID: null };
    tasks.insertDataset({ ...common, datasetName: dataset, containerName: container, streamName: stream });
  }
  move(context, task, 'defined');
}

const MASTER = 'pseudo_dataset';

/** Lays out the inputs, or those that came since the last time. */
function feed(context: EngineContext, task: StoredTask): void {
  const { tasks } = context;
  const { jediTaskID } = task;
  const map = tasks.parameters(jediTaskID);
  const defined = defineTask(map);
  const inputs = defined.kind === 'broken' ? defined : inputsOf(map, defined.definition);
  if (defined.kind === 'broken' || inputs.kind === 'broken') {
    move(context, task, 'broken', inputs.kind === 'broken' ? inputs.reason : null);
    return;
  }
  const { definition } = defined;
  const datasetID = masterOf(context, task, definition);
  const key = ({
    lfn,
    startEvent,
    endEvent,
  }: {
    lfn: string;
    startEvent: number | null;
    endEvent: number | null;
  }) => `${lfn} ${startEvent} ${endEvent}`;
  const known = new Set(tasks.inputs('WHERE jediTaskID = ?', jediTaskID).map(key));
  let place = known.size;
  for (const input of inputs.inputs) {
    if (known.has(key(input))) continue;
    tasks.insertInput({
      ...input,
      jediTaskID,
      datasetID,
      status: 'ready',
      attemptNr: 0,
      maxAttempt: definition.maxAttempt,
      failedAttempt: 0,
      maxFailure: definition.maxFailure,
      PandaID: null,
      place: place++,
    });
  }
  move(context, task, 'ready');
}

function masterOf({ tasks }: EngineContext, { jediTaskID }: StoredTask, definition: TaskDefinition): number {
  const known = tasks.datasets(jediTaskID).find(({ datasetName }) => datasetName === MASTER);
  if (known !== undefined) return known.datasetID;
  const common = { jediTaskID, type: 'pseudo_input', containerName: null, streamName: null };
  const masterID = tasks.insertDataset({ ...common, datasetName: MASTER, masterID: null });
  if (definition.firstNumber !== undefined) {
    tasks.insertDataset({ ...common, datasetName: 'seq_number', masterID });
  }
  return masterID;
}

/** Takes in jobs that ended, makes new ones, and ends the task when nothing is left. */
function run(context: EngineContext, task: StoredTask): number {
  takeInEndedJobs(context, task);
  if (!hasInputs(context, task.jediTaskID, 'waiting')) {
    if (!hasInputs(context, task.jediTaskID, 'running')) conclude(context, task);
    return 0;
  }
  const made = makeJobs(context, task);
  if (made.kind === 'stuck') {
    move(context, task, made.status, made.reason);
    return 0;
  }
  const startTime = task.startTime ?? context.now();
  const { nextSerial } = made;
  const changes = { status: 'running', superStatus: 'running', startTime, nextSerial };
  context.tasks.update(task, changes, context.now());
  return made.jobs;
}

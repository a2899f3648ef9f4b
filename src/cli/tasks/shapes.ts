import type { MonitorTask, StateCounts, TaskState, TaskSummary } from '../../panda/index.ts';
import type { TaskNote } from '../../watch/index.ts';
import { isoTime } from '../shapes.ts';

/** A task that was submitted from here. */
export function noteShape({ id, name, profile, submittedAt, parameters, outcome }: TaskNote) {
  return {
    id,
    name,
    taskName: parameters.taskName,
    profile,
    submittedAt: isoTime(submittedAt),
    outcome: outcome.kind,
    taskId: outcome.kind === 'accepted' ? outcome.taskId : null,
    reason: outcome.kind === 'unknown' ? outcome.reason : null,
  };
}

/** One task of a list. */
export function taskShape(task: TaskSummary) {
  const { taskId, name, state, site, processingType, creationTime, modificationTime, details } = task;
  return {
    taskId,
    taskName: name,
    state,
    site,
    processingType,
    creationTime: isoTime(creationTime),
    modificationTime: isoTime(modificationTime),
    inputs: details?.inputs ?? null,
  };
}

/** Everything of one task. */
export interface TaskFacts {
  readonly taskId: number;
  /** Null while the server does not know it yet. */
  readonly state: TaskState | null;
  readonly parameters: Readonly<Record<string, unknown>> | null;
  /** By what became of them. */
  readonly inputs: StateCounts;
  /** How many of the jobs were looked at for what follows: the newest. */
  readonly described: number;
  /** Of all attempts, by state. */
  readonly jobs: StateCounts;
  /** Errors of failed jobs by name, the commonest first. */
  readonly errors: readonly { readonly name: string; readonly title: string | null; readonly jobs: number }[];
  /** PandaIDs. */
  readonly pandaIds: readonly number[];
  /** Null where there is no monitor, or it does not know the task. */
  readonly monitor: MonitorTask | null;
  readonly monitorUrl: string | null;
}

export function taskDetailShape(facts: TaskFacts) {
  const { taskId, state, parameters, inputs, described, jobs, errors, pandaIds, monitor, monitorUrl } = facts;
  return {
    taskId,
    taskName: typeof parameters?.taskName === 'string' ? parameters.taskName : null,
    state,
    inputs,
    described,
    jobs,
    errors,
    message: monitor?.message ?? null,
    pandaIds,
    monitorUrl,
    parameters,
  };
}

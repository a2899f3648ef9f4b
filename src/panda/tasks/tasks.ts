import type { ApiCall, ApiCaller } from '../apiCaller.ts';
import { isObject, protocolError, refusal } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import {
  commandWasTaken,
  isUnknownTask,
  MAX_DESCRIBED_JOBS,
  retryWasTaken,
  summariesOf,
  taskIdIn,
} from '../wire/quirks.ts';
import { decodeJob } from '../wire/decode.ts';
import { decodeDetails, decodeIds, decodeSummary } from './decodeTasks.ts';
import type { TaskCommand } from './taskCommands.ts';
import { commandRefusal } from './taskRefusals.ts';
import type {
  TaskCommandAnswer,
  TaskDetails,
  TaskJobs,
  TaskRetryOptions,
  TasksApi,
  TaskSummary,
} from './tasksApi.ts';
import type { TaskState } from './taskStates.ts';
import { createTaskSubmit } from './submitTask.ts';

type Signal = AbortSignal | undefined;

export function createTasksApi(caller: ApiCaller): TasksApi {
  const command = (name: TaskCommand, path: string, tried: string) => {
    return (taskId: number, signal: Signal, more: Readonly<Record<string, unknown>> = {}) =>
      sendCommand(caller, { name, path: `task/${path}`, tried, taskId, signal, more });
  };
  const kill = command('kill', 'kill', 'kill');
  const finish = command('finish', 'finish', 'finish');
  const reloadInput = command('reloadInput', 'reload_input', 'reload the input of');
  const pause = command('pause', 'pause', 'pause');
  const resume = command('resume', 'resume', 'resume');
  const increase = command('increaseAttempts', 'increase_attempts', 'allow more attempts in');
  return {
    submit: createTaskSubmit(caller),
    getStatus: (taskId, { signal } = {}) => getStatus(caller, taskId, signal),
    getDetails: (taskId, options = {}) => getDetails(caller, taskId, options),
    getTaskParameters: (taskId, { signal } = {}) => getTaskParameters(caller, taskId, signal),
    getJobIds: (taskId, { signal } = {}) => getJobIds(caller, taskId, signal),
    getJobDescriptions: (taskId, options = {}) => getJobDescriptions(caller, taskId, options),
    getTasksModifiedSince: (since, options = {}) => getTasksModifiedSince(caller, since, options),
    kill: (taskId, { signal } = {}) => kill(taskId, signal),
    finish: (taskId, { signal, soft } = {}) => finish(taskId, signal, soft === true ? { soft } : {}),
    retry: (taskId, options = {}) => retry(caller, taskId, options),
    reloadInput: (taskId, { signal } = {}) => reloadInput(taskId, signal),
    killUnfinishedJobs: (taskId, options = {}) => killUnfinishedJobs(caller, taskId, options),
    increaseAttempts: (taskId, by, { signal } = {}) => increase(taskId, signal, { increase: by }),
    pause: (taskId, { signal } = {}) => pause(taskId, signal),
    resume: (taskId, { signal } = {}) => resume(taskId, signal),
  };
}

async function getStatus(caller: ApiCaller, taskId: number, signal: Signal): Promise<TaskState | null> {
  const call = readCall('get_status', taskId, 'the state', signal);
  const envelope = await caller.envelope(call);
  if (!envelope.success && isUnknownTask(envelope.message)) {
    return null;
  }
  if (!envelope.success) {
    throw refusal(envelope, caller.facts(call));
  }
  if (typeof envelope.data !== 'string' || envelope.data === '') {
    throw protocolError(caller.facts(call), 'the answer holds no state');
  }
  return envelope.data;
}

async function getDetails(
  caller: ApiCaller,
  taskId: number,
  options: NonNullable<Parameters<TasksApi['getDetails']>[1]>,
): Promise<TaskDetails | null> {
  const more = {
    ...(options.withCommandLine === true ? { include_parameters: true } : {}),
    ...(options.withState === true ? { include_status: true } : {}),
  };
  const call = readCall('get_details', taskId, 'the details', options.signal, more);
  const envelope = await caller.envelope(call);
  if (!envelope.success && isUnknownTask(envelope.message)) {
    return null;
  }
  if (!envelope.success) {
    throw refusal(envelope, caller.facts(call));
  }
  const details = decodeDetails(envelope.data, taskId);
  if (details === null) {
    throw protocolError(caller.facts(call), 'the answer does not describe a task');
  }
  return details;
}

async function getTaskParameters(
  caller: ApiCaller,
  taskId: number,
  signal: Signal,
): Promise<Readonly<Record<string, unknown>> | null> {
  const call = readCall('get_task_parameters', taskId, 'the parameters', signal);
  const envelope = await caller.envelope(call);
  if (!envelope.success && isUnknownTask(envelope.message)) {
    return null;
  }
  if (!envelope.success) {
    throw refusal(envelope, caller.facts(call));
  }
  if (!isObject(envelope.data)) {
    throw protocolError(caller.facts(call), 'the answer holds no parameters');
  }
  return envelope.data;
}

async function getJobIds(caller: ApiCaller, taskId: number, signal: Signal): Promise<readonly number[]> {
  const call = readCall('get_job_ids', taskId, 'the jobs', signal);
  const ids = decodeIds(await caller.data(call));
  if (ids === null) {
    throw protocolError(caller.facts(call), 'the answer is not a list of PandaIDs');
  }
  return ids;
}

async function getJobDescriptions(
  caller: ApiCaller,
  taskId: number,
  options: NonNullable<Parameters<TasksApi['getJobDescriptions']>[1]>,
): Promise<TaskJobs> {
  const more = options.unsuccessfulOnly === true ? { unsuccessful_only: true } : {};
  const call = readCall('get_job_descriptions', taskId, 'the descriptions of the jobs', options.signal, more);
  const data = await caller.data(call);
  const jobs = Array.isArray(data) ? data.map(decodeJob) : [null];
  if (!jobs.every((job) => job !== null)) {
    throw protocolError(caller.facts(call), 'the answer is not a list of jobs');
  }
  return { jobs, isCut: jobs.length >= MAX_DESCRIBED_JOBS };
}

async function getTasksModifiedSince(
  caller: ApiCaller,
  since: number,
  options: NonNullable<Parameters<TasksApi['getTasksModifiedSince']>[1]>,
): Promise<readonly TaskSummary[]> {
  if (!Number.isFinite(since) || Math.abs(since) > 8.64e15) {
    throw new PandaError({
      kind: 'rejected',
      tried: 'get the tasks since a time',
      cameBack: `${since} is not a time`,
      advice: 'Give epoch milliseconds',
    });
  }
  const call: ApiCall = {
    path: 'task/get_tasks_modified_since',
    tried: 'get the list of tasks',
    query: {
      // The server takes whole seconds, and nothing but this form.
      since: new Date(since).toISOString().slice(0, 19).replace('T', ' '),
      ...(options.owner === undefined ? {} : { dn: options.owner }),
      ...(options.withDetails === true ? { full: true } : {}),
      ...(options.minTaskId === undefined ? {} : { min_task_id: options.minTaskId }),
      ...(options.prodSourceLabel === undefined ? {} : { prod_source_label: options.prodSourceLabel }),
    },
    reads: true,
    signal: options.signal,
  };
  const tasks = summariesOf(await caller.data(call))?.map(decodeSummary) ?? [null];
  if (!tasks.every((task) => task !== null)) {
    throw protocolError(caller.facts(call), 'the answer is not a list of tasks');
  }
  return tasks.sort((a, b) => a.taskId - b.taskId);
}

interface CommandCall {
  readonly name: TaskCommand;
  readonly path: string;
  /** `kill`, to be followed by the task. */
  readonly tried: string;
  readonly taskId: number;
  readonly signal: Signal;
  readonly more: Readonly<Record<string, unknown>>;
}

async function sendCommand(caller: ApiCaller, command: CommandCall): Promise<TaskCommandAnswer> {
  const { taskId, name } = command;
  const tried = `${command.tried} task ${taskId}`;
  checkTaskId(taskId, tried);
  const body = { task_id: taskId, ...command.more };
  const call: ApiCall = { path: command.path, tried, body, reads: false, signal: command.signal };
  const envelope = await caller.envelope(call);
  const taken =
    name === 'retry' || name === 'retryWithNewParameters'
      ? retryWasTaken(envelope, name === 'retryWithNewParameters')
      : commandWasTaken(envelope);
  if (!taken) {
    throw commandRefusal(envelope, caller.facts(call), name);
  }
  return { taskId: taskIdIn(envelope.message) ?? taskId, message: envelope.message };
}

function retry(caller: ApiCaller, taskId: number, options: TaskRetryOptions): Promise<TaskCommandAnswer> {
  const { newParameters = {}, noChildRetry, signal } = options;
  const hasNew = Object.keys(newParameters).length > 0;
  return sendCommand(caller, {
    name: hasNew ? 'retryWithNewParameters' : 'retry',
    path: 'task/retry',
    tried: hasNew ? 'retry, with new parameters,' : 'retry',
    taskId,
    signal,
    more: {
      ...(hasNew ? { new_parameters: newParameters } : {}),
      ...(noChildRetry === true ? { no_child_retry: true } : {}),
    },
  });
}

async function killUnfinishedJobs(
  caller: ApiCaller,
  taskId: number,
  options: NonNullable<Parameters<TasksApi['killUnfinishedJobs']>[1]>,
): Promise<readonly boolean[]> {
  const tried = `cancel the jobs of task ${taskId}`;
  checkTaskId(taskId, tried);
  const call: ApiCall = {
    path: 'task/kill_unfinished_jobs',
    tried,
    body: { task_id: taskId, ...(options.code === undefined ? {} : { code: options.code }) },
    reads: false,
    signal: options.signal,
  };
  const answers = await caller.data(call);
  if (!Array.isArray(answers) || !answers.every((answer) => typeof answer === 'boolean')) {
    throw protocolError(caller.facts(call), 'the answer does not say yes or no for each job');
  }
  return answers;
}

function readCall(
  method: string,
  taskId: number,
  what: string,
  signal: Signal,
  more: Readonly<Record<string, boolean>> = {},
): ApiCall {
  const tried = `get ${what} of task ${taskId}`;
  checkTaskId(taskId, tried);
  return { path: `task/${method}`, tried, query: { task_id: taskId, ...more }, reads: true, signal };
}

function checkTaskId(taskId: number, tried: string): void {
  if (!Number.isSafeInteger(taskId) || taskId < 1) {
    throw new PandaError({
      kind: 'rejected',
      tried,
      cameBack: `${taskId} is not the id of a task`,
      advice: 'Give a whole, positive number',
    });
  }
}

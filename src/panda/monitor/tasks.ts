import { cleanText } from '../text/cleanText.ts';
import { isObject, protocolError } from '../wire/envelope.ts';
import type { MonitorCallOptions, MonitorTask, MonitorWorkflow, MonitorWorkflows } from './api.ts';
import { LIST_LIFE_MS } from './caller.ts';
import type { MonitorCaller } from './caller.ts';
import { idOf, numberOf, rowsOf, textOf } from './rows.ts';
import type { Row } from './rows.ts';
import { decodeTime } from '../wire/time.ts';

const MOST_WORKFLOWS = 10_000;

export async function task(
  monitor: MonitorCaller,
  taskId: number,
  options: MonitorCallOptions,
): Promise<MonitorTask> {
  const call = {
    path: `/task/${taskId}/`,
    tried: `get task ${taskId}`,
    missing: 'such task',
    keep: (value: unknown) => (isObject(value) && isObject(value.task) ? LIST_LIFE_MS : 0),
  };
  const answer = await monitor.get(call, options);
  const row = isObject(answer) && isObject(answer.task) ? answer.task : undefined;
  const state = textOf(row?.status);
  if (row === undefined || state === null || idOf(row.jeditaskid) !== taskId) {
    throw protocolError(monitor.facts(call), 'the answer is no page of this task');
  }
  const message = cleanText(textOf(row.errordialog) ?? '');
  return {
    taskId,
    name: textOf(row.taskname) ?? '',
    state,
    user: textOf(row.username),
    requestId: idOf(row.reqid),
    creationTime: decodeTime(row.creationdate),
    startTime: decodeTime(row.starttime),
    endTime: decodeTime(row.endtime),
    modificationTime: decodeTime(row.modificationtime),
    message: message === '' ? null : message,
    inputs: decodeInputs(isObject(row.dsinfo) ? row.dsinfo : row),
  };
}

function decodeInputs(row: Row): MonitorTask['inputs'] {
  const total = numberOf(row.nfiles);
  return total === null
    ? null
    : { total, finished: numberOf(row.nfilesfinished) ?? 0, failed: numberOf(row.nfilesfailed) ?? 0 };
}

export async function workflows(
  monitor: MonitorCaller,
  options: MonitorCallOptions,
): Promise<MonitorWorkflows> {
  const call = {
    path: '/idds/wfprogress/',
    tried: 'list the workflows',
    keep: (value: unknown) => (Array.isArray(value) ? LIST_LIFE_MS : 0),
  };
  const { value, asOf } = await monitor.getDated(call, options);
  const rows = rowsOf(value, MOST_WORKFLOWS);
  if (rows === undefined) throw protocolError(monitor.facts(call), 'the answer is not a list of workflows');
  const known = rows
    .flatMap((row): MonitorWorkflow[] => {
      const requestId = idOf(row.request_id);
      return requestId === null ? [] : [decodeWorkflow(requestId, row)];
    })
    .sort((a, b) => b.requestId - a.requestId);
  return { asOf, workflows: known };
}

function decodeWorkflow(requestId: number, row: Row): MonitorWorkflow {
  const states = isObject(row.tasks_statuses) ? Object.entries(row.tasks_statuses) : [];
  return {
    requestId,
    name: textOf(row.r_name) ?? '',
    state: textOf(row.r_status) ?? 'unknown',
    user: textOf(row.username),
    creationTime: decodeTime(row.created_at),
    tasks: numberOf(row.total_tasks) ?? 0,
    taskStates: Object.fromEntries(
      states.flatMap(([state, count]) => {
        const number = numberOf(count);
        return number === null ? [] : [[state, number] as const];
      }),
    ),
    files: numberOf(row.total_files) ?? 0,
    finishedShare: share(row.finished_files),
    failedShare: share(row.failed_files),
  };
}

/** The monitor gives these as percentages, whatever their names say. */
function share(value: unknown): number | null {
  const percent = numberOf(value);
  return percent === null ? null : Math.min(1, Math.max(0, percent / 100));
}

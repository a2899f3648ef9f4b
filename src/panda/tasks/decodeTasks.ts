import type { StateCounts } from '../api.ts';
import { isObject } from '../wire/envelope.ts';
import { decodeTime } from '../wire/time.ts';
import type { TaskDetails, TaskSummary } from './tasksApi.ts';

type Raw = Readonly<Record<string, unknown>>;

/** A task of `get_details`; null where the value is none. */
export function decodeDetails(raw: unknown, taskId: number): TaskDetails | null {
  const pandaIds = isObject(raw) ? decodeIds(raw.PandaID) : null;
  const mergePandaIds = isObject(raw) ? decodeIds(raw.mergePandaID) : null;
  if (!isObject(raw) || pandaIds === null || mergePandaIds === null) {
    return null;
  }
  return {
    taskId,
    state: text(raw.status),
    inputDatasets: names(raw.inDS),
    outputDatasets: names(raw.outDS),
    inputs: decodeStatistics(raw.statistics),
    pandaIds,
    mergePandaIds,
    commandLine: text(raw.cliParams),
  };
}

/** One task of a list; null where the value is none. */
export function decodeSummary(raw: unknown): TaskSummary | null {
  if (!isObject(raw)) {
    return null;
  }
  const { jediTaskID: taskId, taskName: name, status: state } = raw;
  if (!isTaskId(taskId) || typeof name !== 'string' || typeof state !== 'string') {
    return null;
  }
  return {
    taskId,
    name,
    state,
    requestId: isTaskId(raw.reqID) ? raw.reqID : null,
    site: text(raw.site),
    cloud: text(raw.cloud),
    processingType: text(raw.processingType),
    creationTime: decodeTime(raw.creationDate),
    modificationTime: decodeTime(raw.modificationTime),
    details: decodeDigest(raw),
  };
}

function decodeDigest(raw: Raw): TaskSummary['details'] {
  return typeof raw.statistics !== 'string'
    ? null
    : {
        inputDatasets: names(raw.inDS),
        outputDatasets: names(raw.outDS),
        inputs: decodeStatistics(raw.statistics),
        commandLine: text(raw.cliParams),
      };
}

/** `tobedone*2,finished*1`: what stands for no count is left out, a state that occurs twice counts both times. */
export function decodeStatistics(value: unknown): StateCounts {
  const counts: Record<string, number> = {};
  for (const piece of names(value)) {
    const [, state, digits] = /^([\w-]+)\*(\d{1,15})$/u.exec(piece) ?? [];
    const count = Number(digits);
    if (state !== undefined && count > 0) {
      counts[state] = (counts[state] ?? 0) + count;
    }
  }
  return counts;
}

/** Null where the value is no list of ids. */
export function decodeIds(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.every(isTaskId) ? value : null;
}

export function isTaskId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function names(value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? value.split(',') : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

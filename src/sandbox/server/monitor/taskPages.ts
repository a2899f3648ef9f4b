import { countInputs } from '../tasks/conclude.ts';
import { detailedTask, type ReadContext } from '../tasks/describeTask.ts';
import type { StoredDataset, StoredTask } from '../store/taskTables.ts';
import {
  columnClause,
  joinClauses,
  parsing,
  wholeNumber,
  type ColumnKind,
  type ParsedQuery,
} from './selection.ts';
import { durationText, timeText } from './times.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A task that is not taken up yet is not there. */
const IS_KNOWN = { condition: 'status IS NOT NULL', values: [] };
const DAY = 86_400_000;
const DEFAULT_DAYS = 7;
const MOST_TASKS = 5000;

/** What tasks are selected by: the monitor's name and the column. */
const COLUMNS: ReadonlyMap<string, readonly [name: keyof StoredTask, kind: ColumnKind]> = new Map([
  ['jeditaskid', ['jediTaskID', 'integer']],
  ['taskname', ['taskName', 'text']],
  ['username', ['userName', 'text']],
  ['status', ['status', 'text']],
  ['superstatus', ['superStatus', 'text']],
  ['prodsourcelabel', ['prodSourceLabel', 'text']],
  ['reqid', ['reqID', 'integer']],
  ['site', ['site', 'text']],
]);

/** `/tasks/?json`: tasks of a selection, the newest first; of the last days unless tasks are named by id. */
export function tasksPage(
  context: ReadContext,
  parameters: URLSearchParams,
  now: number,
): ParsedQuery<readonly JsonObject[]> {
  return parsing(() => {
    const clauses = [...parameters].flatMap(([key, value]) => {
      const column = COLUMNS.get(key.toLowerCase());
      const clause = column && columnClause(key, { name: column[0], kind: column[1] }, value);
      return clause === undefined ? [] : [clause];
    });
    const days = wholeNumber('days', parameters.get('days'));
    const since = { condition: 'modificationTime >= ?', values: [now - (days ?? DEFAULT_DAYS) * DAY] };
    const isNamed = days === undefined && parameters.has('jeditaskid');
    const { condition, values } = joinClauses([IS_KNOWN, ...clauses, ...(isNamed ? [] : [since])]);
    const limit = Math.min(wholeNumber('limit', parameters.get('limit')) ?? MOST_TASKS, MOST_TASKS);
    const tasks = context.tasks.tasks(
      `WHERE ${condition} ORDER BY jediTaskID DESC LIMIT ${limit}`,
      ...values,
    );
    return tasks.map((task) => monitorTask(context, task));
  });
}

/** `/task/N/?json`; undefined for a task that is not there. */
export function taskPage(context: ReadContext, jediTaskID: number): JsonObject | undefined {
  const task = context.tasks.task(jediTaskID);
  if (task === undefined) return undefined;
  return {
    task: monitorTask(context, task),
    taskparams: context.tasks.parameters(jediTaskID),
    datasets: datasetsOf(context, jediTaskID),
  };
}

/** `/taskstatuslog/N/?json`: the states a task went through, in order. */
export function taskHistoryPage({ store }: ReadContext, jediTaskID: number): readonly JsonObject[] {
  const rows = store.rows(
    'SELECT status, time, attemptNr, reason FROM taskTransitions WHERE jediTaskID = ? ORDER BY id',
    jediTaskID,
  );
  return rows.map(([status, time, attemptnr, reason], index) => {
    const next = rows[index + 1]?.[1];
    return {
      status,
      modificationtime: timeText(Number(time)),
      modificationhost: null,
      attemptnr,
      reason,
      duration: next === undefined ? '---' : durationText(Number(next) - Number(time)),
    };
  });
}

function monitorTask(context: ReadContext, task: StoredTask): JsonObject {
  const columns = Object.entries(detailedTask(context, task))
    // They stand beside the task.
    .filter(([name]) => name !== 'raw_task_params')
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  const inputs = inputCounts(context, task.jediTaskID);
  return {
    ...Object.fromEntries(columns),
    ...Object.fromEntries(TIMES.map((name) => [name.toLowerCase(), timeOrNull(task[name])])),
    ...inputs,
    dsinfo: inputs,
    owner: task.userName,
    category: 'run',
  };
}

const TIMES = ['creationDate', 'modificationTime', 'stateChangeTime', 'startTime', 'endTime'] as const;

function inputCounts({ store }: ReadContext, jediTaskID: number): JsonObject {
  const { all, finished, failed } = countInputs({ store }, jediTaskID);
  const percent = (count: number): number => (all === 0 ? 0 : Math.floor((100 * count) / all));
  return {
    nfiles: all,
    nfilesfinished: finished,
    nfilesfailed: failed,
    nfilesmissing: 0,
    pctfinished: percent(finished),
    pctfailed: percent(failed),
  };
}

function datasetsOf(context: ReadContext, jediTaskID: number): readonly JsonObject[] {
  return context.tasks.datasets(jediTaskID).map((dataset) => {
    // Others hold no inputs of their own.
    const isMaster = dataset.type === 'pseudo_input' && dataset.masterID === null;
    return { ...columnsOf(dataset), ...(isMaster ? inputCounts(context, jediTaskID) : {}) };
  });
}

function columnsOf(dataset: StoredDataset): JsonObject {
  return Object.fromEntries(Object.entries(dataset).map(([name, value]) => [name.toLowerCase(), value]));
}

function timeOrNull(time: number | null): string | null {
  return time === null ? null : timeText(time);
}

import type { ServerContext } from '../context.ts';
import { wireDateTime } from '../wire/dateTime.ts';
import { TASK_COLUMNS, type StoredDataset, type StoredTask } from '../store/taskTables.ts';
import type { TaskStore } from '../store/tasks.ts';
import { countInputs } from './conclude.ts';
import { defineTask } from './definition.ts';
import { integerIn, textIn } from './parameterMap.ts';

export interface ReadContext extends Pick<ServerContext, 'store'> {
  readonly tasks: TaskStore;
}

type Values = Readonly<Record<string, unknown>>;

/** A task as `get_details` answers it; one that is not taken up yet has nothing. */
export function taskDetails(context: ReadContext, jediTaskID: number): Values {
  const datasets = context.tasks.datasets(jediTaskID);
  const pandaIds = context.store
    .rows('SELECT DISTINCT PandaID FROM taskInputs WHERE jediTaskID = ? AND PandaID IS NOT NULL', jediTaskID)
    .map(([id]) => id);
  return {
    inDS: '',
    outDS: namesOf(datasets.filter(isOutput)),
    statistics: progressText(context, jediTaskID),
    PandaID: pandaIds,
    mergeStatus: null,
    mergePandaID: [],
  };
}

/** What a list of tasks says of one where details are asked for. */
export function taskDigest({ store, tasks }: ReadContext, jediTaskID: number): Values {
  const datasets = tasks.datasets(jediTaskID);
  const states = store.rows(
    `SELECT ${PROCESSING} AS state, count(*) FROM taskInputs LEFT JOIN jobs ON jobs.PandaID = taskInputs.PandaID
     WHERE taskInputs.jediTaskID = ? GROUP BY state ORDER BY state`,
    jediTaskID,
  );
  const inputs = datasets.filter(({ type, masterID }) => type === 'pseudo_input' && masterID === null);
  return {
    inDS: namesOf(inputs),
    outDS: namesOf(datasets.filter(({ type }) => type === 'output')),
    statistics: states.map(([state, count]) => `${state}*${count}`).join(','),
    PandaID: [],
    mergeStatus: null,
    mergePandaID: [],
    cliParams: textIn(tasks.parameters(jediTaskID), 'cliParams') ?? '',
  };
}

/** How far an input is, told from the job that has it. */
const PROCESSING = `CASE WHEN taskInputs.status <> 'running' THEN
    CASE WHEN taskInputs.status = 'ready' AND taskInputs.attemptNr >= taskInputs.maxAttempt THEN 'failed'
    ELSE taskInputs.status END
  WHEN jobs.jobStatus IN ('starting', 'running', 'transferring', 'merging') THEN jobs.jobStatus
  WHEN jobs.jobStatus = 'holding' THEN 'running' ELSE 'queued' END`;

function isOutput({ type }: StoredDataset): boolean {
  return type === 'output' || type === 'log';
}

function namesOf(datasets: readonly StoredDataset[]): string {
  const names = datasets.map(({ datasetName, containerName }) => containerName ?? datasetName);
  return [...new Set(names)].join(',');
}

/** `tobedone*2,finished*1,running*3`; jobs count only where a real server looks for them, others are `picked`. */
function progressText({ store }: ReadContext, jediTaskID: number): string {
  const { waiting, finished, failed, running } = countInputs({ store }, jediTaskID);
  const states = store.rows(
    `SELECT jobs.jobStatus, count(*) FROM taskInputs JOIN jobs ON jobs.PandaID = taskInputs.PandaID
     WHERE taskInputs.jediTaskID = ? AND taskInputs.status = 'running' AND jobs.prodSourceLabel = 'user'
       AND jobs.jobStatus NOT IN ('defined', 'finished', 'failed', 'cancelled', 'closed')
     GROUP BY jobs.jobStatus`,
    jediTaskID,
  );
  const counted = states.reduce((sum, [, count]) => sum + Number(count), 0);
  const parts: (readonly [string, number])[] = [
    ['tobedone', waiting],
    ['finished', finished],
    ['failed', failed],
    ...states.map(([state, count]): [string, number] => [String(state), Number(count)]),
    ['picked', running - counted],
  ];
  return parts
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${state}*${count}`)
    .join(',');
}

/** The attributes of a task in a list. */
export function taskSummary({ tasks }: ReadContext, task: StoredTask): Values {
  const map = tasks.parameters(task.jediTaskID);
  return {
    jediTaskID: task.jediTaskID,
    modificationTime: wireDateTime(task.modificationTime),
    status: task.status,
    processingType: textIn(map, 'processingType'),
    transUses: map.transUses ?? null,
    transHome: map.transHome ?? null,
    architecture: map.architecture ?? null,
    reqID: task.reqID,
    creationDate: wireDateTime(task.creationDate),
    site: task.site,
    cloud: textIn(map, 'cloud'),
    taskName: task.taskName,
  };
}

/** Attributes of a task that stand among its parameters under the same name. */
const FROM_PARAMETERS = [
  'workingGroup',
  'coreCount',
  'taskType',
  'processingType',
  'architecture',
  'transUses',
  'transHome',
  'transPath',
  'walltime',
  'walltimeUnit',
  'outDiskCount',
  'outDiskUnit',
  'workDiskCount',
  'workDiskUnit',
  'ramCount',
  'cloud',
  'countryGroup',
  'campaign',
  'cpuTime',
  'cpuTimeUnit',
  'container_name',
  'framework',
] as const;

/** Attributes that a sandbox has nothing to say of. */
const NEVER_SET = [
  'frozenTime',
  'lockedBy',
  'lockedTime',
  'splitRule',
  'ioIntensity',
  'ioIntensityUnit',
  'workQueue_ID',
  'progress',
  'failureRate',
  'eventService',
  'ticketID',
  'ticketSystemType',
  'mergeRamCount',
  'mergeRamUnit',
  'mergeWalltime',
  'mergeWalltimeUnit',
  'throttledTime',
  'numThrottled',
  'mergeCoreCount',
  'goal',
  'assessmentTime',
  'cpuEfficiency',
  'baseWalltime',
  'nucleus',
  'baseRamCount',
  'ttcRequested',
  'ttcPredicted',
  'ttcPredictionDate',
  'rescueTime',
  'requestType',
  'useJumbo',
  'diskIO',
  'diskIOUnit',
  'memory_leak_core',
  'memory_leak_x2',
  'activatedTime',
  'queuedTime',
  'actionTime',
] as const;

/** What tasks can be looked for by. */
export const TASK_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...TASK_COLUMNS,
  ...FROM_PARAMETERS,
  ...NEVER_SET,
  ...['ramUnit', 'termCondition', 'gshare'],
]);

/** Everything known of a task, as `get_detailed_info` answers it. */
export function detailedTask(context: ReadContext, task: StoredTask): Values {
  const map = context.tasks.parameters(task.jediTaskID);
  const { all, finished, failed } = countInputs(context, task.jediTaskID);
  const defined = defineTask(map);
  const percent = (count: number): number => (all === 0 ? 0 : Math.round((100 * count) / all));
  return {
    ...Object.fromEntries(NEVER_SET.map((name) => [name, null])),
    ...Object.fromEntries(FROM_PARAMETERS.map((name) => [name, map[name] ?? null])),
    ...Object.fromEntries(OWN.map((name) => [name, task[name]])),
    coreCount: integerIn(map, 'coreCount') ?? 1,
    ramUnit: textIn(map, 'ramUnit') ?? textIn(map, 'ramCountUnit'),
    termCondition: textIn(map, 'osInfo'),
    gshare: map.taskType === 'anal' ? 'User Analysis' : 'Production',
    ...Object.fromEntries(
      TIMES.map((name) => [name, task[name] === null ? null : wireDateTime(Number(task[name]))]),
    ),
    job_execution_params: defined.kind === 'task' ? defined.definition.command : null,
    task_creation_arguments: textIn(map, 'cliParams'),
    raw_task_params: map,
    nFiles: all,
    nFilesFinished: finished,
    nFilesFailed: failed,
    nFilesMissing: 0,
    pctFinished: percent(finished),
    pctFailed: percent(failed),
  };
}

/** Columns that are attributes of the task, and not the engine's notes. */
const OWN = TASK_COLUMNS.filter((name) => name !== 'nextSerial' && !name.startsWith('command'));

const TIMES = ['creationDate', 'modificationTime', 'stateChangeTime', 'startTime', 'endTime'] as const;

/** Data sets of some types, with their files. */
export function datasetsAndFiles(
  { store, tasks }: ReadContext,
  jediTaskID: number,
  types: readonly string[],
  datasetOnly: boolean,
): readonly Values[] {
  return tasks
    .datasets(jediTaskID)
    .filter(({ type }) => types.includes(type))
    .map(({ datasetID, datasetName, type }) => {
      const query =
        type === 'pseudo_input'
          ? 'SELECT lfn, NULL, fileID, status FROM taskInputs WHERE datasetID = ? ORDER BY fileID'
          : 'SELECT lfn, scope, row_ID, status FROM files WHERE datasetID = ? AND jediTaskID IS NOT NULL ORDER BY row_ID';
      const files = datasetOnly
        ? []
        : store.rows(query, datasetID).map(([lfn, scope, id, status]) => ({ lfn, scope, id, status }));
      return { dataset: { name: datasetName, id: datasetID }, files };
    });
}

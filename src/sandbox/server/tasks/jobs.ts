import {
  FILE_ATTRIBUTES,
  JOB_ATTRIBUTES,
  type FileAttributes,
  type JobAttributes,
} from '../../../panda/index.ts';
import { resourceType } from '../rules/resourceTypes.ts';
import type { SiteOptions } from '../sites.ts';
import { fileValues, jobValues, ZERO_ATTRIBUTES, type StoredFile, type StoredJob } from '../store/columns.ts';
import { truncated } from '../store/columnLengths.ts';
import type { NewJob } from '../store/store.ts';
import type { StoredDataset, StoredInput, StoredTask } from '../store/taskTables.ts';
import type { TaskParameterMap } from '../store/tasks.ts';
import { fillCommandLine, fillFileName } from './commandLine.ts';
import type { OutputTemplate, TaskDefinition } from './definition.ts';
import { eventsIn } from './inputs.ts';
import { integerIn, textIn } from './parameterMap.ts';
import { sourceUrlOf, transformationOf } from './runGen.ts';

/** What all jobs of a task are made from. */
export interface JobPlan {
  readonly task: StoredTask;
  readonly parameters: TaskParameterMap;
  readonly definition: TaskDefinition;
  readonly datasets: readonly StoredDataset[];
  readonly site: SiteOptions;
  /** Address of the sandbox, for its transformation and its cache. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type MadeJob =
  | { readonly kind: 'job'; readonly job: NewJob }
  | { readonly kind: 'unresolved'; readonly placeholder: string };

/** The job of a group of inputs. `serial` names its outputs; `origin`: PandaID of the first job that had the inputs. */
export function makeJob(
  plan: JobPlan,
  inputs: readonly StoredInput[],
  numbers: { readonly pandaId: number; readonly serial: number; readonly origin: number },
): MadeJob {
  const { task, definition } = plan;
  const { pandaId, serial } = numbers;
  const outputs = definition.outputs.map((template) => ({
    template,
    lfn: fillFileName(template.fileName, serial, task.jediTaskID, pandaId),
  }));
  const streams = new Map<string, readonly string[]>(
    outputs.map(({ template, lfn }) => [template.stream, [lfn]]),
  );
  if (definition.pfns !== undefined) streams.set('IN', namesOf(inputs, definition.pfns));
  const attemptNr = Math.max(...inputs.map((input) => input.attemptNr));
  const filled = fillCommandLine(definition.command, {
    files: streams,
    serial,
    ...countsOf(inputs, definition),
    randomSeed: serial + definition.randomSeedOffset,
    attemptNr,
    sourceUrl: sourceUrlOf(plan.parameters, plan.url),
  });
  if (filled.kind === 'unresolved') return filled;
  const jobParameters = filled.text
    .replaceAll('$JEDITASKID', String(task.jediTaskID))
    .replaceAll('$JOBSETID', String(task.reqID).padStart(6, '0'))
    .replaceAll('$PANDAID', String(pandaId));
  const job = jobRow(plan, {
    PandaID: pandaId,
    attemptNr,
    maxAttempt: attemptNr,
    jobName: truncated('jobName', `${task.taskName}.${numbers.origin}`),
    jobParameters,
    failedAttempt: Math.max(...inputs.map((input) => input.failedAttempt)),
    destinationDBlock: outputs[0]?.template.dataset ?? null,
    nEvents: inputs.reduce((sum, input) => sum + eventsIn(input), 0),
  });
  const files = [
    ...inputs.map((input) => inputFile(plan, input, pandaId)),
    ...outputs.map(({ template, lfn }) => outputFile(plan, template, lfn, pandaId)),
  ];
  return { kind: 'job', job: { job: jobValues(job), files: files.map(fileValues) } };
}

function namesOf(inputs: readonly StoredInput[], pfns: readonly string[]): readonly string[] {
  const places = inputs.map(({ lfn }) => Number.parseInt(lfn, 10));
  return [...new Set(places.map((place) => pfns[place]?.split('^')[0] ?? ''))];
}

function countsOf(inputs: readonly StoredInput[], { firstNumber, firstEvent }: TaskDefinition) {
  const [first] = inputs;
  const start = first?.startEvent ?? null;
  const events = inputs.reduce((sum, input) => sum + (input.startEvent === null ? 0 : eventsIn(input)), 0);
  return {
    number: firstNumber === undefined || first === undefined ? undefined : firstNumber + first.place,
    maxEvents: events === 0 ? -1 : events,
    skipEvents: start ?? 0,
    firstEvent: start === null ? null : firstEvent + start,
  };
}

/** The words of `specialHandling` that a parameter asks for. */
const SWITCHES: readonly (readonly [parameter: string, word: string])[] = [
  ['debugMode', 'debug'],
  ['useSecrets', 'us'],
  ['noLoopingCheck', 'lc'],
];

function jobRow({ task, parameters, site, url, now }: JobPlan, own: Partial<StoredJob>): StoredJob {
  const coreCount = Math.max(integerIn(parameters, 'coreCount') ?? 1, 1);
  const minRamCount = memoryOf(parameters, coreCount);
  const words = SWITCHES.filter(([name]) => Boolean(parameters[name])).map(([, word]) => word);
  const isAnalysis = parameters.taskType === 'anal';
  const row: Record<string, string | number | null> = {};
  for (const [name] of JOB_ATTRIBUTES) row[name] = null;
  for (const name of ZERO_ATTRIBUTES) row[name] = 0;
  const values: Partial<JobAttributes> = {
    jobStatus: 'defined',
    jobDefinitionID: 0,
    transformation: transformationOf(parameters, url),
    AtlasRelease: textIn(parameters, 'transUses'),
    homepackage: textIn(parameters, 'transHome'),
    cmtConfig: textIn(parameters, 'architecture'),
    prodSeriesLabel: 'pandatest',
    prodSourceLabel: task.prodSourceLabel,
    processingType: textIn(parameters, 'processingType'),
    prodUserID: task.userName,
    prodUserName: task.userName,
    workingGroup: textIn(parameters, 'workingGroup'),
    VO: task.vo,
    cloud: textIn(parameters, 'cloud'),
    computingSite: site.name,
    jediTaskID: task.jediTaskID,
    taskID: task.jediTaskID,
    jobsetID: task.reqID,
    reqID: task.reqID,
    coreCount,
    minRamCount,
    minRamUnit: 'MB',
    maxDiskCount: diskOf(parameters),
    maxDiskUnit: 'MB',
    maxWalltime: walltimeOf(parameters, site),
    assignedPriority: task.currentPriority,
    currentPriority: task.currentPriority,
    lockedby: 'jedi',
    relocationFlag: 1,
    gshare: isAnalysis ? 'User Analysis' : 'Production',
    job_label: isAnalysis ? 'user' : 'managed',
    resource_type: resourceType(coreCount, minRamCount).name,
    specialHandling: words.length === 0 ? null : words.join(','),
    ipConnectivity: 'yes',
    creationTime: now,
    modificationTime: now,
    stateChangeTime: now,
    prodDBUpdateTime: now,
    ...own,
  };
  // Every attribute has been set, of the kind its table gives.
  return { ...row, ...values } as StoredJob;
}

/** MB for the whole job; the unit says whether the number was meant for one core. */
function memoryOf(parameters: TaskParameterMap, cores: number): number {
  const asked = integerIn(parameters, 'ramCount');
  const unit = textIn(parameters, 'ramUnit') ?? textIn(parameters, 'ramCountUnit') ?? 'MB';
  return asked === null ? 2000 * cores : asked * (unit.includes('PerCore') ? cores : 1);
}

const UNITS_IN_MB: Readonly<Record<string, number>> = { GB: 1024, MB: 1, kB: 1 / 1024 };

function diskOf(parameters: TaskParameterMap): number {
  return ['outDisk', 'workDisk'].reduce((sum, name) => {
    const unit = (textIn(parameters, `${name}Unit`) ?? '').slice(0, 2);
    const factor = UNITS_IN_MB[unit] ?? 1 / 1024 / 1024;
    return sum + Math.ceil((integerIn(parameters, `${name}Count`) ?? 0) * factor);
  }, 0);
}

/** Seconds. `maxWalltime` is in hours. */
function walltimeOf(parameters: TaskParameterMap, site: SiteOptions): number {
  const hours = integerIn(parameters, 'maxWalltime');
  return hours === null || hours <= 0 ? site.maxTimeSeconds : Math.min(hours * 3600, site.maxTimeSeconds);
}

function inputFile(plan: JobPlan, input: StoredInput, pandaId: number): Omit<StoredFile, 'row_ID'> {
  const dataset = plan.datasets.find(({ datasetID }) => datasetID === input.datasetID);
  return fileRow(plan.task, pandaId, {
    lfn: input.lfn,
    type: 'pseudo_input',
    dataset: dataset?.datasetName ?? null,
    prodDBlock: dataset?.datasetName ?? null,
    datasetID: input.datasetID,
    fileID: input.fileID,
    attemptNr: input.attemptNr,
  });
}

function outputFile(
  plan: JobPlan,
  template: OutputTemplate,
  lfn: string,
  pandaId: number,
): Omit<StoredFile, 'row_ID'> {
  const { type, dataset, container, token, destination } = template;
  const stored = plan.datasets.find(({ streamName }) => streamName === template.stream);
  return fileRow(plan.task, pandaId, {
    lfn,
    type,
    dataset: container ?? dataset,
    destinationDBlock: dataset,
    destinationDBlockToken: token?.split('/')[0] ?? null,
    destinationSE: destination,
    datasetID: stored?.datasetID ?? null,
    attemptNr: 0,
  });
}

function fileRow(
  { jediTaskID }: StoredTask,
  pandaId: number,
  own: Partial<FileAttributes>,
): Omit<StoredFile, 'row_ID'> {
  const row: Record<string, string | number | null> = {};
  for (const [name] of FILE_ATTRIBUTES) row[name] = null;
  return {
    ...(row as unknown as FileAttributes),
    status: 'unknown',
    fsize: 0,
    jediTaskID,
    ...own,
    PandaID: pandaId,
  };
}

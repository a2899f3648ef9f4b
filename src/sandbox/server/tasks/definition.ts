import type { TaskParameterMap } from '../store/tasks.ts';
import { integerIn, isRecord, textIn } from './parameterMap.ts';

/** A data set of outputs, and how its files are named. */
export interface OutputTemplate {
  readonly type: 'output' | 'log';
  readonly dataset: string;
  readonly container: string | null;
  /** `OUTPUT0`, `LOG0`: what it is called in the command line. */
  readonly stream: string;
  /** Name of a file, with `${SN}` and `$JEDITASKID` in it. */
  readonly fileName: string;
  readonly destination: string | null;
  readonly token: string | null;
}

/** What the engine has to know of a task to make its jobs. */
export interface TaskDefinition {
  /** Command line of a job, placeholders still in it. */
  readonly command: string;
  readonly outputs: readonly OutputTemplate[];
  /** The first sequence number; undefined where the command line has none. */
  readonly firstNumber: number | undefined;
  readonly firstEvent: number;
  readonly randomSeedOffset: number;
  readonly pfns: readonly string[] | undefined;
  readonly nFilesPerJob: number | undefined;
  readonly nEventsPerJob: number | undefined;
  readonly nMaxFilesPerJob: number;
  readonly maxAttempt: number;
  readonly maxFailure: number | null;
}

export type Defined =
  | { readonly kind: 'task'; readonly definition: TaskDefinition }
  /** Why the task is broken. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Without these the server that takes parameters apart fails. */
const NEEDED = [
  'taskName',
  'userName',
  'vo',
  'prodSourceLabel',
  'taskPriority',
  'architecture',
  'transUses',
  'transHome',
  'processingType',
  'taskType',
  'jobParameters',
] as const;

/** What a sandbox has nothing for, by the parameters that ask for it. */
const NOT_HERE: readonly (readonly [parameters: readonly string[], what: string])[] = [
  [['buildSpec'], 'build jobs (submit it with --noBuild)'],
  [['mergeOutput', 'mergeSpec'], 'merging of outputs'],
  [['preproSpec'], 'preprocessing'],
  [['multiStepExec', 'container_name'], 'containers'],
  [['nEventsPerWorker', 'fineGrainedProc', 'useJobCloning'], 'the event service'],
  [['hpoWorkflow'], 'hyper-parameter optimisation'],
  [['loadXML'], 'jobs described in XML'],
];

const SEQUENCE = 'seq_number';
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_FILES_PER_JOB = 200;

/** Takes the parameters of a task apart as the task engine does, as far as a sandbox can run it. */
export function defineTask(map: TaskParameterMap): Defined {
  const missing = NEEDED.find((name) => !Object.hasOwn(map, name));
  if (missing !== undefined) return broken(`${missing} is missing among the task parameters`);
  const without = NOT_HERE.find(([names]) => names.some((name) => Boolean(map[name])));
  if (without !== undefined) return broken(`a sandbox has no ${without[1]}`);
  const given = itemsOf(map.jobParameters);
  const logs = map.log === undefined ? [] : itemsOf(Array.isArray(map.log) ? map.log : [map.log]);
  if (given === undefined || logs === undefined) return broken('jobParameters or log hold no pieces');
  const input = given.find((item) => item.param_type === 'input' && item.type === 'template');
  if (input !== undefined) return broken(`doBasicRefine : unknown input dataset "${input.dataset ?? ''}"`);
  if (map.noInput !== true) return broken('there is no input dataset, and noInput is not set');
  const outputs = outputTemplates([...given, ...logs]);
  return {
    kind: 'task',
    definition: {
      command: commandOf(given, outputs.replaced),
      outputs: outputs.templates,
      firstNumber: firstNumberOf(given),
      firstEvent: 1 + (offsetOf(given, '${FIRSTEVENT}') ?? 0),
      randomSeedOffset: offsetOf(given, '${RNDMSEED}') ?? 0,
      pfns: pfnsOf(map.pfnList),
      ...limitsOf(map),
    },
  };
}

function limitsOf(map: TaskParameterMap) {
  return {
    nFilesPerJob: positiveIn(map, 'nFilesPerJob'),
    nEventsPerJob: positiveIn(map, 'nEventsPerJob'),
    nMaxFilesPerJob: positiveIn(map, 'nMaxFilesPerJob') ?? DEFAULT_FILES_PER_JOB,
    maxAttempt: map.disableAutoRetry ? 1 : (positiveIn(map, 'maxAttempt') ?? DEFAULT_ATTEMPTS),
    maxFailure: positiveIn(map, 'maxFailure') ?? null,
  };
}

function broken(reason: string): Defined {
  return { kind: 'broken', reason };
}

interface Item {
  readonly type: string;
  readonly value: string;
  readonly param_type: string | undefined;
  readonly dataset: string | undefined;
  readonly raw: TaskParameterMap;
}

/** Undefined where they are no list of pieces. */
function itemsOf(given: unknown): readonly Item[] | undefined {
  if (!Array.isArray(given) || !given.every(isRecord)) return undefined;
  return given.map((raw) => ({
    type: textIn(raw, 'type') ?? 'constant',
    value: textIn(raw, 'value') ?? '',
    param_type: textIn(raw, 'param_type') ?? undefined,
    dataset: textIn(raw, 'dataset') ?? undefined,
    raw,
  }));
}

/** The templates of outputs, and by item the value that stands in the command line in place of a file's name. */
function outputTemplates(items: readonly Item[]): {
  readonly templates: readonly OutputTemplate[];
  readonly replaced: ReadonlyMap<TaskParameterMap, string>;
} {
  const templates: OutputTemplate[] = [];
  const replaced = new Map<TaskParameterMap, string>();
  for (const item of items) {
    const { param_type: type, dataset } = item;
    if (item.type !== 'template' || dataset === undefined || (type !== 'output' && type !== 'log')) continue;
    const count = templates.filter((template) => template.type === type).length;
    const stream = `${type.toUpperCase()}${count}`;
    // `outputFile=name`, and the name may be quoted.
    const fileName = (item.value.split('=').at(-1) ?? '').replaceAll("'", '');
    if (fileName !== '')
      replaced.set(
        item.raw,
        item.value.replace(fileName, () => `\${${stream}}`),
      );
    templates.push({
      type,
      dataset,
      container: textIn(item.raw, 'container'),
      stream,
      fileName,
      destination: textIn(item.raw, 'destination'),
      token: textIn(item.raw, 'token'),
    });
  }
  return { templates, replaced };
}

function commandOf(items: readonly Item[], replaced: ReadonlyMap<TaskParameterMap, string>): string {
  const pieces = items
    .filter(({ raw }) => raw.hidden !== true)
    .map(({ raw, value }) => `${replaced.get(raw) ?? value}${raw.padding === false ? '' : ' '}`);
  // What follows the last piece is cut away, a blank or not.
  return pieces.join('').slice(0, -1);
}

function firstNumberOf(items: readonly Item[]): number | undefined {
  const item = items.find(({ type, dataset }) => type === 'template' && dataset === SEQUENCE);
  return item === undefined ? undefined : 1 + (integerIn(item.raw, 'offset') ?? 0);
}

function offsetOf(items: readonly Item[], placeholder: string): number | undefined {
  const item = items.find(({ param_type, value }) => param_type === 'number' && value.includes(placeholder));
  return item === undefined ? undefined : (integerIn(item.raw, 'offset') ?? undefined);
}

function pfnsOf(list: unknown): readonly string[] | undefined {
  return Array.isArray(list) ? list.map(String) : undefined;
}

function positiveIn(map: TaskParameterMap, name: string): number | undefined {
  const value = integerIn(map, name);
  return value !== null && value > 0 ? value : undefined;
}

import type { Resources } from '../jobs/request.ts';
import type { Profile } from '../profiles/profile.ts';
import { commandParameters, type CommandPiece } from './commandPieces.ts';
import type { TaskParameter, TaskParameters } from './taskParameters.ts';

/** How many jobs a task has, and what they share out. */
export type TaskSplit =
  | { readonly kind: 'jobs'; readonly jobs: number }
  | { readonly kind: 'events'; readonly events: number; readonly eventsPerJob: number }
  /** Files by address, that the jobs open themselves: `%IN` in the command becomes those of the job, joined by commas. */
  | {
      readonly kind: 'files';
      readonly files: readonly string[];
      /** Undefined: as PanDA finds fit. */
      readonly filesPerJob: number | undefined;
    };

/** A task whose jobs run one command in an archive of the user's, without a build: what `prun --noBuild` submits. */
export interface ScriptTask {
  /** `user.<user>.<name>`, unique: see `makeTaskName`. Its data sets are named after it. */
  readonly name: string;
  readonly profile: Pick<Profile, 'cache' | 'vo' | 'prodSourceLabel' | 'workingGroup' | 'cloud'>;
  /** Says what kind of work it is. */
  readonly processingType: string;
  /** For a shell, in the folder of the archive. */
  readonly command: readonly CommandPiece[];
  /** Name in the cache of a `.tar.gz`. */
  readonly archive: string;
  /** Files that each job leaves in the folder of the archive: letters, digits, `.`, `_`, `+` and `-`. */
  readonly outputs: readonly string[];
  readonly split: TaskSplit;
  /** Undefined: PanDA chooses. */
  readonly site: string | undefined;
  readonly resources: Resources;
  /** How often a job is tried at most, 1 to 50. */
  readonly maxAttempt: number;
  /** How the user asked for it, for display. */
  readonly cliParams: string;
  /** Operating system of the user: `Linux-6.1-x86_64`. */
  readonly osInfo: string;
}

/** A task that a server takes once, however often it is submitted. */
export type UniqueTaskParameters = TaskParameters & { readonly uniqueTaskName: true };

/** The parameters of a task, in the order in which PanDA's own client gives them. */
export function scriptTaskParameters(task: ScriptTask): UniqueTaskParameters {
  const { name, profile, split } = task;
  return {
    taskName: `${name}/`,
    uniqueTaskName: true,
    vo: profile.vo,
    architecture: '',
    transUses: '',
    transHome: null,
    processingType: task.processingType,
    prodSourceLabel: profile.prodSourceLabel,
    site: task.site ?? null,
    excludedSite: [],
    includedSite: null,
    ...splitParameters(split),
    cliParams: task.cliParams,
    // The first jobs are not tried out on their own: those who submit say what their jobs need.
    skipScout: true,
    osInfo: task.osInfo,
    ...(profile.workingGroup === undefined ? {} : { workingGroup: profile.workingGroup }),
    ...(profile.cloud === undefined ? {} : { cloud: profile.cloud }),
    nMaxFilesPerJob: 200,
    ...resourceParameters(task.resources),
    respectSplitRule: true,
    maxAttempt: task.maxAttempt,
    sourceURL: profile.cache,
    log: {
      type: 'template',
      param_type: 'log',
      value: `${name}.log.$JEDITASKID.\${SN}.log.tgz`,
      dataset: `${name}.log/`,
      container: `${name}.log/`,
    },
    jobParameters: jobParametersOf(task),
    ...(split.kind === 'files' ? { pfnList: split.files } : {}),
    noInput: true,
    ...(split.kind === 'files' ? { nFiles: split.files.length } : {}),
  };
}

function splitParameters(split: TaskSplit): Readonly<Record<string, number>> {
  switch (split.kind) {
    case 'jobs':
      return { nEvents: split.jobs, nEventsPerJob: 1 };
    case 'events':
      return { nEvents: split.events, nEventsPerJob: split.eventsPerJob };
    case 'files':
      return split.filesPerJob === undefined ? {} : { nFilesPerJob: split.filesPerJob };
  }
}

/** `Fixed`, so that PanDA does not put its own measurements in their place. */
function resourceParameters(resources: Resources): Readonly<Record<string, number | string>> {
  const { cores, memoryMB, diskMB, walltimeSeconds } = resources;
  return {
    maxWalltime: Math.ceil(walltimeSeconds / 3600),
    ramCount: Math.ceil(memoryMB / cores),
    ramCountUnit: 'MBPerCoreFixed',
    outDiskCount: diskMB * 1024,
    outDiskUnit: 'kBFixed',
    ...(cores > 1 ? { coreCount: cores } : {}),
  };
}

function jobParametersOf({ name, command, archive, outputs, split }: ScriptTask): TaskParameter[] {
  const parts = name.split('.');
  const prefix = parts.length > 2 ? parts.slice(0, 2).join('.') : name;
  const files = outputs.map((output) => {
    const fileName = `${prefix}.$JEDITASKID._\${SN/P}.${output}`;
    const dataset = `${name}_${output}/`;
    return { output, fileName, dataset };
  });
  const map = files.map(({ output, fileName }) => `'${output}': '${fileName}'`).join(', ');
  return [
    constant('-j "" --sourceURL ${SURL}'),
    constant('-r .'),
    { type: 'constant', value: '__delimiter__', hidden: true },
    constant(`-a ${archive}`),
    ...files.map(({ fileName, dataset }): TaskParameter => {
      const common = { value: fileName, dataset, container: dataset, hidden: true };
      return { type: 'template', param_type: 'output', ...common };
    }),
    ...(files.length === 0 ? [] : [constant(`-o "{${map}}"`)]),
    ...(split.kind === 'files' ? [constant('-i "${IN/T}"')] : []),
    { type: 'constant', value: '-p "', padding: false },
    ...commandParameters(command),
    constant('"'),
    ...(split.kind === 'files' ? [constant('--givenPFN ')] : []),
  ];
}

function constant(value: string): TaskParameter {
  return { type: 'constant', value };
}

/** The archive that the jobs of a script task fetch from the cache; undefined for other tasks. */
export function archiveOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const { jobParameters: items } = parameters;
  for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
    const { type, value } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const text = type === 'constant' && typeof value === 'string' ? value : '';
    const name = /^-a ([A-Za-z0-9._-]{1,200})$/u.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Leaves room for the ending of a data set's name within the 132 characters that it may have. */
const LONGEST_NAME = 78;

/** `user.<user>.<name>.<submission id>`: unique, of letters that storage systems take. */
export function makeTaskName(user: string, name: string, submissionId: string): string {
  const who = plain(user.toLowerCase().replace(/[^a-z0-9_-]/gu, '_'), 24);
  const room = LONGEST_NAME - `user.${who}..${submissionId}`.length;
  return `user.${who}.${plain(name.replace(/[^A-Za-z0-9_.-]/gu, '_'), room)}.${submissionId}`;
}

/** No dots at the ends: names of tasks are parted at them. */
function plain(text: string, longest: number): string {
  const kept = text.slice(0, longest).replace(/^\.+|\.+$/gu, '');
  return kept === '' ? '_' : kept;
}

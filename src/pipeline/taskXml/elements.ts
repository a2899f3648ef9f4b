/** The elements of task files, as the pipeline's schemas 2.0 to 2.2 have them. */

export const NAMESPACE = 'http://glast-ground.slac.stanford.edu/pipeline';

export interface ElementRule {
  /** In the order in which they stand. */
  readonly children: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Whether it holds text. */
  readonly text?: true;
}

/** Attributes of a job. */
export const JOB_ATTRIBUTES = [
  'maxCPU',
  'maxWallClock',
  'maxMemory',
  'workingDir',
  'batchOptions',
  'queue',
  'allocationGroup',
  'jobName',
  'priority',
  'logFile',
] as const;

const VARIABLES: ElementRule = { children: ['var'], required: [], optional: [] };
const DEPENDENCY: ElementRule = { children: [], required: ['process'], optional: ['status'] };
const LEAF: ElementRule = { children: [], required: [], optional: [], text: true };

export const ELEMENTS: ReadonlyMap<string, ElementRule> = new Map<string, ElementRule>([
  ['pipeline', { children: ['variables', 'task'], required: [], optional: [] }],
  [
    'task',
    {
      children: ['notation', 'variables', 'prerequisites', 'process', 'task'],
      required: ['name', 'type'],
      optional: ['version', 'priority'],
    },
  ],
  ['notation', LEAF],
  ['variables', VARIABLES],
  ['environment', VARIABLES],
  ['var', { children: [], required: ['name'], optional: [], text: true }],
  ['prerequisites', { children: ['prerequisite'], required: [], optional: [] }],
  ['prerequisite', { children: [], required: ['name'], optional: ['type'] }],
  [
    'process',
    {
      children: ['notation', 'variables', 'script', 'job', 'depends', 'createsSubtasks'],
      required: ['name'],
      optional: ['site', 'autoRetryMaxAttempts', 'retryOn'],
    },
  ],
  [
    'job',
    { children: ['environment'], required: [], optional: ['executable', ...JOB_ATTRIBUTES], text: true },
  ],
  ['script', { children: [], required: [], optional: ['language'], text: true }],
  ['depends', { children: ['before', 'after'], required: [], optional: [] }],
  ['before', DEPENDENCY],
  ['after', DEPENDENCY],
  ['createsSubtasks', { children: ['subtask'], required: [], optional: [] }],
  ['subtask', LEAF],
]);

/** States that a dependency may wait for: those that are final, and `DONE` for any of them. */
export const DEPENDENCY_STATUSES = [
  'SUCCESS',
  'FAILED',
  'TERMINATED',
  'CANCELED',
  'SKIPPED',
  'DONE',
] as const;

/** Further states of a process instance, which nothing can wait for in earnest. */
export const OTHER_STATUSES = [
  'WAITING',
  'READY',
  'QUEUED',
  'SUBMITTED',
  'RUNNING',
  'CANCELING',
  'TERMINATING',
] as const;

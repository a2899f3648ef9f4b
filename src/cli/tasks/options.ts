import { resolve } from 'node:path';
import { DEFAULT_ATTEMPTS, MOST_ATTEMPTS } from '../../transformations/index.ts';
import type { TaskSettings } from '../../transformations/index.ts';
import type { Args, OptionSpec } from '../options.ts';
import { UsageError } from '../usageError.ts';

/** The options of `submit` that make one task of the jobs. */
export const TASK_OPTIONS: readonly OptionSpec[] = [
  { name: 'as-task', help: 'submit the jobs as one task, of which PanDA tries again what fails' },
  {
    name: 'jobs',
    value: 'N',
    help: 'task: run so many jobs; %RNDM:0 in the arguments is 1 for the first, 2 for the next',
  },
  {
    name: 'attempts',
    value: 'N',
    help: `task: how often each job is tried at most (default ${DEFAULT_ATTEMPTS})`,
  },
  {
    name: 'folder',
    value: 'DIR',
    help: 'task: its files go along, but for what .gitignore leaves out, hidden and large ones',
  },
];

/** Those that were given, `as-task` first. */
export function taskOptionsGiven(args: Args): readonly string[] {
  return TASK_OPTIONS.map(({ name }) => name).filter(
    (name) => args.flag(name) || args.texts(name).length > 0,
  );
}

/** Undefined for jobs of their own. The folder becomes absolute. */
export function readTaskSettings(args: Args, cwd: string): TaskSettings | undefined {
  const [first] = taskOptionsGiven(args);
  if (first === undefined) return undefined;
  if (first !== 'as-task') {
    throw new UsageError(`--${first} is for a task, and these are jobs.`, 'Add --as-task, or leave it away');
  }
  const attempts = args.count('attempts', 1) ?? DEFAULT_ATTEMPTS;
  if (attempts > MOST_ATTEMPTS) {
    throw new UsageError(
      `--attempts ${attempts}: PanDA tries a job ${MOST_ATTEMPTS} times at most.`,
      'Give a smaller number',
    );
  }
  const jobs = args.count('jobs', 1);
  const folder = args.text('folder');
  return {
    attempts,
    ...(jobs === undefined ? {} : { jobs }),
    ...(folder === undefined ? {} : { folder: resolve(cwd, folder) }),
  };
}

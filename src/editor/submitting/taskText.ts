import { basename } from 'node:path';
import type { TaskSettings } from '../../transformations/index.ts';
import { plural } from '../../watch/index.ts';

/** What the line "Submit as" says. */
export function taskText(task: TaskSettings | undefined, jobs: number): string {
  if (task === undefined) return 'jobs';
  const files = task.folder === undefined ? [] : [`with the files of ${basename(task.folder)}`];
  return [
    `a task of ${plural(task.jobs ?? jobs, 'job')}`,
    `${plural(task.attempts, 'attempt')} each`,
    ...files,
  ].join(' · ');
}

import type { Disposable } from 'vscode';
import { isFinal } from '../../panda/index.ts';
import { commands } from '../contributions.ts';
import type { JobTree } from '../jobs/jobTree.ts';
import { severalJobs } from '../jobs/pickJobs.ts';
import type { Parts } from '../parts.ts';

/** "Resubmit": a new submission from what PanDA's records of the old jobs say. Of a group, what did not finish. */
export function registerResubmit(parts: Parts): Disposable {
  return parts.register(commands.resubmit, async (...args) => {
    const group = isGroup(args[0], parts.jobsView.provider.tree);
    const pandaIds = await severalJobs(args, parts, {
      title: 'Resubmit jobs',
      placeHolder: 'Ended jobs to submit again',
      fits: (job) => job.submissionId !== null && isFinal(job.state) && !(group && job.state === 'finished'),
      none: 'There is no job that could be submitted again: it must have ended, and been submitted with this program.',
    });
    if (pandaIds === undefined) return;
    const { resubmit } = await import('../submitting/resubmit.ts');
    await resubmit(pandaIds, parts);
  });
}

function isGroup(row: unknown, tree: JobTree | undefined): boolean {
  if (tree === undefined || typeof row !== 'object' || row === null || !('kind' in row)) return false;
  return row.kind === 'group' || row.kind === 'state';
}

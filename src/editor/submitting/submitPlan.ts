import {
  formatTransfer,
  plural,
  SubmissionError,
  submitJobs,
  type SubmissionPlan,
  type SubmitProgress,
  type SubmitResult,
} from '../../watch/index.ts';
import type { SubmissionOrigin } from '../../transformations/index.ts';
import type { Parts } from '../parts.ts';
import { workspaceRecords } from '../submissions/workspaceRecords.ts';
import { confirm } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { longStagingNotice } from './longStagingNotice.ts';
import { submitDeps } from './submitDeps.ts';
import { takeInOutcomes } from './takeInOutcomes.ts';

/** A plan, and what its record says. */
export interface RecordedPlan extends SubmissionPlan {
  /** Undefined in a window without a folder, where no record is kept. */
  readonly origin: SubmissionOrigin | undefined;
}

/**
 * Submits a plan with the profile in use, shows its progress above the jobs, takes the new jobs in, and keeps a record of
 * it in the folder that it comes from.
 */
export async function submitPlan(plan: RecordedPlan, parts: Parts, force = false): Promise<void> {
  const records = workspaceRecords(parts);
  const { origin } = plan;
  const notice = longStagingNotice(plan.name);
  let result: SubmitResult;
  try {
    result = await withViewProgress(async ({ report }) => {
      const session = await parts.sessions.require({ onProgress: report });
      const onProgress = (progress: SubmitProgress): void => {
        report(progressText(progress));
        notice.tell(progress, progressText(progress));
      };
      const submitted = await submitJobs(plan, submitDeps(session), {
        signal: notice.signal,
        onProgress,
        onBegin: async (submission) => {
          if (origin !== undefined) await records.begin(origin, submission);
        },
        force,
      });
      takeInOutcomes(submitted, session, parts);
      await records.update(submitted);
      return submitted;
    });
  } catch (error) {
    if (!(error instanceof SubmissionError) || !error.canForce || force) throw error;
    if (await confirm(error.message, 'Submit anyway', `${error.advice}.`))
      await submitPlan(plan, parts, true);
    return;
  } finally {
    notice.end();
  }
  const [first] = result.outcomes;
  if (first?.kind !== 'accepted') return;
  // The jobs are there: what keeps them from being shown is the view's to tell.
  await parts.sessions.current?.poller.refresh('submitted').catch(parts.errors.note);
  await parts.jobsView.reveal(first.pandaId);
}

function progressText(progress: SubmitProgress): string {
  switch (progress.phase) {
    case 'checking':
      return 'Checking';
    case 'uploading':
      return `Uploading ${plural(progress.total, 'file')}`;
    case 'staging':
      return `Staging ${formatTransfer(progress)}`;
    case 'signing':
      return `Signing URLs for ${plural(progress.total, 'job')}, ${progress.done} done`;
    case 'submitting':
      return `Submitting ${plural(progress.total, 'job')}, ${progress.done} done`;
    case 'lookingUp':
      return `Looking for ${plural(progress.total, 'job')} whose answer was lost, ${progress.done} found`;
  }
}

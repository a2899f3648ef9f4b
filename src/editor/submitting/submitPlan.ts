import {
  plural,
  SubmissionError,
  submitJobs,
  type SubmissionPlan,
  type SubmitProgress,
  type SubmitResult,
} from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import { confirm } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { submitDeps } from './submitDeps.ts';
import { takeInOutcomes } from './takeInOutcomes.ts';

/** Submits a plan with the profile in use, shows its progress above the jobs, and takes the new jobs in. */
export async function submitPlan(plan: SubmissionPlan, parts: Parts, force = false): Promise<void> {
  let result: SubmitResult;
  try {
    result = await withViewProgress(async ({ report }) => {
      const session = await parts.sessions.require({ onProgress: report });
      const onProgress = (progress: SubmitProgress): void => report(progressText(progress));
      const submitted = await submitJobs(plan, submitDeps(session), { onProgress, force });
      takeInOutcomes(submitted, session, parts);
      return submitted;
    });
  } catch (error) {
    if (!(error instanceof SubmissionError) || !error.canForce || force) throw error;
    if (await confirm(error.message, 'Submit anyway', `${error.advice}.`))
      await submitPlan(plan, parts, true);
    return;
  }
  const [first] = result.outcomes;
  if (first?.kind !== 'accepted') return;
  await parts.sessions.current?.poller.refresh('submitted');
  await parts.jobsView.reveal(first.pandaId);
}

function progressText(progress: SubmitProgress): string {
  switch (progress.phase) {
    case 'checking':
      return 'Checking';
    case 'uploading':
      return `Uploading ${plural(progress.total, 'file')}`;
    case 'submitting':
      return `Submitting ${plural(progress.total, 'job')}, ${progress.done} done`;
    case 'lookingUp':
      return `Looking for ${plural(progress.total, 'job')} whose answer was lost, ${progress.done} found`;
  }
}

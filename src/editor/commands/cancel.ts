import type { Disposable } from 'vscode';
import { isFinal } from '../../panda/index.ts';
import { plural, type Job } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import { severalJobs } from '../jobs/pickJobs.ts';
import type { Parts } from '../parts.ts';
import { confirm, offer } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { cancelQuestion } from './cancelQuestion.ts';

/** "Cancel": asks once, whatever the number, then sends; rows show "cancel requested" until the pilot obeys. */
export function registerCancel(parts: Parts): Disposable {
  return parts.register(commands.cancel, async (...args) => {
    const pandaIds = await severalJobs(args, parts, {
      title: 'Cancel jobs',
      placeHolder: 'Jobs to cancel',
      fits: (job) => !isFinal(job.state) && !job.cancelRequested,
      none: 'There is no job that could be cancelled: all have ended, or their end was asked for already.',
    });
    if (pandaIds === undefined) return;
    const { client, store, poller } = await parts.sessions.require();
    const jobs = pandaIds.map((id) => store.get(id)).filter((job): job is Job => job !== undefined);
    const question = cancelQuestion(jobs, (id) => submissionLabel(parts, id));
    if (!(await confirm(question.text, question.button, question.detail))) return;
    await withViewProgress(async ({ signal }) => {
      const answers = await client.jobs.kill(pandaIds, { signal });
      poller.cancelRequested(pandaIds.filter((_, index) => answers[index] === true));
      // What was asked for stays so, heard of or not.
      await poller.refresh('cancelled').catch(parts.errors.note);
      const refused = pandaIds.filter((id, index) => answers[index] !== true && stillThere(store.get(id)));
      if (refused.length > 0) tellRefused(parts, refused);
    });
  });
}

function stillThere(job: Job | undefined): boolean {
  return job !== undefined && !isFinal(job.state) && !job.cancelRequested;
}

/** The server says only no; these are all its reasons. */
function tellRefused(parts: Parts, refused: readonly number[]): void {
  const text = `PanDA did not cancel ${plural(refused.length, 'job')} (${refused.slice(0, 5).join(', ')}${refused.length > 5 ? ', …' : ''}): not yours, unknown, or being cancelled already.`;
  offer('warning', text, {}, parts.errors.show);
}

function submissionLabel(parts: Parts, submissionId: string): string | undefined {
  const groups = parts.sessions.current?.store.groups('submission', '') ?? [];
  return groups.find((group) => group.key === submissionId)?.label;
}

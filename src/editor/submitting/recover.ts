import { recoverSubmissions } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { submitDeps } from './submitDeps.ts';
import { takeInOutcomes } from './takeInOutcomes.ts';

/** Submissions older than this (ms) are only looked for in the monitor. */
const REMEMBERED = 30 * 86_400_000;
/** Without a monitor, so many of the latest jobs are asked for by id. */
const MOST_TRACKED = 5000;

/**
 * Takes in what the journal knows: names of submissions, jobs that no monitor would show, and submissions that an earlier
 * VS Code, or another program, left half done. Sends nothing unasked.
 */
export async function recover(session: Session, parts: Parts, signal: AbortSignal): Promise<void> {
  const deps = submitDeps(session);
  await takeInJournal(session, deps.clock.now() - REMEMBERED);
  const { recovered, problems } = await recoverSubmissions(deps, { signal });
  for (const { file, message } of problems) {
    parts.log.warn(`Could not use the submission noted in ${file}: ${message}.`);
  }
  for (const { submission, adopted, unknown, notSent } of recovered) {
    const { id, name } = submission;
    takeInOutcomes(
      { id, name, outcomes: [...adopted, ...unknown, ...notSent], warnings: [] },
      session,
      parts,
    );
  }
}

async function takeInJournal({ journal, profile, store, poller }: Session, since: number): Promise<void> {
  const { entries } = await journal.list(profile.name, { since });
  const pandaIds: number[] = [];
  for (const { submission } of entries) {
    store.nameSubmission(submission.id, submission.name);
    for (const outcome of submission.outcomes)
      if (outcome.kind === 'accepted') pandaIds.push(outcome.pandaId);
  }
  if (profile.monitor === undefined) poller.track(pandaIds.slice(-MOST_TRACKED));
}

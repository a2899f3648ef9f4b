import type { SubmitOutcome } from '../../panda/index.ts';
import { forgetJobs, resendJobs } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { workspaceRecords } from '../submissions/workspaceRecords.ts';
import { offer } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { notSentText, refusedText, sortOutcomes, unknownText, type Outcomes } from './outcomeTexts.ts';
import { submitDeps } from './submitDeps.ts';

/** A submission and what became of its jobs so far. */
export interface OutcomeReport {
  readonly id: string;
  readonly name: string;
  readonly outcomes: readonly SubmitOutcome[];
  readonly warnings: readonly string[];
}

/** Shows new jobs, watches for their end, and asks about those that did not surely arrive. */
export function takeInOutcomes(report: OutcomeReport, session: Session, parts: Parts): void {
  const { id, name } = report;
  const outcomes = sortOutcomes(report.outcomes);
  const { accepted, refused, unknown, notSent } = outcomes;
  if (accepted.length > 0) {
    session.store.nameSubmission(id, name);
    session.poller.track(accepted.map(({ pandaId }) => pandaId));
    parts.endNotices.watch({ submissionId: id, name, profile: session.profile.name, count: accepted.length });
  }
  const tell = (
    kind: 'warning' | 'error',
    text: string,
    actions: Readonly<Record<string, () => unknown>> = {},
  ) => offer(kind, text, actions, parts.errors.show);
  if (refused.length > 0) tell('error', refusedText(name, outcomes, report.outcomes.length));
  for (const warning of report.warnings) tell('warning', warning);
  if (unknown.length > 0)
    tell('warning', unknownText(name, outcomes), choices(report, 'unknown', outcomes, parts));
  if (notSent.length > 0)
    tell('warning', notSentText(name, outcomes), choices(report, 'notSent', outcomes, parts));
}

function choices(
  report: OutcomeReport,
  kind: 'unknown' | 'notSent',
  outcomes: Outcomes,
  parts: Parts,
): Readonly<Record<string, () => unknown>> {
  const send = async (): Promise<void> => {
    await withViewProgress(async () => {
      const session = await parts.sessions.require();
      const jobNames = outcomes[kind].map(({ jobName }) => jobName);
      const result = await resendJobs(report.id, submitDeps(session), { jobNames });
      const again = new Set(jobNames);
      takeInOutcomes(
        { ...result, outcomes: result.outcomes.filter(({ jobName }) => again.has(jobName)) },
        session,
        parts,
      );
      await workspaceRecords(parts).update(result);
      await session.poller.refresh('submitted').catch(parts.errors.note);
    });
  };
  const forget = async (): Promise<void> => forgetJobs(report.id, submitDeps(await parts.sessions.require()));
  return { [kind === 'unknown' ? 'Send again' : 'Send now']: send, Forget: forget };
}

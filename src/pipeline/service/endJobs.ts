import { isFinal } from '../../panda/index.ts';
import type { JobState } from '../../panda/index.ts';
import type { PandaAccount } from './account.ts';
import type { JournalJob } from './journal.ts';

/** What became of the wish that jobs end. */
export interface EndedJobs {
  /** They end, at once or at their next heartbeat. */
  readonly asked: readonly JournalJob[];
  /** They had ended before. */
  readonly over: readonly JournalJob[];
  /** PanDA does not end them, in this state. */
  readonly refused: readonly { readonly job: JournalJob; readonly state: JobState }[];
}

/** Asks PanDA to end jobs, in bulk; it may be asked twice. Those that PanDA was never sent count as ended. */
export async function endJobs(jobs: readonly JournalJob[], { client }: PandaAccount): Promise<EndedJobs> {
  const sent = jobs.flatMap((job) => (job.pandaId === null ? [] : [{ job, pandaId: job.pandaId }]));
  const over = jobs.filter(({ pandaId }) => pandaId === null);
  if (sent.length === 0) return { asked: [], over, refused: [] };
  const done = await client.jobs.kill(sent.map(({ pandaId }) => pandaId));
  const asked = sent.filter((_, index) => done[index] === true).map(({ job }) => job);
  const unsure = sent.filter((_, index) => done[index] !== true);
  const refused: { readonly job: JournalJob; readonly state: JobState }[] = [];
  // The server does not say why it said no.
  const records = unsure.length === 0 ? [] : await client.jobs.describe(unsure.map(({ pandaId }) => pandaId));
  for (const [index, { job }] of unsure.entries()) {
    const record = records[index];
    if (record === undefined || record === null || isFinal(record.jobStatus)) over.push(job);
    else if (record.commandToPilot === 'tobekilled') asked.push(job);
    else refused.push({ job, state: record.jobStatus });
  }
  return { asked, over, refused };
}

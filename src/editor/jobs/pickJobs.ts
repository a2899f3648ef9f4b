import { isFinal } from '../../panda/index.ts';
import { describeJob, stateLook, systemClock, type Job } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { pickMany, pickOne, type Choice } from '../vscode/prompts.ts';
import { pandaIdsOf } from './jobTargets.ts';

/** A picker is no place for more. */
const MOST_CHOICES = 500;

export interface JobQuestion {
  readonly title: string;
  readonly placeHolder: string;
  /** Which jobs it makes sense for. */
  readonly fits: (job: Job) => boolean;
  /** Why there is nothing to pick from. */
  readonly none: string;
}

/** A pilot had it, and it has ended: it left a log, and maybe files. */
export function ranJob(job: Job): boolean {
  return isFinal(job.state) && job.startTime !== null;
}

/** The one job that a command is for, asking where it was called without a row. */
export async function oneJob(
  args: readonly unknown[],
  parts: Parts,
  question: JobQuestion,
): Promise<number | undefined> {
  const [given] = pandaIdsOf(args, parts.jobsView.provider.tree) ?? [];
  if (given !== undefined) return given;
  return pickOne(choices(await parts.sessions.require(), question), question);
}

/** The jobs that a command is for; those it makes no sense for are left out. */
export async function severalJobs(
  args: readonly unknown[],
  parts: Parts,
  question: JobQuestion,
): Promise<readonly number[] | undefined> {
  const session = await parts.sessions.require();
  const given = pandaIdsOf(args, parts.jobsView.provider.tree);
  if (given === undefined) return pickMany(choices(session, question), question);
  const fitting = given.filter((pandaId) => {
    const job = session.store.get(pandaId);
    return job !== undefined && question.fits(job);
  });
  if (fitting.length === 0) throw new NothingToDo(question.none);
  return fitting;
}

function choices({ store }: Session, { fits, none }: JobQuestion): readonly Choice<number>[] {
  const found: Choice<number>[] = [];
  for (const group of store.groups('day', '')) {
    if (found.length >= MOST_CHOICES) break;
    for (const pandaId of store.members(group, '', 0, MOST_CHOICES)) {
      const job = store.get(pandaId);
      if (job !== undefined && fits(job)) found.push(choice(job));
    }
  }
  if (found.length === 0) throw new NothingToDo(none);
  return found.slice(0, MOST_CHOICES);
}

function choice(job: Job): Choice<number> {
  const look = stateLook(job.state, job.cancelRequested);
  const facts = describeJob(job, systemClock.now());
  return {
    label: `$(${look.codicon.replace('~spin', '')}) ${job.name}`,
    description: [look.word, facts, String(job.pandaId)].filter((part) => part !== '').join(' · '),
    value: job.pandaId,
  };
}

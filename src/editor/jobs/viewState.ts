import { isFinal, type StateCounts } from '../../panda/index.ts';
import { formatCount, formatDuration, type PollStatus } from '../../watch/index.ts';
import { needsSignIn } from '../auth/signInGate.ts';
import type { JobsViewState } from '../contributions.ts';
import { whyNoSession, type SessionState } from '../session.ts';

/** What of the store decides between rows and a welcome text. */
export interface Shown {
  /** Jobs in the store, and tasks. */
  readonly jobs: number;
  /** The tree has rows, which a filter may hide. */
  readonly hasRows: boolean;
}

/** The one thing that the Jobs view shows. */
export function jobsViewState(session: SessionState, shown: Shown): JobsViewState {
  if (session.kind !== 'open') return whyNoSession(session.kind);
  if (shown.jobs > 0) return shown.hasRows ? 'jobs' : 'noMatch';
  return emptyState(session.session.poller.status);
}

function emptyState(status: PollStatus): JobsViewState {
  if (status.kind === 'idle') return 'opening';
  if (isSignedOut(status)) return 'signedOut';
  // Where only the monitor could tell of jobs, its silence says nothing of there being none.
  return status.kind === 'current' && status.warning === null ? 'empty' : 'unreachable';
}

/** Whether nothing is heard because nobody is signed in. */
function isSignedOut(status: PollStatus): boolean {
  if (status.kind === 'failing') return needsSignIn(status.error);
  return status.kind === 'current' && needsSignIn(status.warning);
}

/** The line above rows; undefined while what they show is true. It would hide a welcome text, so it is only for rows. */
export function jobsViewMessage(
  session: SessionState,
  now: number,
  timeOfDay: (time: number) => string,
): string | undefined {
  if (session.kind !== 'open') return undefined;
  const { status } = session.session.poller;
  if (isSignedOut(status))
    return 'Nobody is signed in: what is shown is not up to date. Run “PanDA: Sign in”.';
  if (status.kind === 'current' && status.warning !== null) {
    return 'The monitor is not answering: jobs submitted elsewhere may be missing.';
  }
  if (status.kind !== 'failing') return undefined;
  const asOf = status.asOf === null ? 'Nothing known yet' : `As of ${timeOfDay(status.asOf)}`;
  const wait = Math.ceil((status.nextTry - now) / 1000) * 1000;
  const next = wait > 0 ? `next try in ${formatDuration(wait)}` : 'trying again';
  return `${asOf}, server not answering, ${next}`;
}

/** Jobs that have not ended, for the badge. */
export function inMotion(counts: StateCounts): number {
  return Object.entries(counts).reduce((sum, [state, count]) => (isFinal(state) ? sum : sum + count), 0);
}

/** `12 running, 40 waiting`, leaving out what is not. */
export function describeMotion(counts: StateCounts): string {
  const running = counts.running ?? 0;
  const waiting = inMotion(counts) - running;
  const parts = [
    running > 0 ? `${formatCount(running)} running` : '',
    waiting > 0 ? `${formatCount(waiting)} waiting` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

import { PandaError } from '../../panda/index.ts';
import type { Attention } from '../api.ts';

interface Pace {
  /** Between polls while something moves, ms. */
  readonly moving: number;
  /** Between polls at most, while jobs are on their way, ms. */
  readonly quiet: number;
  /** Between looks for new jobs when all have ended, ms; undefined for none at all. */
  readonly idle: number | undefined;
  /** Between tries of a server that does not answer, at most, ms. */
  readonly failing: number;
}

const paces: Readonly<Record<Attention, Pace>> = {
  focused: { moving: 1_500, quiet: 30_000, idle: 60_000, failing: 60_000 },
  visible: { moving: 5_000, quiet: 60_000, idle: 120_000, failing: 120_000 },
  hidden: { moving: 60_000, quiet: 300_000, idle: undefined, failing: 600_000 },
};

/** Each poll that finds nothing new lengthens the wait by this: after `t` of quiet, a change is seen within about `t/6`. */
const growth = 1.2;
const firstRetry = 2_000;
/** A poll that took long is followed by a rest of as many times its length, at most a minute. */
const restFactor = 3;
const longestRest = 60_000;

export interface Situation {
  readonly attention: Attention;
  /** Whether some jobs have not ended. */
  readonly unfinished: boolean;
  /** Polls since something moved. */
  readonly quietPolls: number;
  /** How long the last poll took, ms. */
  readonly lastDuration: number;
  /** The error of the last poll, and how many failed in a row. */
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly error: Error;
  readonly count: number;
  /** `[0, 1)`, drawn once for each failure: keeps many windows from coming back in step. */
  readonly jitter: number;
}

/** How long to wait from the end of one poll to the next, ms; undefined for no more polls until something happens. */
export function waitFor(situation: Situation): number | undefined {
  const pace = paces[situation.attention];
  if (situation.failure !== undefined) return backOff(situation.failure, pace.failing);
  if (!situation.unfinished) return pace.idle;
  const wait = Math.min(pace.quiet, pace.moving * growth ** situation.quietPolls);
  return Math.max(wait, Math.min(longestRest, situation.lastDuration * restFactor));
}

/** Doubles with each failure; asking again does not help who is not let in, so that waits longest at once. */
function backOff(failure: Failure, longest: number): number {
  const unauthorised = failure.error instanceof PandaError && failure.error.kind === 'unauthorised';
  const wait = unauthorised ? longest : Math.min(longest, firstRetry * 2 ** (failure.count - 1));
  return wait * (0.75 + failure.jitter / 4);
}

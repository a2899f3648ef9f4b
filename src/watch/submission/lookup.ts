import type { MonitorApi, SubmitOutcome } from '../../panda/index.ts';
import { isAbort } from '../../panda/index.ts';
import type { Clock } from '../api.ts';
import { waitFor } from '../clock.ts';
import { formatDuration, plural } from '../wording.ts';

/**
 * Pauses (ms) before each look: a request whose answer was lost may still be at work on the server, and a monitor may
 * lag behind it.
 */
export const PATIENT_LOOKS: readonly number[] = [0, 2_000, 5_000, 15_000, 30_000];
/** For submissions of long ago. */
export const ONE_LOOK: readonly number[] = [0];

export interface LookupDeps {
  readonly monitor: MonitorApi | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface LookupOptions {
  readonly pauses: readonly number[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((found: number, total: number) => void) | undefined;
  /** The monitor answered a question asked at this time (epoch milliseconds): what it did not show was not there then. */
  readonly onAnswer?: ((askedAt: number) => void) | undefined;
}

type UnknownOutcome = Extract<SubmitOutcome, { kind: 'unknown' }>;

/**
 * Finds out through the monitor which jobs of lost answers exist. Returns one outcome for each: `accepted`, or still
 * `unknown` with what was tried. Never rejects: whatever hinders it stands in the reasons.
 */
export async function lookUpByName(
  lost: readonly UnknownOutcome[],
  deps: LookupDeps,
  options: LookupOptions,
): Promise<readonly SubmitOutcome[]> {
  const { monitor, clock } = deps;
  if (monitor === undefined) {
    return lost.map((outcome) => stillUnknown(outcome, 'not possible, as this profile has no monitor'));
  }
  const begun = clock.now();
  const found = new Map<string, SubmitOutcome>();
  const missing = new Set(lost.map((outcome) => outcome.jobName));
  let trouble: string | undefined;
  for (const pause of options.pauses) {
    if (missing.size === 0) break;
    try {
      await waitFor(clock, pause * (0.75 + deps.random() / 2), options.signal);
      const names = [...missing];
      const askedAt = clock.now();
      for (const job of await monitor.jobsByName(names, signalOnly(options.signal))) {
        // The first of its name; a name that was not asked for is none of ours.
        if (!missing.delete(job.jobName)) continue;
        found.set(job.jobName, {
          kind: 'accepted',
          jobName: job.jobName,
          pandaId: job.pandaId,
          jobsetId: null,
        });
      }
      options.onAnswer?.(askedAt);
      trouble = undefined;
    } catch (error) {
      if (options.signal?.aborted === true || isAbort(error)) {
        trouble = 'interrupted';
        break;
      }
      trouble = `not answered (${reasonOf(error)})`;
    }
    options.onProgress?.(found.size, lost.length);
  }
  const looked = clock.now() - begun;
  const result =
    trouble ??
    `the monitor does not show it${looked >= 1000 ? ` after ${formatDuration(looked)}` : ''}, so it probably does not exist`;
  return lost.map((outcome) => found.get(outcome.jobName) ?? stillUnknown(outcome, result));
}

/** What to tell the user about jobs that stayed unknown. */
export function adviseUnknown(count: number): string {
  return `Look at the monitor whether ${plural(count, 'this job exists', 'these jobs exist')}; then send again what does not, or forget it`;
}

const LOOKED_UP = ' Looked up by name: ';

/** The reason says what happened, then what looking the job up gave; a later look replaces only the second. */
function stillUnknown(outcome: UnknownOutcome, result: string): UnknownOutcome {
  const [happened = outcome.reason] = outcome.reason.split(LOOKED_UP, 1);
  return { ...outcome, reason: `${happened}${LOOKED_UP}${result}.` };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

function signalOnly(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

import { isFinal, PandaError } from '../../panda/index.ts';
import type { JobRecord, PandaClient } from '../../panda/index.ts';
import { waitFor } from '../../watch/index.ts';
import type { Clock } from '../../watch/index.ts';

export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of each job at first and whenever it changed; awaited before the next look. */
  readonly onChange: (record: JobRecord) => Promise<void>;
  /** Told when the server does not answer, and with undefined when it does again. */
  readonly onTrouble: (error: PandaError | undefined) => void;
}

/** Between looks, ms: the least, and the most where looking takes long. */
const SHORTEST = 500;
const LONGEST = 10_000;
/** A job moves between the server's tables and can be missed once; after so many times it is not there. */
const MISSES = 4;
/** Trouble that lasts longer than this (ms) ends the wait. */
const PATIENCE = 600_000;

/**
 * Looks after jobs until all have ended; resolves with their last records, in order. Trouble that passes is waited out
 * for some minutes. Rejects with PandaError, or when the signal is aborted: the jobs go on.
 */
export async function followJobs(
  client: PandaClient,
  pandaIds: readonly number[],
  options: FollowOptions,
): Promise<readonly JobRecord[]> {
  const { clock, signal } = options;
  const records = new Map<number, JobRecord>();
  const misses = new Map<number, number>();
  let troubleSince: number | undefined;
  for (;;) {
    const open = pandaIds.filter((pandaId) => !isFinal(records.get(pandaId)?.jobStatus ?? ''));
    if (open.length === 0) return pandaIds.flatMap((pandaId) => records.get(pandaId) ?? []);
    const begun = clock.now();
    try {
      const answers = await client.jobs.describe(open, { signal });
      if (troubleSince !== undefined) options.onTrouble(undefined);
      troubleSince = undefined;
      for (const [index, pandaId] of open.entries()) {
        const record = answers[index] ?? noteMiss(misses, pandaId);
        if (record === undefined) continue;
        const before = records.get(pandaId);
        records.set(pandaId, record);
        if (before === undefined || differs(before, record)) await options.onChange(record);
      }
    } catch (error) {
      if (!(error instanceof PandaError) || !mayPass(error)) throw error;
      troubleSince ??= clock.now();
      if (clock.now() - troubleSince > PATIENCE) throw error;
      options.onTrouble(error);
    }
    const wait = troubleSince === undefined ? (clock.now() - begun) * 4 : (clock.now() - troubleSince) / 2;
    await waitFor(clock, Math.min(LONGEST, Math.max(SHORTEST, wait)), signal);
  }
}

function noteMiss(misses: Map<number, number>, pandaId: number): undefined {
  const count = (misses.get(pandaId) ?? 0) + 1;
  misses.set(pandaId, count);
  if (count < MISSES) return undefined;
  throw new PandaError({
    kind: 'notFound',
    tried: `wait for job ${pandaId}`,
    cameBack: 'PanDA knows no job of this number any more',
    advice: 'Look for it with desc-panda jobs',
  });
}

/** What is worth telling: a new state, a kill on its way, a place for its log. */
function differs(before: JobRecord, after: JobRecord): boolean {
  return (
    before.jobStatus !== after.jobStatus ||
    before.jobSubStatus !== after.jobSubStatus ||
    before.commandToPilot !== after.commandToPilot ||
    before.pilotID !== after.pilotID
  );
}

function mayPass(error: PandaError): boolean {
  return error.kind === 'unreachable' || error.passing || (error.status ?? 0) >= 500;
}

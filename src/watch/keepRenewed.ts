import { isAbort } from '../panda/index.ts';
import type { Disposable } from './api.ts';
import type { SubmitJobsDeps } from './submission/submission.ts';
import { renewalDue, renewStaging } from './submission/renew.ts';

export interface KeepRenewedOptions {
  /** Ids of the submissions that have jobs in motion, asked for at each look. */
  readonly submissions: () => Iterable<string>;
  /** Told of a submission that could not be renewed, at most once an hour for each. */
  readonly note: (id: string, error: unknown) => void;
}

/** Between looks, ms. */
const LOOK_EVERY = 600_000;
/** After trouble with a submission, ms. */
const TRY_AGAIN = 3_600_000;

/**
 * Signs the manifests of submissions anew before they run out, as long as they have jobs in motion: those that wait find
 * fresh URLs when they start. Of several programs on this machine that do it the journal lets one. Looks until it is
 * disposed of.
 */
export function keepRenewed(deps: SubmitJobsDeps, options: KeepRenewedOptions): Disposable {
  const stop = new AbortController();
  /** When to look again at a submission, epoch milliseconds. */
  const next = new Map<string, number>();
  let timer: Disposable | undefined;
  const look = async (): Promise<void> => {
    for (const id of options.submissions()) {
      if (stop.signal.aborted) return;
      if ((next.get(id) ?? 0) > deps.clock.now()) continue;
      try {
        next.set(id, await renewIfDue(id, deps, stop.signal));
      } catch (error) {
        if (isAbort(error)) return;
        next.set(id, deps.clock.now() + TRY_AGAIN);
        options.note(id, error);
      }
    }
  };
  const schedule = (): void => {
    if (!stop.signal.aborted) timer = deps.clock.after(LOOK_EVERY, run);
  };
  const run = (): void => void look().finally(schedule);
  // A folder asks for no signature.
  if (deps.profile.staging?.kind === 's3') run();
  return {
    dispose() {
      stop.abort();
      timer?.dispose();
    },
  };
}

/** Returns when to look at it again, epoch milliseconds. */
async function renewIfDue(id: string, deps: SubmitJobsDeps, signal: AbortSignal): Promise<number> {
  const due = async (): Promise<number | undefined> => {
    const entry = await deps.journal.read(deps.profile.name, id);
    // Whoever works on it signs as well.
    return entry?.status === 'running' ? undefined : renewalDue(entry?.submission.staging);
  };
  const before = await due();
  if (before === undefined || before > deps.clock.now()) return before ?? deps.clock.now() + LOOK_EVERY;
  try {
    await renewStaging(id, deps, { signal });
  } catch (error) {
    const after = await due();
    // Another program was quicker, or is at it.
    if (after !== undefined && after <= deps.clock.now()) throw error;
  }
  return (await due()) ?? deps.clock.now() + LOOK_EVERY;
}

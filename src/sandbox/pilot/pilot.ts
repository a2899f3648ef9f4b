import { setTimeout as delay } from 'node:timers/promises';
import { fileError, type PilotContext } from './desk.ts';
import { runJob, type JobRun } from './jobRun.ts';
import { saveJobState, type JobState } from './jobState.ts';
import { freeMB } from './prepare.ts';
import { recoverJobs } from './recover.ts';

/**
 * The queues this pilot serves, with the labels it asks for: `unified` takes jobs of any label, except that a queue in
 * test gives jobs of users only to those who ask for `panda` (as a real server does).
 */
const REQUESTS = [
  { site: 'SANDBOX', label: 'unified' },
  { site: 'SANDBOX-TEST', label: 'unified' },
  { site: 'SANDBOX-TEST', label: 'panda' },
] as const;

const LOOK_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** Takes jobs and runs them until the context says stop; resolves when nothing of it is left to do. */
export async function runPilot(context: PilotContext): Promise<void> {
  const { settings, link, log, node, stopping } = context;
  const running = new Map<number, JobRun>();
  let slotFreed = Promise.withResolvers<void>();
  const looking = setInterval(lookAround, LOOK_MS);
  let isLooking = false;

  function lookAround(): void {
    if (isLooking || running.size === 0) return;
    isLooking = true;
    observeAll(context, running.values())
      .catch((error: unknown) => {
        log.line(`Could not look after the payloads: ${String(error)}`);
      })
      .finally(() => {
        isLooking = false;
      });
  }

  function begin(state: JobState): void {
    const { pandaId } = state.job;
    const run = runJob(state, context);
    running.set(pandaId, run);
    void run.done.then(() => {
      running.delete(pandaId);
      slotFreed.resolve();
      slotFreed = Promise.withResolvers<void>();
    });
  }

  /** Asks each queue in turn until the free slots are filled; says how many jobs came. */
  async function take(free: number, turn: number): Promise<number | string> {
    let taken = 0;
    for (let index = 0; index < REQUESTS.length && taken < free; index += 1) {
      const { site, label } = REQUESTS[(turn + index) % REQUESTS.length] ?? REQUESTS[0];
      const answer = await link.acquire(site, label, free - taken, node);
      if (answer.kind === 'noAnswer') return answer.reason;
      for (const parsed of answer.jobs) {
        if (parsed.kind === 'unusable') {
          log.line(`Job ${parsed.pandaId ?? 'without id'} cannot be run: ${parsed.reason}`);
        } else if (!running.has(parsed.job.pandaId)) {
          const state: JobState = { job: parsed.job, site, launch: 0, phase: { kind: 'acquired' } };
          await note(state, context);
          begin(state);
          taken += 1;
        }
      }
    }
    return taken;
  }

  for (const state of await recoverJobs(context)) begin(state);
  let silence = 0;
  for (let turn = 0; !stopping.aborted; turn += 1) {
    const free = settings.slots - running.size;
    if (free <= 0) {
      await Promise.race([slotFreed.promise, aborted(stopping)]);
      continue;
    }
    const taken = await take(free, turn);
    if (typeof taken === 'string') {
      if (silence === 0) log.line(`No answer from the server: ${taken}`);
      await pause(Math.min(settings.idlePollMs * 2 ** silence, LONGEST_PAUSE_MS), stopping);
      silence = Math.min(silence + 1, 10);
    } else {
      if (silence > 0) log.line('The server answers again');
      silence = 0;
      if (taken === 0) await pause(settings.idlePollMs, stopping);
    }
  }
  await Promise.all([...running.values()].map((run) => run.done));
  clearInterval(looking);
}

/** A job that cannot be noted (the disk is full) is begun all the same: then it ends with an error that says so. */
async function note(state: JobState, { layout, log }: PilotContext): Promise<void> {
  try {
    await saveJobState(layout.workFolder, state);
  } catch (error) {
    log.line(`Job ${state.job.pandaId}: ${fileError(error, 'note the job').diag}`);
  }
}

async function observeAll(context: PilotContext, runs: Iterable<JobRun>): Promise<void> {
  const look = {
    processes: await context.table.scan(),
    freeMB: await freeMB(context.layout.workFolder),
  };
  await Promise.all([...runs].map((run) => run.observe(look)));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function pause(ms: number, until: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
}

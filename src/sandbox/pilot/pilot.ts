import { fileError, type PilotContext } from './desk.ts';
import { runJob, type JobRun } from './jobRun.ts';
import { saveJobState, type JobState } from './jobState.ts';
import { freeMB } from './prepare.ts';
import { recoverJobs } from './recover.ts';
import { aborted, pause } from './waiting.ts';

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
  const { settings, log, stopping } = context;
  const crew = createCrew(context);
  for (const state of await recoverJobs(context)) crew.begin(state);
  let silence = 0;
  for (let turn = 0; !stopping.aborted; turn += 1) {
    const free = settings.slots - crew.size();
    if (free <= 0) {
      await crew.slotFreed();
      continue;
    }
    const taken = await takeJobs(free, turn, crew, context);
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
  await crew.finish();
}

/** The jobs under way. */
interface Crew {
  size(): number;
  has(pandaId: number): boolean;
  begin(state: JobState): void;
  /** Resolves when the next job is done, or the pilot is told to stop. */
  slotFreed(): Promise<void>;
  /** Resolves when all are done. */
  finish(): Promise<void>;
}

function createCrew(context: PilotContext): Crew {
  const running = new Map<number, JobRun>();
  let slotFreed = Promise.withResolvers<void>();
  let isLooking = false;
  const looking = setInterval(() => {
    if (isLooking || running.size === 0) return;
    isLooking = true;
    lookAround(context, running.values())
      .catch((error: unknown) => {
        context.log.line(`Could not look after the payloads: ${String(error)}`);
      })
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_MS);

  const freeSlot = (): void => {
    slotFreed.resolve();
    slotFreed = Promise.withResolvers<void>();
  };
  void aborted(context.stopping).then(freeSlot);

  return {
    size: () => running.size,
    has: (pandaId) => running.has(pandaId),
    begin: (state) => {
      const { pandaId } = state.job;
      const run = runJob(state, context);
      running.set(pandaId, run);
      void run.done.then(() => {
        running.delete(pandaId);
        freeSlot();
      });
    },
    slotFreed: () => slotFreed.promise,
    finish: async () => {
      await Promise.all([...running.values()].map((run) => run.done));
      clearInterval(looking);
    },
  };
}

async function lookAround(context: PilotContext, runs: Iterable<JobRun>): Promise<void> {
  const look = {
    processes: await context.table.scan(),
    freeMB: await freeMB(context.layout.workFolder),
  };
  await Promise.all([...runs].map((run) => run.observe(look)));
}

/** Asks each queue in turn until the free slots are filled; says how many jobs came, or why nobody answered. */
async function takeJobs(
  free: number,
  turn: number,
  crew: Crew,
  context: PilotContext,
): Promise<number | string> {
  let taken = 0;
  for (let index = 0; index < REQUESTS.length && taken < free; index += 1) {
    const { site, label } = REQUESTS[(turn + index) % REQUESTS.length] ?? REQUESTS[0];
    const answer = await context.link.acquire(site, label, free - taken, context.node);
    if (answer.kind === 'noAnswer') return answer.reason;
    for (const parsed of answer.jobs) {
      if (parsed.kind === 'unusable') {
        context.log.line(`The server gave out what is no job: ${parsed.reason}`);
      } else if (!crew.has(parsed.job.pandaId)) {
        const state: JobState = { job: parsed.job, site, launch: 0, phase: { kind: 'acquired' } };
        await note(state, context);
        crew.begin(state);
        taken += 1;
      }
    }
  }
  return taken;
}

/** A job that cannot be noted (the disk is full) is begun all the same: then it ends with an error that says so. */
async function note(state: JobState, { layout, log }: PilotContext): Promise<void> {
  try {
    await saveJobState(layout.workFolder, state);
  } catch (error) {
    log.line(`Job ${state.job.pandaId}: ${fileError(error, 'note the job').diag}`);
  }
}

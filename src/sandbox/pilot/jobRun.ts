import { attend, type Attendance, type Look } from './attend.ts';
import { createEnding, fileError, openDesk, type Desk, type Ending, type PilotContext } from './desk.ts';
import { countMemoryKills, findCoreFile, findTellingLine, readErrorReport } from './diagnosis.ts';
import type { JobState } from './jobState.ts';
import { failed, judge, KILLED_BY_SERVER, PILOT_ERROR, type PilotError, type Verdict } from './outcome.ts';
import { adoptPayload, launchPayload, type Payload } from './payload.ts';
import { payloadEnvironment } from './payloadEnvironment.ts';
import { prepare } from './prepare.ts';
import { createUsage } from './usage.ts';
import { conclude, wrapUp, type Epilogue } from './wrapUp.ts';

/** A job the pilot works on. */
export interface JobRun {
  /** Resolves when the job needs no more work from this pilot; never rejects. */
  readonly done: Promise<void>;
  observe(look: Look): Promise<void>;
}

/** Takes a job from wherever its state says it is to its end. */
export function runJob(state: JobState, context: PilotContext): JobRun {
  let attendance: Attendance | undefined;
  const done = work(state, context, (begun) => {
    attendance = begun;
  }).catch((error: unknown) => {
    // Nothing below should get here; if it does, the job's state is kept for the next pilot.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    context.log.line(`Job ${state.job.pandaId} is left as it is: ${text}`);
  });
  return {
    done,
    observe: async (look) => {
      await attendance?.observe(look);
    },
  };
}

async function work(
  state: JobState,
  context: PilotContext,
  onAttend: (attendance: Attendance) => void,
): Promise<void> {
  const desk = await openDesk(state, context);
  try {
    const { phase } = state;
    if (phase.kind === 'reporting') {
      await conclude(phase.report, false, desk, context);
      return;
    }
    const ending = createEnding(desk.log);
    const result = await runPayload(state, desk, context, ending, onAttend);
    if (result === undefined) return;
    const report = await wrapUp(result.verdict, result.epilogue, desk, context);
    await conclude(report, result.keepFolder, desk, context);
  } finally {
    desk.log.close();
  }
}

interface Result {
  readonly verdict: Verdict;
  readonly epilogue: Epilogue;
  readonly keepFolder: boolean;
}

/** Runs or takes over the payload until it is over; undefined when the pilot was told to stop before it began. */
async function runPayload(
  state: JobState,
  desk: Desk,
  context: PilotContext,
  ending: Ending,
  onAttend: (attendance: Attendance) => void,
): Promise<Result | undefined> {
  const taken = context.now();
  const running =
    state.phase.kind === 'running'
      ? {
          kind: 'running' as const,
          since: state.phase.since,
          payload: await adoptPayload(state.phase.pid, state.phase.startedAt, desk.files, context.table),
        }
      : await begin(desk, context, ending);
  if (running.kind === 'left') return undefined;
  if (running.kind === 'failed') {
    const epilogue = { since: undefined, until: context.now(), usage: {}, setupSeconds: 0 };
    return { verdict: failed(running.error), epilogue, keepFolder: false };
  }

  const { payload, since } = running;
  const stop = () => {
    ending.ask({ code: PILOT_ERROR.sigterm, diag: 'The sandbox was stopped while the job ran' });
  };
  if (context.stopping.aborted) stop();
  context.stopping.addEventListener('abort', stop, { once: true });
  const usage = createUsage();
  const memoryKills = await countMemoryKills();
  const attendance = attend(payload, since, usage, desk, context, ending);
  onAttend(attendance);
  const end = await attendance.ended;
  context.stopping.removeEventListener('abort', stop);

  if (end.kind === 'exit' && end.cpuSeconds !== undefined) usage.setCpuSeconds(end.cpuSeconds);
  const ok = end.kind === 'exit' && end.code === 0;
  const { workFolder } = desk.files;
  const verdict = judge({
    end,
    endedBy: ending.reason,
    report: await readErrorReport(workFolder),
    tellingLine: ok ? undefined : await findTellingLine(desk.stdoutFile, desk.stderrFile),
    coreFile: ok ? undefined : await findCoreFile(workFolder),
    memoryRanOut: (await countMemoryKills()) !== memoryKills,
  });
  desk.log.line(`Payload is over: ${end.kind === 'exit' ? `exit code ${end.code}` : end.kind}`);
  const setupSeconds = Math.max(0, Math.round((since - taken) / 1000));
  const epilogue = { since, until: context.now(), usage: usage.fields(), setupSeconds };
  return { verdict, epilogue, keepFolder: attendance.keepFolder() };
}

type Begun =
  | { readonly kind: 'running'; readonly payload: Payload; readonly since: number }
  | { readonly kind: 'failed'; readonly error: PilotError }
  | { readonly kind: 'left' };

/** Prepares a job and starts its payload. */
async function begin(desk: Desk, context: PilotContext, ending: Ending): Promise<Begun> {
  const { job, files, log } = desk;
  log.line(`Job ${job.pandaId} taken at ${desk.site} on ${context.node}`);
  const [answer, prepared] = await Promise.all([
    desk.reporter.send('starting'),
    prepare(desk, context, ending),
  ]);
  if (answer.kind === 'taken' && answer.commands.has('tobekilled')) {
    return { kind: 'failed', error: KILLED_BY_SERVER };
  }
  if (prepared.kind !== 'ready') return prepared;
  if (context.stopping.aborted) return { kind: 'left' };

  const since = context.now();
  try {
    const order = {
      command: prepared.command,
      workFolder: files.workFolder,
      stdoutFile: desk.stdoutFile,
      stderrFile: desk.stderrFile,
      environment: payloadEnvironment(job, {
        platform: context.platform,
        user: context.user,
        site: desk.site,
        pilotFolder: context.layout.workFolder,
        workFolder: files.workFolder,
        serverUrl: await context.link.locate(),
        version: context.settings.version,
      }),
    };
    const payload = await launchPayload(order, files, context.table);
    log.line(`Payload started, process ${payload.pid}`);
    return { kind: 'running', payload, since };
  } catch (error) {
    const { code, diag } = fileError(error, 'start the payload');
    const own = code === PILOT_ERROR.noLocalSpace ? code : PILOT_ERROR.launchFailed;
    return { kind: 'failed', error: { code: own, diag } };
  }
}

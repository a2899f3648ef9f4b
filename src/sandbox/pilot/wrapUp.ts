import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, type Desk, type PilotContext } from './desk.ts';
import { formatWireTime } from './jobLog.ts';
import { failed, PILOT_ERROR, type Verdict } from './outcome.ts';
import { badFileName, SECRETS } from './pilotJob.ts';
import type { JobUpdateFields } from './serverLink.ts';
import { outputReport, packLogs, removeFolder, stageOutput, type StagedFile } from './stageOut.ts';

/** What is known of a job that is over, besides its verdict. */
export interface Epilogue {
  /** Epoch milliseconds; undefined when no payload ran. */
  readonly since: number | undefined;
  readonly until: number;
  readonly usage: Readonly<Record<string, number>>;
  /** Seconds from taking the job to starting its payload. */
  readonly setupSeconds: number;
}

/** Stages a job's outputs and logs, and puts together the last word on it. */
export async function wrapUp(
  verdict: Verdict,
  epilogue: Epilogue,
  desk: Desk,
  context: PilotContext,
): Promise<JobUpdateFields> {
  const stagingSince = context.now();
  await takeBackSecrets(desk);
  const staged: StagedFile[] = [];
  const final = verdict.ok ? await stageOutputs(verdict, desk, staged) : verdict;
  desk.log.line(final.ok ? 'Job finished' : `Job failed: ${String(final.fields.pilot_error_diag)}`);
  const logged = await stageLog(final, desk, staged);

  const { since, until, setupSeconds } = epilogue;
  const payloadSeconds = since === undefined ? 0 : Math.round((until - since) / 1000);
  const stageOutSeconds = Math.round((context.now() - stagingSince) / 1000);
  return desk.reporter.lastWord(logged.ok ? 'finished' : 'failed', {
    ...(since === undefined ? {} : { start_time: formatWireTime(since) }),
    end_time: formatWireTime(until),
    cpu_consumption_unit: context.cpuModel,
    ...epilogue.usage,
    ...logged.fields,
    job_output_report: outputReport(staged, await desk.reporter.storageUrl()),
    // getjob | stage-in | payload | stage-out | set-up, seconds.
    pilot_timing: [0, 0, payloadSeconds, stageOutSeconds, setupSeconds].join('|'),
  });
}

/** Whatever the payload made of them: its folder may be kept, or staged out. */
async function takeBackSecrets({ files, log }: Desk): Promise<void> {
  try {
    await rm(join(files.workFolder, SECRETS), { recursive: true, force: true });
  } catch (error) {
    log.line(fileError(error, `remove ${SECRETS}`).diag);
  }
}

async function stageOutputs(verdict: Verdict, desk: Desk, staged: StagedFile[]): Promise<Verdict> {
  for (const lfn of desk.job.outputs) {
    try {
      const result = await stageOutput(lfn, desk.files.workFolder, desk.storageFolder);
      if (result.kind === 'failed') return failed(result.error, verdict.fields);
      staged.push(result.file);
      desk.log.line(`Staged out: ${lfn} (${result.file.fsize} bytes)`);
    } catch (error) {
      return failed(fileError(error, `stage out ${lfn}`), verdict.fields);
    }
  }
  return verdict;
}

async function stageLog(verdict: Verdict, desk: Desk, staged: StagedFile[]): Promise<Verdict> {
  const { log } = desk.job;
  // A name that would lead elsewhere has failed the job already.
  if (log === null || badFileName(log.lfn) !== undefined) return verdict;
  try {
    staged.push(await packLogs(log.lfn, log.guid, desk.storageFolder));
    return verdict;
  } catch (error) {
    const { code, diag } = fileError(error, 'pack the logs');
    desk.log.line(diag);
    if (!verdict.ok) return verdict;
    const own = code === PILOT_ERROR.fileHandling ? PILOT_ERROR.logCreation : code;
    return failed({ code: own, diag }, verdict.fields);
  }
}

/**
 * Sends the last word and clears the desk. It is written down only when the server does not take it at once: until then
 * the next pilot comes to the same word by itself. Without an answer in all the time there is, it is left to that one.
 */
export async function conclude(
  report: JobUpdateFields,
  keepFolder: boolean,
  desk: Desk,
  context: PilotContext,
): Promise<void> {
  const taken = await desk.reporter.sendLastWord(report, async () => {
    try {
      await desk.save({ kind: 'reporting', report });
    } catch (error) {
      context.log.line(fileError(error, `note the result of job ${desk.job.pandaId}`).diag);
    }
  });
  if (!keepFolder) await removeFolder(desk.files.workFolder);
  if (taken) await desk.forget();
}

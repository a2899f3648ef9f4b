import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { PilotContext } from './desk.ts';
import { jobFolder, readJobStates, saveJobState, type JobState } from './jobState.ts';
import { claimant, claimLaunch } from './payload.ts';

/** Jobs that an earlier pilot took and did not bring to an end, each with its state made certain. */
export async function recoverJobs(context: PilotContext): Promise<readonly JobState[]> {
  const { states, unreadable } = await readJobStates(context.layout.workFolder);
  for (const id of unreadable) context.log.line(`Notes on job ${id} cannot be read; it is left alone`);
  const certain: JobState[] = [];
  for (const state of states) {
    const found = state.phase.kind === 'launching' ? await settleLaunch(state, context) : state;
    context.log.line(`Going on with job ${found.job.pandaId}: ${found.phase.kind}`);
    certain.push(found);
  }
  return certain;
}

/** A launch that was interrupted either has its payload running, or is claimed back and can be made again. */
async function settleLaunch(state: JobState, context: PilotContext): Promise<JobState> {
  const { workFolder } = context.layout;
  const folder = jobFolder(workFolder, state.job.pandaId, state.launch);
  if (await claimLaunch(folder.path, folder.claimFile)) {
    const again: JobState = { ...state, launch: state.launch + 1, phase: { kind: 'acquired' } };
    await saveJobState(workFolder, again);
    return again;
  }
  const pid = await readClaimant(folder.claimFile);
  const startedAt = pid === undefined ? undefined : await context.table.identify(pid);
  const since = (await stat(folder.claimFile)).mtimeMs;
  return { ...state, phase: { kind: 'running', pid: pid ?? 0, startedAt: startedAt ?? '', since } };
}

/** The shell writes its pid right after it made the claim file: an empty file is met only in between. */
async function readClaimant(claimFile: string): Promise<number | undefined> {
  for (let tries = 0; tries < 20; tries += 1) {
    const pid = await claimant(claimFile);
    if (pid !== undefined) return pid;
    await delay(50);
  }
  return undefined;
}

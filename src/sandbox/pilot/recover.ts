import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { PilotContext } from './desk.ts';
import { jobFiles, readJobStates, saveJobState, type JobState } from './jobState.ts';
import { claimant, claimLaunch } from './payload.ts';

/** Jobs that an earlier pilot took and did not bring to an end, each with its state made certain. */
export async function recoverJobs(context: PilotContext): Promise<readonly JobState[]> {
  const { states, unreadable } = await readJobStates(context.layout.workFolder);
  for (const id of unreadable) context.log.line(`Notes on job ${id} cannot be read; it is left alone`);
  const certain: JobState[] = [];
  for (const state of states) {
    const found = state.phase.kind === 'acquired' ? await settleLaunch(state, context) : state;
    context.log.line(`Going on with job ${found.job.pandaId}: ${found.phase.kind}`);
    certain.push(found);
  }
  return certain;
}

/** A job without a note of its process either was started all the same, or is claimed back and can be started. */
async function settleLaunch(state: JobState, context: PilotContext): Promise<JobState> {
  const { workFolder } = context.layout;
  const { claimFile } = jobFiles(workFolder, state.job.pandaId, state.launch);
  if (await claimLaunch(claimFile)) {
    const again: JobState = { ...state, launch: state.launch + 1, phase: { kind: 'acquired' } };
    await saveJobState(workFolder, again);
    return again;
  }
  const pid = await readClaimant(claimFile);
  // Only the leader of a session can be our shell; anything else has the pid after it.
  const shell = (await context.table.scan()).find((row) => row.pid === pid && row.session === pid);
  const since = (await stat(claimFile)).mtimeMs;
  return { ...state, phase: { kind: 'running', pid: pid ?? 0, startedAt: shell?.startedAt ?? '', since } };
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

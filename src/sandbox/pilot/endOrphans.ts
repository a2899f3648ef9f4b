import { access } from 'node:fs/promises';
import { jobFiles, readJobStates, type JobState } from './jobState.ts';
import { claimant, endProcesses } from './payload.ts';
import { createProcessTable, type ProcessTable } from './processTable.ts';

/**
 * Ends payloads that run although neither sandbox nor pilot does. The next pilot finds them ended and reports them.
 */
export async function endOrphans(workFolder: string, graceMs: number): Promise<void> {
  if (!(await exists(workFolder))) return;
  const { states } = await readJobStates(workFolder);
  if (states.length === 0) return;
  const table = createProcessTable(process.platform);
  await Promise.all(
    states.map(async (state) => {
      const leader = await runningLeader(state, workFolder, table);
      if (leader !== undefined) await endProcesses(leader, new Map(), table, graceMs);
    }),
  );
}

/** The shell that leads a job's payload, if it is certain that it still does. */
async function runningLeader(
  { job, launch, phase }: JobState,
  workFolder: string,
  table: ProcessTable,
): Promise<number | undefined> {
  switch (phase.kind) {
    case 'running':
      return (await table.identify(phase.pid)) === phase.startedAt ? phase.pid : undefined;
    case 'acquired': {
      const { claimFile } = jobFiles(workFolder, job.pandaId, launch);
      const pid = (await exists(claimFile)) ? await claimant(claimFile) : undefined;
      return (await table.scan()).find((row) => row.pid === pid && row.session === pid)?.pid;
    }
    case 'reporting':
      return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

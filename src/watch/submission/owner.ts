import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { SubmissionOwner } from './lines.ts';

/** Says who we are and whether the owner of a submission still lives. */
export interface ProcessTable {
  self(): Promise<Omit<SubmissionOwner, 'token'>>;
  /** `lastWrite`: epoch milliseconds at which the owner last wrote to its journal. */
  isAlive(owner: SubmissionOwner, lastWrite: number): Promise<boolean>;
}

/** A process on another machine cannot be asked; one that wrote nothing for this long (ms) has ended. */
const SILENCE_OF_THE_DEAD = 3_600_000;

/** The processes of this machine. */
export function systemProcesses(now: () => number): ProcessTable {
  let started: Promise<string | null> | undefined;
  return {
    self: async () => {
      started ??= startMarker(process.pid);
      return { host: hostname(), pid: process.pid, started: await started };
    },
    isAlive: async (owner, lastWrite) => {
      if (owner.host !== hostname()) return now() - lastWrite < SILENCE_OF_THE_DEAD;
      if (!exists(owner.pid)) return false;
      const started = await startMarker(owner.pid);
      return started === null || owner.started === null || started === owner.started;
    },
  };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Boot and start time of a process from /proc; null on systems without it, where only the number counts. */
async function startMarker(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The name in brackets may hold blanks; the start time is the 20th field after it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? null : `${boot.trim()}:${ticks}`;
  } catch {
    return null;
  }
}

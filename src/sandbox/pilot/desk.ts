import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxLayout } from '../layout.ts';
import type { Http } from './http.ts';
import { openJobLog, type Log } from './jobLog.ts';
import { forgetJob, jobFiles, saveJobState, type JobFiles, type JobState, type Phase } from './jobState.ts';
import { PILOT_ERROR, type PilotError } from './outcome.ts';
import { PILOT_LOG, STDERR, STDOUT, type PilotJob } from './pilotJob.ts';
import type { ProcessTable } from './processTable.ts';
import { createReporter, type Reporter } from './reporter.ts';
import type { ServerLink } from './serverLink.ts';
import type { PilotSettings } from './settings.ts';

/** What all jobs of a pilot share. */
export interface PilotContext {
  readonly settings: PilotSettings;
  readonly layout: SandboxLayout;
  readonly link: ServerLink;
  readonly http: Http;
  readonly table: ProcessTable;
  readonly log: Log;
  readonly platform: NodeJS.Platform;
  readonly node: string;
  readonly user: string;
  readonly cpuModel: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborts when the pilot is told to stop: payloads are ended, and jobs that have none are left to the next pilot. */
  readonly stopping: AbortSignal;
}

/** Everything one job has of its own while a pilot works on it. */
export interface Desk {
  readonly job: PilotJob;
  readonly site: string;
  readonly files: JobFiles;
  readonly storageFolder: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly log: Log;
  readonly reporter: Reporter;
  /** Writes down how far the job has come: that its payload runs, or is over. */
  save(phase: Phase): Promise<void>;
  /** Forgets the job: it needs no more work. */
  forget(): Promise<void>;
}

export async function openDesk(state: JobState, context: PilotContext): Promise<Desk> {
  const { job, site, launch } = state;
  const { layout, link, settings, node } = context;
  const storageFolder = join(layout.storageFolder, String(job.pandaId));
  const inTurn = createTurns();
  await mkdir(storageFolder, { recursive: true, mode: 0o700 });
  return {
    job,
    site,
    files: jobFiles(layout.workFolder, job.pandaId, launch),
    storageFolder,
    stdoutFile: join(storageFolder, STDOUT),
    stderrFile: join(storageFolder, STDERR),
    log: openJobLog(join(storageFolder, PILOT_LOG), context.now),
    reporter: createReporter(job, site, link, settings, node, (text) => context.log.line(text)),
    // Where a payload was started it has its secrets; until then a later pilot may have to give them.
    save: (phase) =>
      inTurn(() => saveJobState(layout.workFolder, { ...state, job: { ...job, secrets: null }, phase })),
    forget: () => inTurn(() => forgetJob(layout.workFolder, job.pandaId, launch)),
  };
}

/** Runs what it is given one after the other: a note under way must not outlive its removal. */
function createTurns(): (action: () => Promise<void>) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  return (action) => {
    const turn = before.then(action);
    before = turn.catch(() => undefined); // Whoever asked for the action hears of its failure.
    return turn;
  };
}

/** Asks for the end of a job; the first reason given is the one that counts. */
export interface Ending {
  readonly reason: PilotError | undefined;
  /** Aborts when the end is asked for. */
  readonly signal: AbortSignal;
  ask(reason: PilotError): void;
}

export function createEnding(log: Log): Ending {
  const controller = new AbortController();
  let reason: PilotError | undefined;
  return {
    get reason() {
      return reason;
    },
    signal: controller.signal,
    ask: (given) => {
      if (reason !== undefined) return;
      reason = given;
      log.line(`Ending the job: ${given.diag}`);
      controller.abort();
    },
  };
}

/** A failed file operation as a pilot error. */
export function fileError(error: unknown, tried: string): PilotError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return { code: PILOT_ERROR.noLocalSpace, diag: `No space left on the disk: could not ${tried}` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: PILOT_ERROR.fileHandling, diag: `Could not ${tried}: ${message}` };
}

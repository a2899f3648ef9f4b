import { setTimeout as delay } from 'node:timers/promises';
import type { PilotJob } from './pilotJob.ts';
import { PILOT_LOG } from './pilotJob.ts';
import type { PilotSettings } from './settings.ts';
import { pause } from './waiting.ts';
import type { JobUpdateFields, ServerLink, UpdateAnswer } from './serverLink.ts';

type Fields = Readonly<Record<string, string | number | undefined>>;

/** Tells the server about one job: heartbeats while it runs, and the last word until it is taken. */
export interface Reporter {
  /** Where the server serves this job's storage folder. */
  storageUrl(): Promise<string>;
  send(status: JobUpdateFields['job_status'], more?: Fields): Promise<UpdateAnswer>;
  /** Sends `running` now and then at every heartbeat, until the signal; hands on every answer. */
  heartbeat(
    fields: () => Promise<Fields>,
    onAnswer: (answer: UpdateAnswer) => void,
    until: AbortSignal,
  ): Promise<void>;
  /** The fields of a last word, to be kept until the server has taken it. */
  lastWord(status: 'finished' | 'failed', more: Fields): Promise<JobUpdateFields>;
  /**
   * Repeats the last word until the server takes it; false when it never answered in all the time there is.
   * `onTrouble` is called once, when the first try got no answer.
   */
  sendLastWord(report: JobUpdateFields, onTrouble: () => Promise<void>): Promise<boolean>;
}

/** Longest pause before another try when the server does not answer a heartbeat (the pilot's own rule). */
const RETRY_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export function createReporter(
  job: PilotJob,
  site: string,
  link: ServerLink,
  settings: PilotSettings,
  node: string,
  say: (text: string) => void,
): Reporter {
  const storageUrl = async () => `${await link.locate()}/storage/${job.pandaId}`;
  const build = async (status: JobUpdateFields['job_status'], more: Fields): Promise<JobUpdateFields> => ({
    job_id: job.pandaId,
    job_status: status,
    attempt_nr: job.attemptNr,
    site_name: site,
    node,
    batch_id: `sandbox-${job.pandaId}`,
    pilot_id: `${await storageUrl()}/${PILOT_LOG}|sandbox|PR|desc-panda-${settings.version}`,
    core_count: job.cores,
    ...more,
  });

  return {
    storageUrl,
    send: async (status, more = {}) => link.update(await build(status, more)),
    lastWord: build,

    heartbeat: async (fields, onAnswer, until) => {
      const period = settings.heartbeatSeconds * 1000;
      while (!until.aborted) {
        const answer = await link.update(await build('running', await fields()));
        if (!until.aborted) onAnswer(answer);
        await pause(answer.kind === 'noAnswer' ? Math.min(period, RETRY_MS) : period, until);
      }
    },

    sendLastWord: async (report, onTrouble) => {
      const deadline = performance.now() + settings.giveUpSeconds * 1000;
      for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
        const answer = await link.update(report);
        if (answer.kind === 'taken') return true;
        say(`Server did not take the last word on job ${job.pandaId}: ${answer.reason}`);
        // Repeating what was refused is of no use, and another word would not be the truth.
        if (answer.kind === 'refused') return true;
        if (wait === FIRST_PAUSE_MS) await onTrouble();
        if (performance.now() > deadline) return false;
        await delay(wait);
      }
    },
  };
}

import type { JobFacts } from '../service/facts.ts';
import type { JournalJob } from '../service/journal.ts';
import { parseSummary } from './pipelineMail.ts';
import type { EndMail, StartMail } from './pipelineMail.ts';

/** A job as its mails name it. */
type NamedJob = Pick<JournalJob, 'instance' | 'workingDirectory' | 'logFile'>;

export function startMail(job: NamedJob, facts: JobFacts): StartMail {
  return { kind: 'start', ...headOf(job, facts) };
}

/** `summary`: what the job wrote. PanDA's word counts for how it ended, the job's for what it measured and set. */
export function endMail(job: NamedJob, facts: JobFacts, summary: string): EndMail {
  const head = headOf(job, facts);
  return {
    kind: 'end',
    ...head,
    endTime: facts.ended,
    exitCode: exitCodeOf(facts),
    ...measured(head.startTime, facts),
    ...told(summary, job.instance),
  };
}

function headOf({ instance, workingDirectory, logFile }: NamedJob, facts: JobFacts) {
  return {
    processInstance: instance,
    host: facts.host ?? facts.site,
    // The pipeline hears of a job that never ran, too: it would wait for it for ever.
    startTime: facts.started ?? facts.ended,
    workDir: workingDirectory,
    logFile: workingDirectory === null ? logFile : `${workingDirectory}/${logFile}`,
  };
}

/** A job that failed for another reason than its payload has failed all the same. */
function exitCodeOf({ state, exitCode }: JobFacts): number {
  if (state === 'finished') return exitCode ?? 0;
  return exitCode === null || exitCode === 0 ? -1 : exitCode;
}

type Told = Pick<EndMail, 'elapsed' | 'user' | 'system' | 'variables' | 'substreams'>;

function measured(startTime: number | null, { ended, cpuSeconds }: JobFacts): Told {
  const elapsed = ended === null || startTime === null ? null : Math.max(0, (ended - startTime) / 1000);
  return { elapsed, user: cpuSeconds, system: 0, variables: new Map(), substreams: [] };
}

/** What the job wrote is its own affair: a summary that cannot be read loses its variables, not the mail. */
function told(text: string, instance: string): Partial<Told> {
  if (text === '') return {};
  try {
    const { elapsed, user, system, variables, substreams } = parseSummary(text, instance);
    return {
      ...(elapsed === null ? {} : { elapsed }),
      ...(user === null ? {} : { user }),
      ...(system === null ? {} : { system }),
      variables,
      substreams,
    };
  } catch {
    return {};
  }
}

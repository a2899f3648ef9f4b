import { JOB_ATTRIBUTES } from '../../../../src/panda/index.ts';

/** A job to send: attributes that are set, and its files. */
export type JobFacts = Readonly<Record<string, unknown>> & { readonly jobName: string };

const STANDARD: Readonly<Record<string, unknown>> = {
  transformation: 'http://pandawms.org/pandawms-jobcache/lsst-trf.sh',
  prodSourceLabel: 'user',
  computingSite: 'SANDBOX',
  jobParameters: ' -- run ',
  destinationDBlock: 'panda.lsst.user.test',
  destinationSE: 'local',
  VO: 'lsst',
  processingType: 'script',
  prodUserName: 'tester',
  attemptNr: 0,
};

/** The text that `job/submit` takes: positional lists, unset as `NULL`. Every job has a log, and the outputs named. */
export function submissionText(jobs: readonly JobFacts[], outputs: readonly string[] = []): string {
  return JSON.stringify(jobs.map((job) => wireJob(job, outputs)));
}

function wireJob(facts: JobFacts, outputs: readonly string[]): unknown[] {
  const attributes: Readonly<Record<string, unknown>> = { ...STANDARD, ...facts };
  const names: readonly (readonly [string, string])[] = [
    [`${facts.jobName}.job.log.tgz`, 'log'],
    ...outputs.map((name) => [`${facts.jobName}.${name}`, 'output'] as const),
  ];
  const files = names.map(([lfn, type]) => wireFile(lfn, type, attributes));
  return [...JOB_ATTRIBUTES.map(([name]) => attributes[name] ?? 'NULL'), files];
}

function wireFile(lfn: string, type: string, job: Readonly<Record<string, unknown>>): unknown[] {
  const file: unknown[] = Array.from({ length: 18 }, () => 'NULL');
  file[3] = lfn;
  file[4] = type;
  file[5] = job.destinationDBlock ?? 'NULL';
  file[11] = job.destinationDBlock ?? 'NULL';
  file[13] = 'local';
  return [...file, null];
}

import { queryPairs, type Recorded } from '../../../transcripts/recordings.ts';
import type { JobFacts } from '../wireJobs.ts';
import type { Prepared, Stage } from './stage.ts';

/** What the recordings do not show but need: jobs that were there, in the states they were in. */

const FIRST_RECORDED_ID = 6_900_000_000;
const LAST_RECORDED_ID = 6_999_999_999;

/** Brings about what must be there before an exchange. `recording`: all exchanges of its file. */
export async function prepareFor(
  stage: Stage,
  exchange: Recorded,
  recording: readonly Recorded[],
): Promise<void> {
  const own = BY_FILE[exchange.file];
  await own?.(stage, exchange, recording);
  for (const id of idsOf(exchange.request)) {
    if (!stage.ours.has(id)) await stage.prepare([describedJob(id, exchange, recording)]);
  }
}

type Preparation = (stage: Stage, exchange: Recorded, recording: readonly Recorded[]) => void | Promise<void>;

const BY_FILE: Readonly<Record<string, Preparation>> = {
  'job-defined.json': beforeDefined,
  'job-admin.json': beforeAdmin,
  'pilot-acquire.json': beforeAcquire,
  'statistics.json': async (stage, { name }) => {
    if (name === 'job_stats_by_cloud') await countedJobs(stage, 'withEnded');
  },
  'file-server.json': async (stage, { name }) => {
    if (name !== 'validate registered') return;
    const file_name = 'jobO.1795402368.tar.gz';
    await stage.cacheFile(file_name, new Uint8Array(38));
    const facts = { user_name: 'Alice Adams', file_name, file_size: 38, checksum: '12345' };
    await stage.asPilot('file_server/register_cache_file', facts);
  },
};

/** Jobs that a request names by their recorded ids. */
function idsOf(request: Recorded['request']): readonly number[] {
  const body = request.body as { job_ids?: unknown; job_id?: unknown } | undefined;
  const fromBody: readonly unknown[] = Array.isArray(body?.job_ids) ? body.job_ids : [body?.job_id];
  const fromQuery = queryPairs(request).map(([, value]) => value);
  return [...fromBody, ...fromQuery].filter(
    (value): value is number =>
      typeof value === 'number' && value > FIRST_RECORDED_ID && value < LAST_RECORDED_ID,
  );
}

type Description = Readonly<Record<string, unknown>> & { readonly PandaID: number };

/** A job as a later exchange describes it, in the state that the exchange speaks of. */
function describedJob(id: number, { file, name }: Recorded, recording: readonly Recorded[]): Prepared {
  const described = recording.flatMap(descriptionsIn).find(({ PandaID }) => PandaID === id);
  return { recordedId: id, facts: factsOf(id, described), state: stateNamed(file, name) };
}

function descriptionsIn({ response }: Recorded): readonly Description[] {
  const data = (response.body as { data?: unknown } | null)?.data;
  const items: readonly unknown[] = Array.isArray(data) ? data : [];
  return items.filter(
    (item): item is Description => typeof item === 'object' && item !== null && 'jobParameters' in item,
  );
}

const KEPT = [
  'jobDefinitionID',
  'prodSourceLabel',
  'computingSite',
  'jobParameters',
  'taskID',
  'VO',
  'processingType',
  'prodUserName',
  'coreCount',
  'minRamCount',
  'destinationDBlock',
];

function factsOf(id: number, described: Description | undefined): JobFacts {
  if (described === undefined) {
    // Alice's, but by a name that counts its calls apart from hers.
    return { ...PANDA_JOB, jobName: `prepared.${id}`, prodUserName: 'Alice Adams 777' };
  }
  const kept = KEPT.map((name) => [name, described[name]] as const);
  return {
    ...Object.fromEntries(kept),
    // A managed job keeps the priority it is sent with.
    currentPriority: 1000,
    jobName: String(described.jobName),
  };
}

function stateNamed(file: string, name: string): Prepared['state'] {
  if (file === 'job-lifecycle-failed.json') return 'sent';
  const first = name.split(':')[0] ?? '';
  const states = ['sent', 'starting', 'running', 'transferring', 'holding', 'finished'] as const;
  if (first === 'managed running') return 'running';
  return states.find((state) => state === first) ?? 'activated';
}

const PANDA_JOB = {
  prodSourceLabel: 'panda',
  computingSite: 'BNL-LSST',
  prodUserName: 'alice adams',
  processingType: 'SingleFrame',
  destinationDBlock: 'panda.lsst.user.1201.SingleFrame',
  currentPriority: 1000,
  taskID: 1201,
} satisfies Omit<JobFacts, 'jobName'>;

/** The job of this recording is set up so slowly that it is never activated; others are there to be counted. */
async function beforeDefined(stage: Stage, { name }: Recorded): Promise<void> {
  if (!name.startsWith('submit')) return;
  await countedJobs(stage, 'withoutPanda');
  // Refused for its long name, but the owner's number is used.
  const jobName = 'n'.repeat(300);
  await stage.prepare([
    {
      facts: { ...PANDA_JOB, jobName, jobDefinitionID: 9495, prodUserName: 'Alice Adams' },
      state: 'activated',
    },
  ]);
}

async function beforeAdmin(stage: Stage, { name }: Recorded): Promise<void> {
  if (name !== 'reassign a running job') return;
  stage.setUp();
  const facts = { ...PANDA_JOB, jobName: 'on its way' };
  await stage.leadOn(6_900_004_001, { facts, state: 'running' });
}

/**
 * The jobs of the recorded counts: with those that had ended lately, or later without an activated panda job, which was
 * still counted when it was taken.
 */
async function countedJobs(stage: Stage, when: 'withEnded' | 'withoutPanda'): Promise<void> {
  const job = (
    jobName: string,
    facts: Omit<Partial<JobFacts>, 'jobName'>,
    state: Prepared['state'],
  ): Prepared => ({
    facts: { ...PANDA_JOB, ...facts, jobName },
    state,
  });
  const slac = { computingSite: 'SLAC-LSST' };
  const test = { prodSourceLabel: 'test' };
  const big = { prodSourceLabel: 'user', coreCount: 8, minRamCount: 16_000 };
  const ended = [
    job('c1', { prodSourceLabel: 'managed' }, 'cancelled'),
    job('c2', slac, 'finished'),
    job('c3', slac, 'failed'),
  ];
  const active = [
    job('c4', {}, 'starting'),
    job('c5', {}, 'running'),
    job('c6', test, 'running'),
    job('c7', slac, 'running'),
    job('c8', when === 'withEnded' ? {} : { prodSourceLabel: 'user' }, 'activated'),
    job('c9', test, 'activated'),
    job('c10', slac, 'activated'),
    job('c11', { prodSourceLabel: 'managed' }, 'activated'),
    job('c12', big, 'activated'),
    job('c13', big, 'activated'),
  ];
  for (const prepared of [...(when === 'withEnded' ? ended : []), ...active]) await stage.prepare([prepared]);
}

interface Handed {
  readonly PandaID: number;
  readonly jobName: string;
  readonly jobDefinitionID: number;
  readonly prodSourceLabel: string;
  readonly jobPars: string;
  readonly coreCount: number;
  readonly minRamCount: number;
}

/** Exchanges whose jobs must be there earlier: another request is to find that they do not fit. */
const EARLIER: Readonly<Record<string, string>> = {
  'site in test with label user': 'site in test with label panda',
  'resource type SCORE for an 8 core job': 'resource type MCORE for an 8 core job',
};

/** Jobs that the pilot is going to get. */
async function beforeAcquire(
  stage: Stage,
  { name }: Recorded,
  recording: readonly Recorded[],
): Promise<void> {
  if (name === 'label panda does not get a user job') {
    const facts = { ...PANDA_JOB, prodSourceLabel: 'user', jobName: 'of a user', jobDefinitionID: 1 };
    await stage.prepare([{ facts, state: 'activated' }]);
  }
  const giving = recording.find((exchange) => exchange.name === (EARLIER[name] ?? name));
  const { data } = giving?.response.body as { data?: { jobs?: readonly Handed[] } };
  const jobs = data?.jobs ?? [];
  if (jobs.length === 0 || jobs.every(({ PandaID }) => stage.ours.has(PandaID))) return;
  const computingSite = (giving?.request.body as { site_name: string }).site_name;
  await stage.prepare(
    jobs.map((job) => ({
      recordedId: job.PandaID,
      state: 'activated',
      facts: {
        ...PANDA_JOB,
        computingSite,
        jobName: job.jobName,
        jobDefinitionID: job.jobDefinitionID,
        prodSourceLabel: job.prodSourceLabel,
        jobParameters: job.jobPars,
        ...(job.coreCount > 1 ? { coreCount: job.coreCount, minRamCount: job.minRamCount } : {}),
      },
    })),
  );
}

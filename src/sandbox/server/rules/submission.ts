import { cleanName, FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import type { Identity } from '../identity.ts';
import { FILE_PLACES as FILE, JOB_PLACES as JOB, ZERO_ATTRIBUTES, type Values } from '../store/columns.ts';
import { isTooLong } from '../store/columnLengths.ts';
import type { NewJob } from '../store/store.ts';
import { resourceType } from './resourceTypes.ts';
import type { WireJob } from '../wire/submittedJobs.ts';

/** What a submission is judged and completed with. */
export interface SubmissionContext {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly isSite: (name: string) => boolean;
  /** The number that the owner's call gets: the one asked for, or the next where it was used. */
  readonly definitionId: (owner: string | null, asked: number | null) => number;
  /** A new PandaID, never used again even if its job is refused. */
  readonly nextPandaId: () => number;
}

/** One entry of the answer, and the job to store; no job where the database would have refused it. */
export interface SubmittedJob {
  readonly entry: readonly unknown[];
  readonly stored: NewJob | undefined;
}

/** Labels whose owner, priority, attempts and numbers the server decides. */
const USER_LABELS: ReadonlySet<unknown> = new Set(['panda', 'user']);
const SHARES: Readonly<Record<string, string>> = {
  panda: 'User Analysis',
  user: 'User Analysis',
  managed: 'Production',
  test: 'Test',
};

/** Why a whole call is refused; undefined where it is not. */
export function refusal(jobs: readonly WireJob[], identity: Identity): string | undefined {
  if (jobs.length === 0) return 'No jobs were submitted';
  if (!identity.production && jobs.some((job) => job.values[JOB.prodSourceLabel] === 'managed')) {
    return `${identity.dn} is missing production for prodSourceLabel=managed submission`;
  }
  const label = jobs
    .map((job) => text(job.values[JOB.job_label]) ?? 'user')
    .find((value) => value !== 'user' && value !== 'managed');
  return label === undefined ? undefined : `job_label=${label} is not valid`;
}

/** Turns the jobs of one call into records, as the server does: several attributes are its own to decide. */
export function acceptJobs(jobs: readonly WireJob[], context: SubmissionContext): readonly SubmittedJob[] {
  const first = jobs[0];
  if (first === undefined) return [];
  const owner = ownerOf(first, context.identity);
  const isUserCall = USER_LABELS.has(first.values[JOB.prodSourceLabel]);
  const asked = integer(first.values[JOB.jobDefinitionID]);
  const callNumber = isUserCall ? context.definitionId(owner.prodUserName, asked ?? null) : undefined;
  const buildBit = first.values[JOB.prodSourceLabel] === 'panda' ? 1 : 0;
  const taskID = 2 * jobs.length - buildBit;
  return jobs.map((wire) => {
    const values: Draft = [...wire.values];
    values[JOB.prodUserID] = owner.prodUserID;
    values[JOB.prodUserName] = owner.prodUserName;
    values[JOB.VO] = owner.VO;
    if (callNumber !== undefined) {
      values[JOB.jobDefinitionID] = callNumber;
      values[JOB.taskID] = taskID;
      values[JOB.currentPriority] = wire.values[JOB.prodSourceLabel] === 'panda' ? 2000 : 1000;
      values[JOB.maxAttempt] = 2;
    }
    return acceptJob(values, wire, isUserCall, context);
  });
}

/** The values of a job on its way from what was sent to what is stored. */
type Draft = unknown[];

/** For VO lsst the name in the first job is the owner of all, unchecked; elsewhere it is who sends them. */
function ownerOf(
  first: WireJob,
  identity: Identity,
): { prodUserID: string | null; prodUserName: string | null; VO: string } {
  const vo = text(first.values[JOB.VO]) ?? 'atlas';
  const name = text(first.values[JOB.prodUserName]);
  if (vo !== 'lsst' || name === '' || name === 'None') {
    return { prodUserID: identity.dn, prodUserName: cleanName(identity.dn), VO: vo };
  }
  return { prodUserID: name, prodUserName: name, VO: vo };
}

function acceptJob(
  values: Draft,
  wire: WireJob,
  isUserCall: boolean,
  context: SubmissionContext,
): SubmittedJob {
  const label = text(values[JOB.prodSourceLabel]);
  const site = text(values[JOB.computingSite]);
  const { now } = context;
  complete(values, { label, site, isKnownSite: site !== null && context.isSite(site), now });
  const pandaId = context.nextPandaId();
  const job = record(values, pandaId);
  const entryId = job === undefined ? 'NULL' : pandaId;
  const third = isUserCall ? { jobsetID: values[JOB.jobsetID] ?? 'NULL' } : (values[JOB.jobName] ?? 'NULL');
  return {
    entry: [entryId, values[JOB.jobDefinitionID] ?? 'NULL', third],
    stored: job === undefined ? undefined : { job, files: wire.files.map((file) => fileRecord(file, job)) },
  };
}

interface CompletionFacts {
  readonly label: string | null;
  readonly site: string | null;
  readonly isKnownSite: boolean;
  readonly now: number;
}

function complete(values: Draft, { label, site, isKnownSite, now }: CompletionFacts): void {
  if (values[JOB.job_label] === null) {
    values[JOB.job_label] = USER_LABELS.has(label) && isKnownSite ? 'user' : 'managed';
  }
  values[JOB.gshare] = SHARES[label ?? ''] ?? 'Undefined';
  values[JOB.relocationFlag] = site === null ? 0 : 1;
  values[JOB.resource_type] = resourceType(
    integer(values[JOB.coreCount]) ?? 1,
    integer(values[JOB.minRamCount]) ?? 0,
  ).name;
  values[JOB.jobStatus] = 'defined';
  for (const name of ['creationTime', 'modificationTime', 'stateChangeTime', 'prodDBUpdateTime'] as const) {
    values[JOB[name]] = now;
  }
  for (const name of ['startTime', 'endTime'] as const) values[JOB[name]] = null;
}

/** What is stored; undefined where a column would not take its value. */
function record(values: Readonly<Draft>, pandaId: number): Values | undefined {
  const row: (string | number | null)[] = [];
  for (const [place, [name, kind]] of JOB_ATTRIBUTES.entries()) {
    const value = values[place];
    const stored = kind === 'text' ? text(value) : numeric(value, kind === 'number');
    if (stored === undefined || (typeof stored === 'string' && isTooLong(name, stored))) return undefined;
    row.push(stored);
  }
  for (const name of ZERO_ATTRIBUTES) row[JOB[name]] ??= 0;
  row[JOB.PandaID] = pandaId;
  return row;
}

function fileRecord(wire: WireJob['files'][number], job: Values): Values {
  const row: (string | number | null)[] = FILE_ATTRIBUTES.map(([, kind], place) =>
    kind === 'text' ? text(wire[place]) : (numeric(wire[place], false) ?? null),
  );
  row[FILE.row_ID] = null;
  row[FILE.PandaID] = job[JOB.PandaID] ?? null;
  row[FILE.status] ??= 'unknown';
  row[FILE.fsize] ??= 0;
  // Outside lsst the scope of a file is the first word of its data set.
  if (job[JOB.VO] === 'atlas') row[FILE.scope] ??= text(wire[FILE.dataset])?.split('.')[0] ?? null;
  return row;
}

function text(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

/** The number a column would store; null for unset, undefined for what it would refuse. */
function numeric(value: unknown, isReal: boolean): number | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const result = isReal ? Number(value) : Math.trunc(Number(value));
  const fits = isReal ? Number.isFinite(result) : Number.isSafeInteger(result);
  return fits ? result : undefined;
}

function integer(value: unknown): number | undefined {
  return numeric(value, false) ?? undefined;
}

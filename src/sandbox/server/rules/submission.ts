import {
  cleanName,
  FILE_ATTRIBUTES,
  JOB_ATTRIBUTES,
  type FileAttributes,
  type JobAttribute,
  type JobAttributes,
} from '../../../panda/index.ts';
import type { Identity } from '../identity.ts';
import { ZERO_ATTRIBUTES, type StoredFile, type StoredJob } from '../store/columns.ts';
import { isTooLong } from '../store/columnLengths.ts';
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
  readonly stored:
    { readonly job: StoredJob; readonly files: readonly Omit<StoredFile, 'row_ID'>[] } | undefined;
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
  if (!identity.production && jobs.some((job) => job.attributes.get('prodSourceLabel') === 'managed')) {
    return `${identity.dn} is missing production for prodSourceLabel=managed submission`;
  }
  const label = jobs
    .map((job) => text(job.attributes.get('job_label')) ?? 'user')
    .find((value) => value !== 'user' && value !== 'managed');
  return label === undefined ? undefined : `job_label=${label} is not valid`;
}

/** Turns the jobs of one call into records, as the server does: several attributes are its own to decide. */
export function acceptJobs(jobs: readonly WireJob[], context: SubmissionContext): readonly SubmittedJob[] {
  const first = jobs[0];
  if (first === undefined) return [];
  const owner = ownerOf(first, context.identity);
  const isUserCall = USER_LABELS.has(first.attributes.get('prodSourceLabel'));
  const asked = integer(first.attributes.get('jobDefinitionID'));
  const callNumber = isUserCall ? context.definitionId(owner.prodUserName, asked ?? null) : undefined;
  const buildBit = first.attributes.get('prodSourceLabel') === 'panda' ? 1 : 0;
  const taskID = 2 * jobs.length - buildBit;
  return jobs.map((wire) => {
    const attributes = new Map<JobAttribute, unknown>(wire.attributes);
    for (const [name, value] of Object.entries(owner)) attributes.set(name as JobAttribute, value);
    if (callNumber !== undefined) {
      attributes.set('jobDefinitionID', callNumber);
      attributes.set('taskID', taskID);
      attributes.set('currentPriority', wire.attributes.get('prodSourceLabel') === 'panda' ? 2000 : 1000);
      attributes.set('maxAttempt', 2);
    }
    return acceptJob(attributes, wire, isUserCall, context);
  });
}

/** For VO lsst the name in the first job is the owner of all, unchecked; elsewhere it is who sends them. */
function ownerOf(
  first: WireJob,
  identity: Identity,
): { prodUserID: string | null; prodUserName: string | null; VO: string } {
  const vo = text(first.attributes.get('VO')) ?? 'atlas';
  const name = text(first.attributes.get('prodUserName'));
  if (vo !== 'lsst' || name === '' || name === 'None') {
    return { prodUserID: identity.dn, prodUserName: cleanName(identity.dn), VO: vo };
  }
  return { prodUserID: name, prodUserName: name, VO: vo };
}

function acceptJob(
  attributes: Map<JobAttribute, unknown>,
  wire: WireJob,
  isUserCall: boolean,
  context: SubmissionContext,
): SubmittedJob {
  const label = text(attributes.get('prodSourceLabel'));
  const site = text(attributes.get('computingSite'));
  const { now } = context;
  complete(attributes, { label, site, isKnownSite: site !== null && context.isSite(site), now });
  const pandaId = context.nextPandaId();
  const job = record(attributes, pandaId);
  const entryId = job === undefined ? 'NULL' : pandaId;
  const third = isUserCall
    ? { jobsetID: attributes.get('jobsetID') ?? 'NULL' }
    : (attributes.get('jobName') ?? 'NULL');
  return {
    entry: [entryId, attributes.get('jobDefinitionID') ?? 'NULL', third],
    stored: job === undefined ? undefined : { job, files: wire.files.map((file) => fileRecord(file, job)) },
  };
}

interface CompletionFacts {
  readonly label: string | null;
  readonly site: string | null;
  readonly isKnownSite: boolean;
  readonly now: number;
}

function complete(
  attributes: Map<JobAttribute, unknown>,
  { label, site, isKnownSite, now }: CompletionFacts,
): void {
  if (attributes.get('job_label') === undefined) {
    attributes.set('job_label', USER_LABELS.has(label) && isKnownSite ? 'user' : 'managed');
  }
  attributes.set('gshare', SHARES[label ?? ''] ?? 'Undefined');
  attributes.set('relocationFlag', site === null ? 0 : 1);
  attributes.set(
    'resource_type',
    resourceType(integer(attributes.get('coreCount')) ?? 1, integer(attributes.get('minRamCount')) ?? 0).name,
  );
  attributes.set('jobStatus', 'defined');
  for (const name of ['creationTime', 'modificationTime', 'stateChangeTime', 'prodDBUpdateTime'] as const) {
    attributes.set(name, now);
  }
  for (const name of ['startTime', 'endTime'] as const) attributes.delete(name);
}

/** The row; undefined where a column would not take its value. */
function record(attributes: ReadonlyMap<JobAttribute, unknown>, pandaId: number): StoredJob | undefined {
  const row: Record<string, string | number | null> = {};
  for (const [name, kind] of JOB_ATTRIBUTES) {
    const value = attributes.get(name);
    const stored = kind === 'text' ? text(value) : numeric(value, kind === 'number');
    if (stored === undefined || (typeof stored === 'string' && isTooLong(name, stored))) return undefined;
    row[name] = stored;
  }
  for (const name of ZERO_ATTRIBUTES) row[name] ??= 0;
  // Every attribute was set in the loop above, of the kind its table gives.
  return Object.assign(row as JobAttributes, { PandaID: pandaId, jobStatus: 'defined' });
}

function fileRecord(wire: WireJob['files'][number], job: StoredJob): Omit<StoredFile, 'row_ID'> {
  const row: Record<string, string | number | null> = {};
  for (const [name, kind] of FILE_ATTRIBUTES) {
    const value = wire.get(name);
    row[name] = kind === 'text' ? text(value) : (numeric(value, false) ?? null);
  }
  const file = row as FileAttributes;
  // Outside lsst the scope of a file is the first word of its data set.
  const scope = file.scope ?? (job.VO === 'atlas' ? (file.dataset?.split('.')[0] ?? null) : null);
  return { ...file, PandaID: job.PandaID, status: file.status ?? 'unknown', fsize: file.fsize ?? 0, scope };
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

import type { CacheFile, JobRecord, JobRequest } from '../../panda/index.ts';
import type { SubmissionOrigin } from '../../transformations/index.ts';
import { plural } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { describeOldRequests } from '../submissions/describeOldRequests.ts';
import { folderOf, workspaceRecords } from '../submissions/workspaceRecords.ts';
import { activeFileUri } from '../vscode/activeFile.ts';
import { confirm } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { requestOfRecord, type OldRequest } from './requestOfRecord.ts';
import { completeStaged } from './stagedOldJobs.ts';
import { submitPlan } from './submitPlan.ts';

/** Submits jobs again as new ones, with the very files, arguments, site and resources of the old ones. */
export async function resubmit(chosen: readonly number[], parts: Parts): Promise<void> {
  const session = await parts.sessions.require();
  // In the order they were submitted in.
  const pandaIds = [...chosen].sort((one, other) => one - other);
  const { requests, refused, old, stagingFolder } = await withViewProgress(({ signal, report }) => {
    report('Reading the old jobs');
    return readRequests(pandaIds, session, signal);
  });
  const [first] = requests;
  if (first === undefined)
    throw new NothingToDo(`Nothing can be submitted again: ${refused[0] ?? 'no such job'}.`);
  const label = commonLabel(pandaIds, session);
  const all = plural(requests.length, 'job');
  const what = requests.length === 1 ? first.name : label === undefined ? all : `${all} of ${label}`;
  const left = refused.length === 0 ? '' : ` Not among them: ${refused.slice(0, 3).join('; ')}.`;
  const sites = [...new Set(requests.map(({ site }) => site ?? 'no site'))].join(', ');
  const detail = `New jobs with the same files, arguments and resources, at ${sites}. The old ones stay as they are.${left}`;
  if (!(await confirm(`Resubmit ${what}?`, 'Resubmit', detail))) return;
  const origin = await originOfOldJobs(old, session, parts);
  await submitPlan({ name: label ?? first.name, requests, origin, stagingFolder }, parts);
}

/** What their own record says, where they are of one submission that has one here; else what the jobs have in common. */
async function originOfOldJobs(
  old: readonly OldJob[],
  { store }: Session,
  parts: Parts,
): Promise<SubmissionOrigin | undefined> {
  const folder = folderOf(activeFileUri());
  if (folder === undefined) return undefined;
  const resubmitted = old.map(({ pandaId }) => pandaId);
  const [id, ...others] = new Set(resubmitted.map((pandaId) => store.get(pandaId)?.submissionId ?? ''));
  const found = id === undefined || others.length > 0 ? undefined : await workspaceRecords(parts).find(id);
  if (found !== undefined) {
    const { asked, file } = found.record;
    return { folder: found.folder, asked, file, resubmitted };
  }
  return { folder, asked: describeOldRequests(old.map(({ request }) => request)), file: null, resubmitted };
}

/** What the submission of the old jobs was called, where it was one. */
function commonLabel(pandaIds: readonly number[], { store }: Session): string | undefined {
  const groups = new Set(pandaIds.map((pandaId) => store.groupIdOf(pandaId, 'submission')));
  const [only] = groups;
  if (groups.size !== 1 || only === undefined) return undefined;
  return store.groups('submission', '').find(({ id }) => id === only)?.label;
}

interface OldJob {
  readonly pandaId: number;
  readonly request: OldRequest;
  /** Where its files are staged; undefined where they are not. */
  readonly folder: string | undefined;
}

interface Readings {
  readonly requests: readonly JobRequest[];
  /** What they are made of, in the same order. */
  readonly old: readonly OldJob[];
  /** One clause for each job that cannot be submitted again. */
  readonly refused: readonly string[];
  /** Below which they are all staged. */
  readonly stagingFolder: string;
}

/** Jobs whose lists of staged files are read at a time. */
const AT_A_TIME = 16;

async function readRequests(
  pandaIds: readonly number[],
  session: Session,
  signal: AbortSignal,
): Promise<Readings> {
  const { client } = session;
  const records = await client.jobs.describe(pandaIds, { archive: true, signal });
  const refused: string[] = [];
  const old: OldJob[] = [];
  for (let start = 0; start < records.length; start += AT_A_TIME) {
    const some = records.slice(start, start + AT_A_TIME);
    const read = await Promise.all(some.map((record) => readOld(record, session, signal)));
    for (const [index, one] of read.entries()) {
      const pandaId = pandaIds[start + index] ?? 0;
      if (one === undefined) refused.push(`PanDA does not know job ${pandaId}`);
      else if (one.kind === 'none') refused.push(`job ${pandaId}: ${one.reason}`);
      else old.push({ pandaId, request: one.request, folder: one.folder });
    }
  }
  const stagingFolder = old.find(({ folder }) => folder !== undefined)?.folder ?? '';
  const isElsewhere = ({ folder = stagingFolder }: OldJob): boolean => folder !== stagingFolder;
  for (const { pandaId } of old.filter(isElsewhere)) {
    refused.push(`job ${pandaId}: it is staged in another folder than the others`);
  }
  const kept = old.filter((job) => !isElsewhere(job));
  const files = new Map<string, Promise<CacheFile>>();
  const fetch = (name: string): Promise<CacheFile> => {
    const known = files.get(name) ?? download(name, session, signal);
    files.set(name, known);
    return known;
  };
  const requests: JobRequest[] = [];
  for (const { request } of kept) requests.push(await newRequest(request, fetch));
  return { requests, old: kept, refused, stagingFolder };
}

type ReadOld =
  | { readonly kind: 'old'; readonly request: OldRequest; readonly folder: string | undefined }
  | { readonly kind: 'none'; readonly reason: string };

/** Undefined for a job that PanDA does not know. */
async function readOld(
  record: JobRecord | null,
  session: Session,
  signal: AbortSignal,
): Promise<ReadOld | undefined> {
  if (record === null) return undefined;
  const reading = requestOfRecord(record, (name) => session.client.files.cacheUrl(name));
  if (reading.kind === 'none') return reading;
  if (!reading.isStaged) return { kind: 'old', request: reading.request, folder: undefined };
  const staged = await completeStaged(reading.request, record, session, signal);
  return staged.kind === 'none' ? staged : { ...staged, kind: 'old' };
}

async function newRequest(old: OldRequest, fetch: (name: string) => Promise<CacheFile>): Promise<JobRequest> {
  const { transformation, payload, tarball, ...rest } = old;
  return {
    ...rest,
    transformation: {
      id: transformation,
      payload: await fetch(payload),
      tarball: tarball === undefined ? undefined : await fetch(tarball),
    },
  };
}

/** The file as it was: the cache keeps files for some days, and what is gone cannot be sent again. */
async function download(name: string, { client }: Session, signal: AbortSignal): Promise<CacheFile> {
  return { name, content: await client.files.downloadCacheFile(name, { signal }) };
}

import { isAbort, isFinal, isUnknownError, jobErrors } from '../../panda/index.ts';
import type { ErrorDescription, JobRecord, StateChange } from '../../panda/index.ts';
import { findJobRecord, firstAttempt } from '../../watch/index.ts';
import type { JobFile } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** What is told of a job besides its record; it is shown without where nobody tells. */
export interface JobDetails {
  /** States the job went through, from the monitor. */
  readonly history: readonly StateChange[];
  /** The state that `history` was asked in; null where it was not, or in vain. */
  readonly historyState: string | null;
  /** The job this one is a retry of, or else the first attempt, where it names one. */
  readonly earlier: readonly JobRecord[];
  /** The monitor's words for errors, where the job has some that we have none for. */
  readonly descriptions: readonly ErrorDescription[];
}

export const NO_DETAILS: JobDetails = { history: [], historyState: null, earlier: [], descriptions: [] };

/** Asks for what is not known from before. Never rejects: `note` hears of what could not be asked. */
export async function readDetails(
  session: Session,
  record: JobRecord,
  before: JobDetails,
  note: (error: unknown) => void,
): Promise<JobDetails> {
  const [history, earlier, descriptions] = await Promise.all([
    readHistory(session, record, before, note),
    readEarlier(session, record, note),
    readDescriptions(session, record, before, note),
  ]);
  return { ...history, earlier, descriptions };
}

/** A history grows with a change of state only. */
async function readHistory(
  { client: { monitor } }: Session,
  record: JobRecord,
  { history, historyState }: JobDetails,
  note: (error: unknown) => void,
): Promise<Pick<JobDetails, 'history' | 'historyState'>> {
  const state = `${record.jobStatus} ${record.stateChangeTime ?? ''}`;
  if (monitor === undefined || state === historyState) return { history, historyState };
  try {
    return { history: await monitor.stateHistory(record.PandaID), historyState: state };
  } catch (error) {
    // The record's own times tell what is missing.
    note(error);
    return { history, historyState: null };
  }
}

async function readEarlier(
  { client }: Session,
  record: JobRecord,
  note: (error: unknown) => void,
): Promise<readonly JobRecord[]> {
  const { parentID, PandaID } = record;
  const before = parentID === null || parentID <= 0 ? firstAttempt(record) : parentID;
  if (before === undefined || before === PandaID) return [];
  try {
    const earlier = await findJobRecord(client, before);
    return earlier === null ? [] : [earlier];
  } catch (error) {
    note(error);
    return [];
  }
}

async function readDescriptions(
  { client: { monitor } }: Session,
  record: JobRecord,
  { descriptions }: JobDetails,
  note: (error: unknown) => void,
): Promise<readonly ErrorDescription[]> {
  const known = monitor === undefined || descriptions.length > 0 || !jobErrors(record).some(isUnknownError);
  if (known) return descriptions;
  try {
    return await monitor.errorDescriptions();
  } catch (error) {
    note(error);
    return [];
  }
}

/** What is in the tarball of the log of a job that ran and has ended; undefined for others, and where it was asked for in vain. */
export async function readMembers(
  { jobFiles }: Session,
  record: JobRecord,
  signal: AbortSignal,
  note: (error: unknown) => void,
): Promise<readonly JobFile[] | undefined> {
  if (!isFinal(record.jobStatus) || record.startTime === null) return undefined;
  try {
    const { files, trouble } = await jobFiles.list(record, { signal });
    if (trouble !== null) note(trouble);
    const members = files.filter(({ inside }) => inside !== undefined);
    return trouble !== null && members.length === 0 ? undefined : members;
  } catch (error) {
    if (!isAbort(error)) note(error);
    return undefined;
  }
}

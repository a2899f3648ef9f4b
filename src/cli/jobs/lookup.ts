import { describeUnknown, isUnknownError, jobErrors, PandaError } from '../../panda/index.ts';
import type { JobError, JobRecord, StateChange } from '../../panda/index.ts';
import { findJobRecord } from '../../watch/index.ts';
import { cleanLine } from '../render/style.ts';
import type { Connection } from '../connection.ts';

/** The record of one job, looked for among old ones too, and in the monitor. Rejects with PandaError `notFound`. */
export async function findJob(
  { client, profile }: Connection,
  pandaId: number,
  signal: AbortSignal,
): Promise<JobRecord> {
  const record = await findJobRecord(client, pandaId, { signal });
  if (record !== null) return record;
  throw new PandaError({
    kind: 'notFound',
    tried: `find job ${pandaId} at ${profile.server}`,
    cameBack: 'PanDA knows no job of this number',
    advice: 'Look for it with desc-panda jobs, or choose another profile with --profile',
  });
}

/** The errors of a job; those that we have no words for in the monitor's, where that answers. */
export async function findErrors(
  { client }: Connection,
  record: JobRecord,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<readonly JobError[]> {
  const errors = jobErrors(record);
  if (client.monitor === undefined || !errors.some(isUnknownError)) return errors;
  try {
    return describeUnknown(errors, await client.monitor.errorDescriptions({ signal }));
  } catch (error) {
    if (!(error instanceof PandaError)) throw error;
    onTrouble(cleanLine(error.message));
    return errors;
  }
}

/** The states it went through; null where the monitor is not there or does not say, which is no reason to fail. */
export async function findHistory(
  { client }: Connection,
  pandaId: number,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<readonly StateChange[] | null> {
  if (client.monitor === undefined) return null;
  try {
    return await client.monitor.stateHistory(pandaId, { signal });
  } catch (error) {
    if (!(error instanceof PandaError)) throw error;
    onTrouble(cleanLine(error.message));
    return null;
  }
}

import { PandaError } from '../panda/index.ts';
import type { CallOptions, JobRecord, JobsApi, MonitorApi } from '../panda/index.ts';

/** What is needed of a `PandaClient`. */
export interface FindJobClient {
  readonly jobs: Pick<JobsApi, 'describe'>;
  readonly monitor: Pick<MonitorApi, 'job'> | undefined;
}

/**
 * The record of one job: as the server describes it, looked for among old ones too; of one that the server has forgotten,
 * as the monitor keeps it. Null where neither knows it.
 */
export async function findJobRecord(
  client: FindJobClient,
  pandaId: number,
  options: CallOptions = {},
): Promise<JobRecord | null> {
  const [record] = await client.jobs.describe([pandaId], { archive: true, ...options });
  if (record !== undefined && record !== null) return record;
  if (client.monitor === undefined) return null;
  try {
    return (await client.monitor.job(pandaId, options)).record;
  } catch (error) {
    if (error instanceof PandaError && error.kind === 'notFound') return null;
    throw error;
  }
}

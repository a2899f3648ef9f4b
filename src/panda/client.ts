import type { PandaClient } from './api.ts';
import { createApiCaller, DEFAULT_LIMITS } from './apiCaller.ts';
import type { CallLimits } from './apiCaller.ts';
import { createFilesApi } from './files.ts';
import { createHttp } from './http.ts';
import { createJobsApi } from './jobs.ts';
import { createMetaconfigApi } from './metaconfig.ts';
import { createMonitorApi } from './monitor.ts';
import type { Profile } from './profile.ts';
import { realRetryTools } from './retry.ts';
import type { RetryTools } from './retry.ts';
import { createStatisticsApi } from './statistics.ts';
import { createSystemApi } from './system.ts';

/** What a client may be given besides its profile; everything has a default. */
export interface ClientDependencies extends Partial<RetryTools>, Partial<CallLimits> {
  /** How the client introduces itself. */
  readonly userAgent?: string;
  /** After an abort, submissions under way may take this long to end, milliseconds. */
  readonly abortGraceMs?: number;
}

/**
 * Makes the client of one profile. Nothing is opened or read before the first call; `dispose` closes what was.
 *
 * ```ts
 * const client = createPandaClient(profile);
 * await client.system.isAlive();
 * const [record] = await client.jobs.describe([6900000001]);
 * client.dispose();
 * ```
 */
export function createPandaClient(profile: Profile, deps: ClientDependencies = {}): PandaClient {
  const tools: RetryTools = { ...realRetryTools, ...deps };
  const limits: CallLimits = { ...DEFAULT_LIMITS, ...deps };
  const userAgent = deps.userAgent ?? 'desc-panda';
  const http = createHttp(profile);
  const caller = createApiCaller(profile, http, tools, limits, userAgent);
  return {
    system: createSystemApi(caller),
    jobs: createJobsApi(caller, tools, deps.abortGraceMs ?? 5_000),
    statistics: createStatisticsApi(caller),
    metaconfig: createMetaconfigApi(caller),
    files: createFilesApi(caller, http, profile, tools, userAgent),
    monitor:
      profile.monitor === undefined
        ? undefined
        : createMonitorApi(profile.monitor, profile, http, tools, userAgent),
    dispose: () => http.dispose(),
  };
}

import type { PandaClient } from './api.ts';
import { createApiCaller, DEFAULT_LIMITS } from './apiCaller.ts';
import type { CallLimits } from './apiCaller.ts';
import { createCredsApi } from './creds.ts';
import { PandaError } from './errors/errors.ts';
import { createFilesApi } from './files.ts';
import { isLoopback } from './http/agents.ts';
import { createHttp } from './http/http.ts';
import { createIdentity } from './auth/identity.ts';
import { createJobsApi } from './jobs/jobs.ts';
import { createMetaconfigApi } from './jobs/metaconfig.ts';
import { createMonitorApi } from './monitor/monitor.ts';
import type { MonitorCache } from './monitor/cache.ts';
import { createMonitorCaller } from './monitor/caller.ts';
import type { Profile } from './profiles/profile.ts';
import { profileTokens } from './auth/profileTokens.ts';
import { realRetryTools } from './http/retry.ts';
import type { RetryTools } from './http/retry.ts';
import { createStatisticsApi } from './statistics.ts';
import { createSystemApi } from './system.ts';
import { createTasksApi } from './tasks/tasks.ts';
import type { TokenSource } from './auth/tokenSource.ts';

/** What a client may be given besides its profile; everything has a default. */
export interface ClientDependencies extends Partial<RetryTools>, Partial<CallLimits> {
  /** How the client introduces itself. */
  readonly userAgent?: string;
  /** Tokens in place of those that the profile's authentication says. */
  readonly tokens?: TokenSource;
  /** Where answers of the monitor are kept; nowhere where not given. */
  readonly monitorCache?: MonitorCache;
  /** After an abort, submissions under way may take this long to end, milliseconds. */
  readonly abortGraceMs?: number;
}

/**
 * Makes the client of one profile. Throws PandaError where an address in it is none. Nothing is opened or read before the first call; `dispose` closes what was.
 *
 * ```ts
 * const client = createPandaClient(profile);
 * await client.system.isAlive();
 * const [record] = await client.jobs.describe([6900000001]);
 * client.dispose();
 * ```
 */
export function createPandaClient(profile: Profile, deps: ClientDependencies = {}): PandaClient {
  const known = checkedProfile(profile);
  const tools: RetryTools = { ...realRetryTools, ...deps };
  // On the way to a server on this machine nothing is won by smaller bodies.
  const gzipFromBytes = isLoopback(new URL(known.server).hostname) ? Infinity : DEFAULT_LIMITS.gzipFromBytes;
  const limits: CallLimits = { ...DEFAULT_LIMITS, gzipFromBytes, ...deps };
  const userAgent = deps.userAgent ?? 'desc-panda';
  const http = createHttp(known, tools.now);
  const identity = createIdentity(
    known.authentication,
    deps.tokens ?? profileTokens(known, tools, userAgent),
    http,
  );
  const caller = createApiCaller(known.server, identity, tools, limits, userAgent);
  const monitorCaller =
    known.monitor === undefined
      ? undefined
      : createMonitorCaller({
          base: known.monitor,
          server: known.server,
          http,
          identity,
          tools,
          userAgent,
          cache: deps.monitorCache,
        });
  const monitor = monitorCaller === undefined ? undefined : createMonitorApi(monitorCaller);
  return {
    system: createSystemApi(caller),
    jobs: createJobsApi(caller, tools, deps.abortGraceMs ?? 5_000),
    tasks: createTasksApi(caller),
    statistics: createStatisticsApi(caller),
    metaconfig: createMetaconfigApi(caller),
    files: createFilesApi(caller, http, identity, known, tools, userAgent),
    creds: createCredsApi(caller),
    monitor,
    dispose() {
      monitorCaller?.dispose();
      http.dispose();
    },
  };
}

/** The profile with its addresses cut to their origins, as every URL of the client is put together from them. */
function checkedProfile(profile: Profile): Profile {
  const { server, cache, monitor, proxy } = profile;
  if (proxy !== undefined) {
    originOf(proxy, 'proxy', profile.name);
  }
  return {
    ...profile,
    server: originOf(server, 'server', profile.name),
    cache: originOf(cache, 'cache', profile.name),
    monitor: monitor === undefined ? undefined : originOf(monitor, 'monitor', profile.name),
  };
}

function originOf(address: string, what: string, profile: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new PandaError({
      kind: 'rejected',
      tried: `use the profile ${profile}`,
      cameBack: `the address of its ${what} is not one like https://host:8443`,
      advice: 'Mend the profile',
    });
  }
  return url.origin;
}

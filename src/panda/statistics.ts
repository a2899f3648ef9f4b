import type { StateCounts, StatisticsApi } from './api.ts';
import type { ApiCall, ApiCaller } from './apiCaller.ts';
import { isObject, protocolError, refusal } from './wire/envelope.ts';
import { isEmptyStatistics } from './wire/quirks.ts';

export function createStatisticsApi(caller: ApiCaller): StatisticsApi {
  return {
    async activeJobsBySite(options = {}) {
      const call: ApiCall = {
        path: 'statistics/active_job_stats_by_site',
        tried: 'get the numbers of active jobs',
        reads: true,
        signal: options.signal,
      };
      const envelope = await caller.envelope(call);
      if (!envelope.success && isEmptyStatistics(envelope.message, envelope.data)) {
        return {};
      }
      if (!envelope.success) {
        throw refusal(envelope, caller.facts(call));
      }
      if (!isObject(envelope.data)) {
        throw protocolError(caller.facts(call), 'the answer holds no numbers by site');
      }
      return Object.fromEntries(
        Object.entries(envelope.data).map(([site, counts]) => [site, decodeCounts(counts)]),
      );
    },
  };
}

/** States without jobs are left out, also where the server fills in a zero. */
function decodeCounts(raw: unknown): StateCounts {
  const counts: Record<string, number> = {};
  for (const [state, jobs] of Object.entries(isObject(raw) ? raw : {})) {
    if (typeof jobs === 'number' && Number.isSafeInteger(jobs) && jobs > 0) {
      counts[state] = jobs;
    }
  }
  return counts;
}

import type { MetaconfigApi, ResourceType, SiteSpec } from '../api.ts';
import type { ApiCall, ApiCaller } from '../apiCaller.ts';
import { isObject, protocolError } from '../wire/envelope.ts';
import { isResourceTypeCopy } from '../wire/quirks.ts';

export function createMetaconfigApi(caller: ApiCaller): MetaconfigApi {
  return {
    async getSiteSpecs(options = {}) {
      const call: ApiCall = {
        path: 'metaconfig/get_site_specs',
        tried: 'get the list of sites',
        // The default, analysis, leaves out unified queues: on LSST servers that is all of them.
        query: { type: 'all' },
        reads: true,
        signal: options.signal,
      };
      const data = await caller.data(call);
      if (!isObject(data)) {
        throw protocolError(caller.facts(call), 'the answer holds no sites');
      }
      return Object.entries(data)
        .flatMap(([name, raw]) => (isObject(raw) && !isResourceTypeCopy(raw) ? [decodeSite(name, raw)] : []))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async getResourceTypes(options = {}) {
      const call: ApiCall = {
        path: 'metaconfig/get_resource_types',
        tried: 'get the resource types',
        reads: true,
        signal: options.signal,
      };
      const data = await caller.data(call);
      if (!Array.isArray(data)) {
        throw protocolError(caller.facts(call), 'the answer holds no list of resource types');
      }
      return data.filter(isObject).flatMap(decodeResourceType);
    },
  };
}

function decodeSite(name: string, raw: Readonly<Record<string, unknown>>): SiteSpec {
  return {
    name,
    status: text(raw.status) ?? 'unknown',
    cloud: text(raw.cloud),
    coreCount: positive(raw.coreCount),
    maxMemoryMB: positive(raw.maxrss) ?? positive(raw.memory),
    maxWorkDirMB: positive(raw.maxwdir),
    maxTimeSeconds: positive(raw.maxtime),
    comment: text(raw.comment),
    raw,
  };
}

function decodeResourceType(raw: Readonly<Record<string, unknown>>): ResourceType[] {
  const name = text(raw.resource_name);
  if (name === null) {
    return [];
  }
  return [
    {
      name,
      minCores: number(raw.mincore),
      maxCores: number(raw.maxcore),
      minMemoryPerCoreMB: number(raw.minrampercore),
      maxMemoryPerCoreMB: number(raw.maxrampercore),
    },
  ];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A queue without a limit says 0. */
function positive(value: unknown): number | null {
  const given = number(value);
  return given !== null && given > 0 ? given : null;
}

import type { DatacatClient, DatasetView, Page, PageOptions, SearchQuery } from './api.ts';
import type { DatacatAuthentication } from './authentication.ts';
import { createCaller } from './caller.ts';
import type { Call, Caller, CallerParts } from './caller.ts';
import {
  decodeAcl,
  decodeAclList,
  decodeContainer,
  decodeDataset,
  decodeList,
  decodeNode,
  decodeResults,
} from './decode.ts';
import {
  encodeContainer,
  encodeContainerChanges,
  encodeDataset,
  encodeDatasetChanges,
  encodeLocations,
  encodeVersion,
} from './encode.ts';
import { DatacatError } from './errors.ts';
import { checkFilter } from './filter/check.ts';
import { createHttp } from './http.ts';
import type { Connection } from './http.ts';
import { checkedPath, encodedPath, viewText } from './paths.ts';

/** A catalog, and how one gets there. */
export interface DatacatSettings extends Connection {
  /** As in `https://srs.slac.stanford.edu/datacat-v0.5/r`. */
  readonly url: string;
  readonly authentication: DatacatAuthentication;
}

/** Everything has a default. */
export type DatacatDependencies = Partial<Omit<CallerParts, 'base' | 'authentication' | 'http'>>;

const PAGE = 100;
const DEFAULTS = {
  userAgent: 'desc-panda',
  timeoutMs: 60_000,
  maxAnswerBytes: 64 * 1024 * 1024,
  now: Date.now,
  random: Math.random,
};

/** Makes the client of one catalog. Nothing is opened before the first call; `dispose` closes what was. Throws DatacatError where the address is none. */
export function createDatacatClient(
  settings: DatacatSettings,
  deps: DatacatDependencies = {},
): DatacatClient {
  const { authentication } = settings;
  const base = checkedBase(settings.url);
  const http = createHttp(settings);
  const call = createCaller({ ...DEFAULTS, ...deps, base, authentication, http });
  return {
    url: base,
    ...reading(call),
    ...changing(call),
    dispose: () => http.dispose(),
  };
}

type Reads = Pick<DatacatClient, 'get' | 'children' | 'dataset' | 'search' | 'permissions' | 'rights'>;

function reading(call: Caller): Reads {
  return {
    get: async (path, { view, signal } = {}) =>
      call(read('/path.json', path, view === undefined ? '' : viewText(view), 'get', decodeNode, signal)),
    dataset: async (path, view = {}, { signal } = {}) =>
      call(read(DATASETS, path, viewText(view), 'get', decodeDataset, signal)),
    async children(path, { only, signal, ...page } = {}) {
      const { offset, max, query } = pageQuery(page);
      const view = only === undefined ? ';children' : ';children=containers';
      // One more than asked for says whether there is more: the counts of the headers are not to be relied on.
      const items = await call({ ...read('/path.json', path, view, 'list', decodeList, signal), query });
      return pageOf(items, offset, max);
    },
    search: (targets, query = {}) => search(call, targets, query),
    permissions: async (path, { signal } = {}) =>
      call(read('/permissions.json', path, '', 'get the permissions of', decodeAclList, signal)),
    async rights(path, { signal } = {}) {
      const asked = read('/permissions.json', path, '', 'get your rights in', decodeAcl, signal);
      return (await call({ ...asked, query: new URLSearchParams({ subject: 'user' }) })).permissions;
    },
  };
}

function read<T>(
  endpoint: string,
  path: string,
  view: string,
  verb: string,
  decode: (value: unknown) => T,
  signal: AbortSignal | undefined,
): Call<T> {
  const known = checkedPath(path);
  const tried = `${verb} ${known}`;
  return {
    method: 'GET',
    changes: false,
    path: `${endpoint}${encodedPath(known)}${view}`,
    tried,
    decode,
    signal,
  };
}

function pageQuery({ offset = 0, max = PAGE }: PageOptions): {
  readonly offset: number;
  readonly max: number;
  readonly query: URLSearchParams;
} {
  return { offset, max, query: new URLSearchParams({ offset: String(offset), max: String(max + 1) }) };
}

function pageOf<T>(items: readonly T[], offset: number, max: number): Page<T> {
  const more = items.length > max;
  return { items: more ? items.slice(0, max) : items, next: more ? offset + max : undefined };
}

async function search(
  call: Caller,
  targets: string | readonly string[],
  { filter = '', sort = [], show = [], offset = 0, max = PAGE, view, signal }: SearchQuery,
): ReturnType<DatacatClient['search']> {
  const query = new URLSearchParams({ offset: String(offset), max: String(max) });
  if (filter.trim() !== '') {
    refuseBadFilter(filter);
    query.set('filter', filter);
  }
  for (const name of sort) query.append('sort', name);
  for (const name of show) query.append('show', name);
  const views = view === undefined ? '' : viewText(view);
  const asked = (target: string): Call<ReturnType<typeof decodeResults>> =>
    read('/search.json', target, views, 'search', decodeResults, signal);
  const { items, count } = await (typeof targets === 'string'
    ? call({ ...asked(targets), query })
    : // Several targets go in a form, and then the path names none.
      call({ ...asked('/'), method: 'POST', form: withTargets(query, targets) }));
  const end = offset + items.length;
  return { items, count, next: items.length > 0 && end < count ? end : undefined };
}

function withTargets(query: URLSearchParams, targets: readonly string[]): URLSearchParams {
  for (const target of targets) query.append('targets', checkedPath(target));
  return query;
}

function refuseBadFilter(filter: string): void {
  const problem = checkFilter(filter);
  if (problem === undefined) return;
  throw new DatacatError({
    kind: 'rejected',
    tried: `search for ${filter.slice(0, 200)}`,
    cameBack: `at character ${problem.from + 1}, ${problem.message}`,
    advice: 'Mend the filter; nothing was sent',
  });
}

type Changes = Omit<DatacatClient, keyof Reads | 'url' | 'dispose'>;

function changing(call: Caller): Changes {
  const change = <T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    place: Place,
    body: object | undefined,
    decode: (value: unknown) => T,
    signal: AbortSignal | undefined,
  ): Promise<T> =>
    call({
      ...read(place.endpoint, place.path, place.view ?? '', place.verb, decode, signal),
      ...(body === undefined ? {} : { body }),
      method,
      changes: true,
    });
  return {
    createContainer: async (path, container, { signal } = {}) => {
      const endpoint = container.kind === 'group' ? '/groups.json' : '/folders.json';
      const place = { endpoint, path, verb: `make the ${container.kind} ${container.name} in` };
      return change('POST', place, encodeContainer(container), decodeContainer, signal);
    },
    createDataset: async (path, dataset, { signal } = {}) => {
      const place = { endpoint: DATASETS, path, verb: `register ${dataset.name} in` };
      return change('POST', place, encodeDataset(dataset), decodeDataset, signal);
    },
    createVersion: async (path, version, { signal } = {}) => {
      const place = { endpoint: DATASETS, path, verb: 'register a version of' };
      return change('POST', place, encodeVersion(version), decodeDataset, signal);
    },
    addLocations: async (path, version, locations, { signal } = {}) => {
      const place = { endpoint: DATASETS, path, view: `;v=${version}`, verb: 'register a location of' };
      return change('POST', place, encodeLocations(locations), decodeDataset, signal);
    },
    patchContainer: async (path, changes, { signal } = {}) => {
      const { kind } = await call(read('/path.json', path, '', 'get', decodeContainer, signal));
      const place = { endpoint: CONTAINERS, path, verb: 'change' };
      return change('PATCH', place, encodeContainerChanges(kind, changes), decodeContainer, signal);
    },
    patchDataset: async (path, changes, view = {}, { signal } = {}) => {
      const place = { endpoint: DATASETS, path, view: patchView(view), verb: 'change' };
      return change('PATCH', place, encodeDatasetChanges(changes), decodeDataset, signal);
    },
    remove: async ({ kind, path }, { signal } = {}) => {
      const endpoint = kind === 'dataset' ? DATASETS : CONTAINERS;
      await change(
        'DELETE',
        { endpoint, path, verb: `remove the ${kind}` },
        undefined,
        () => undefined,
        signal,
      );
    },
  };
}

const DATASETS = '/datasets.json';
const CONTAINERS = '/containers.json';

interface Place {
  readonly endpoint: string;
  readonly path: string;
  readonly view?: string;
  /** What is done to what is there: `change`. */
  readonly verb: string;
}

/** Only what is named: a site would make a location where there is none. */
function patchView({ version, site }: DatasetView): string {
  return `;v=${version ?? 'current'}${site === undefined ? '' : `;s=${encodeURIComponent(site)}`}`;
}

function checkedBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') {
    return `${parsed.origin}${parsed.pathname.replace(/\/+$/u, '')}`;
  }
  throw new DatacatError({
    kind: 'rejected',
    tried: 'use the data catalog of the profile',
    cameBack: 'its address is not one like https://host/datacat-v0.5/r',
    advice: 'Mend the profile',
  });
}

import { DATASET_FIELDS, FilterSyntaxError, parseFilter, type Filter } from '../../datacat/index.ts';
import type { Store } from '../server/store/store.ts';
import { describeDataset, describeNode, isoTime } from './describe.ts';
import { matches, namesIn, orderOf, type Values } from './matches.ts';
import type { StoredMetadata } from './metadata.ts';
import { childNodes, walk, type CatalogNode } from './nodes.ts';
import { rightsOf } from './permissions.ts';
import { badRequest, CatalogRefusal, noSuchFile } from './refusal.ts';
import type { Target } from './requestPath.ts';
import {
  locationsOf,
  selectVersion,
  versionsOf,
  type StoredLocation,
  type StoredVersion,
} from './versions.ts';

export interface SearchRequest {
  /** Paths, or globs that match them. */
  readonly targets: readonly string[];
  readonly filter: string;
  readonly sort: readonly string[];
  readonly show: readonly string[];
  readonly offset: number;
  readonly max: number;
  readonly view: Pick<Target, 'version' | 'site'>;
}

export interface SearchPlace {
  readonly store: Store;
  readonly root: CatalogNode;
  readonly isKnown: boolean;
}

interface Candidate {
  readonly node: CatalogNode;
  readonly version: StoredVersion | undefined;
  readonly locations: readonly StoredLocation[];
}

/** What a search answers: all that match are counted, one part is told. Throws CatalogRefusal. */
export function searchDatasets(place: SearchPlace, request: SearchRequest): object {
  const { filter: text, view, offset, max, show } = request;
  const filter = text.trim() === '' ? undefined : parsed(text);
  const candidates = request.targets
    .flatMap((target) => containersAt(place, target))
    .filter((container, index, all) => all.findIndex(({ pk }) => pk === container.pk) === index)
    .flatMap((container) => childNodes(place.store, container, { kinds: ['dataset'] }))
    .map((node) => candidate(place.store, node, view));
  const sort = request.sort.map(readSort);
  const names = [...(filter === undefined ? [] : namesIn(filter)), ...sort.map(({ name }) => name)];
  refuseUnknown(names, candidates, place.store);
  const found = candidates
    .filter((one) => filter === undefined || rowsOf(one).some((values) => matches(filter, values)))
    .sort((one, other) => inOrder(one, other, sort));
  const told = found.slice(offset, offset + max);
  const asked = new Set([...show, ...sort.map(({ name }) => name)]);
  return {
    _type: 'searchResults',
    results: told.map((one) => describeResult(one, asked)),
    count: found.length,
  };
}

function parsed(text: string): Filter {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const reason = `${error.message} (at ${error.from})`;
    throw new CatalogRefusal(422, 'ParseException', 'Unable to parse filter', { reason });
  }
}

function containersAt({ store, root, isKnown }: SearchPlace, target: string): readonly CatalogNode[] {
  const last = target.at(-1);
  const kinds = last === '$' ? ['folder'] : last === '^' ? ['group'] : ['folder', 'group'];
  const path = last === '$' || last === '^' ? target.slice(0, -1) : target;
  const names = path.split('/').filter((name) => name !== '');
  const fixed = names.findIndex((name) => /[*?[\]{}]/u.test(name));
  const way = walk(store, root, fixed < 0 ? names : names.slice(0, fixed));
  const start = way.at(-1) ?? root;
  if (way.length <= (fixed < 0 ? names.length : fixed) || start.kind === 'dataset') throw noSuchFile(path);
  if (!rightsOf(way, isKnown).includes('r')) {
    throw new CatalogRefusal(403, 'AccessDeniedException', 'No permission to read');
  }
  const found = fixed < 0 ? [start] : below(store, way, isKnown).filter((one) => globOf(path).test(one.path));
  return found.filter(({ kind }) => kinds.includes(kind));
}

/** The container at the end of a way and all below it that may be read. */
function below(store: Store, way: readonly CatalogNode[], isKnown: boolean): readonly CatalogNode[] {
  const container = way.at(-1);
  if (container === undefined || !rightsOf(way, isKnown).includes('r')) return [];
  const inside = childNodes(store, container, { kinds: ['folder', 'group'] });
  return [container, ...inside.flatMap((child) => below(store, [...way, child], isKnown))];
}

/** `**` is any path, `*` and `?` stay within a name, `[a-z]` and `{x,y}` are as usual. */
function globOf(path: string): RegExp {
  let braces = 0;
  const source = path.replace(/\*\*|\[!?[^\]/]+\]|[\s\S]/gu, (piece) => {
    if (piece === '**') return '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece.startsWith('[') && piece.length > 1) return piece.replace('[!', '[^').replaceAll('\\', '\\\\');
    if (piece === '{') braces += 1;
    if (piece === '{') return '(?:';
    if (piece === '}' && braces > 0) {
      braces -= 1;
      return ')';
    }
    if (piece === ',' && braces > 0) return '|';
    return piece.replace(/[\\^$.+()[\]{}|]/u, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    throw badRequest('Unable to process query, see message', `${path} is no glob`);
  }
}

function candidate(
  store: Store,
  node: CatalogNode,
  { version: wanted, site }: SearchRequest['view'],
): Candidate {
  const version = selectVersion(versionsOf(store, node), wanted);
  const view = site ?? (wanted === undefined ? 'master' : 'all');
  return { node, version, locations: version === undefined ? [] : locationsOf(store, version, view) };
}

/** One set of values for each location; one where there is none. */
function rowsOf({ node, version, locations }: Candidate): readonly Values[] {
  return (locations.length === 0 ? [undefined] : locations).map((location) =>
    valuesOf(node, version, location),
  );
}

function valuesOf(
  node: CatalogNode,
  version: StoredVersion | undefined,
  location: StoredLocation | undefined,
): Values {
  const described = {
    ...location,
    ...(version === undefined
      ? {}
      : {
          versionId: version.versionId,
          latest: String(version.latest),
          datasetSource: version.datasetSource,
          processInstance: version.processInstance,
          taskName: version.taskName,
          versionCreated: isoTime(version.created),
          versionModified: isoTime(version.modified),
        }),
    master: location === undefined ? null : String(location.master),
    name: node.name,
    path: node.path,
    dataType: node.dataType,
    fileFormat: node.fileFormat,
    created: isoTime(node.created),
  } as Readonly<Record<string, string | number | null | undefined>>;
  const metadata = new Map(
    [...node.metadata, ...(version?.metadata ?? [])].map(({ key, value }) => [key, value]),
  );
  return (name) => (isField(name) ? (described[name] ?? null) : (metadata.get(name) ?? null));
}

function isField(name: string): boolean {
  return (DATASET_FIELDS as readonly string[]).includes(name);
}

/** A name that no dataset has is most likely a slip: the catalog says so instead of finding nothing. */
function refuseUnknown(names: readonly string[], candidates: readonly Candidate[], store: Store): void {
  const unknown = names.find(
    (name) =>
      !isField(name) &&
      !candidates.some(({ node, version }) =>
        [...node.metadata, ...(version?.metadata ?? [])].some(({ key }) => key === name),
      ) &&
      !isMetadataName(store, name),
  );
  if (unknown === undefined) return;
  throw badRequest('Unable to process query, see message', `Unable to find metadata: ${unknown}`);
}

function isMetadataName(store: Store, name: string): boolean {
  const [row] = store.rows(
    `SELECT 1 FROM catalogVersions, json_each(catalogVersions.metadata)
      WHERE json_extract(json_each.value, '$.key') = ? LIMIT 1`,
    name,
  );
  return row !== undefined;
}

interface SortKey {
  readonly name: string;
  readonly factor: 1 | -1;
}

function readSort(text: string): SortKey {
  const isDescending = text.startsWith('-') || text.endsWith('-');
  return { name: text.replace(/^[+-]|[+-]$/gu, ''), factor: isDescending ? -1 : 1 };
}

/** As asked for, then by path; what has no value comes first. */
function inOrder(one: Candidate, other: Candidate, sort: readonly SortKey[]): number {
  for (const { name, factor } of sort) {
    const [left = null, right = null] = [one, other].map((each) => rowsOf(each)[0]?.(name));
    const order =
      left === null || right === null
        ? Number(left !== null) - Number(right !== null)
        : (orderOf(left, right) ?? 0);
    if (order !== 0) return order * factor;
  }
  return one.node.path < other.node.path ? -1 : 1;
}

/** Metadata of a result is what was asked for. */
function describeResult({ node, version, locations }: Candidate, asked: ReadonlySet<string>): object {
  const described = version === undefined ? describeNode(node) : describeDataset(node, version, locations);
  const all: readonly StoredMetadata[] = [...node.metadata, ...(version?.metadata ?? [])];
  const shown = all.filter(({ key }) => asked.has(key));
  const rest = Object.entries(described).filter(([key]) => key !== 'metadata' && key !== 'versionMetadata');
  return { ...Object.fromEntries(rest), ...(shown.length === 0 ? {} : { metadata: shown }) };
}

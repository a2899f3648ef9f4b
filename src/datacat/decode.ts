import type {
  AclEntry,
  CatalogContainer,
  CatalogDataset,
  CatalogNode,
  ContainerCounts,
  DatasetLocation,
  DatasetVersion,
  MetadataEntry,
} from './api.ts';
import { decodeMetadataEntry, readTime } from './metadata.ts';

/** An answer that is JSON, but not in the form of a catalog's; the message names the part. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

type Fields = Readonly<Record<string, unknown>>;

/** More entries than this are no answer to anything that was asked. */
const MOST_METADATA = 10_000;
const MOST_LOCATIONS = 10_000;

export function decodeNode(value: unknown): CatalogNode {
  const json = object(value, 'an entry');
  const kind = json._type;
  if (kind === 'folder' || kind === 'group') return decodeContainerOf(json, kind);
  return decodeDataset(json);
}

export function decodeContainer(value: unknown): CatalogContainer {
  const node = decodeNode(value);
  if (node.kind === 'dataset') throw new ShapeError('a dataset where a container should be');
  return node;
}

export function decodeDataset(value: unknown): CatalogDataset {
  const json = object(value, 'a dataset');
  const kind = text(json, '_type');
  if (!/^dataset(?:#\w+)?$/u.test(kind ?? '')) throw new ShapeError(`the kind ${kind ?? 'of an entry'}`);
  return {
    kind: 'dataset',
    ...nodeFacts(json),
    dataType: text(json, 'dataType'),
    fileFormat: text(json, 'fileFormat'),
    created: time(json, 'created'),
    version: typeof json.versionId === 'number' ? decodeVersion(json) : undefined,
  };
}

/** Results of a search, and how many there are in all. */
export function decodeResults(value: unknown): {
  readonly items: readonly CatalogDataset[];
  readonly count: number;
} {
  const json = object(value, 'search results');
  const items = array(json.results ?? [], 'results').map(decodeDataset);
  return { items, count: number(json, 'count') ?? items.length };
}

export function decodeList(value: unknown): readonly CatalogNode[] {
  return array(value, 'children').map(decodeNode);
}

export function decodeAcl(value: unknown): AclEntry {
  const json = object(value, 'an entry of permissions');
  return { subject: text(json, 'subject') ?? '', permissions: text(json, 'permissions') ?? '' };
}

export function decodeAclList(value: unknown): readonly AclEntry[] {
  return array(value, 'permissions').map(decodeAcl);
}

function decodeContainerOf(json: Fields, kind: 'folder' | 'group'): CatalogContainer {
  return {
    kind,
    ...nodeFacts(json),
    description: text(json, 'description'),
    counts: json.stat === undefined || json.stat === null ? undefined : decodeCounts(json.stat),
  };
}

function decodeCounts(value: unknown): ContainerCounts {
  const json = object(value, 'counts');
  return {
    children: number(json, 'childCount'),
    folders: number(json, 'folderCount'),
    groups: number(json, 'groupCount'),
    datasets: number(json, 'datasetCount'),
  };
}

function nodeFacts(json: Fields): Pick<CatalogNode, 'name' | 'path' | 'pk' | 'metadata'> {
  const path = text(json, 'path');
  if (path?.startsWith('/') !== true) throw new ShapeError('an entry without path');
  const name = text(json, 'name') ?? path.slice(path.lastIndexOf('/') + 1);
  return { name, path, pk: number(json, 'pk'), metadata: metadata(json, 'metadata') };
}

function decodeVersion(json: Fields): DatasetVersion {
  const locations =
    json.locations !== undefined && json.locations !== null
      ? array(json.locations, 'locations', MOST_LOCATIONS).map((one) =>
          decodeLocation(object(one, 'a location'), LOCATION),
        )
      : typeof json.resource === 'string'
        ? [decodeLocation(json, INLINE)]
        : [];
  return {
    id: number(json, 'versionId') ?? 0,
    latest: json.latest === true,
    source: text(json, 'datasetSource'),
    processInstance: number(json, 'processInstance'),
    taskName: text(json, 'taskName'),
    created: time(json, 'versionCreated'),
    modified: time(json, 'versionModified'),
    metadata: metadata(json, 'versionMetadata'),
    locations,
  };
}

/** The names that differ between a location of its own and one within its dataset. */
const LOCATION = { created: 'created', modified: 'modified', scanned: 'scanned' };
const INLINE = { created: 'locationCreated', modified: 'locationModified', scanned: 'locationScanned' };

function decodeLocation(json: Fields, names: typeof LOCATION): DatasetLocation {
  return {
    site: text(json, 'site') ?? '',
    resource: text(json, 'resource') ?? '',
    size: number(json, 'size'),
    checksum: text(json, 'checksum'),
    runMin: number(json, 'runMin'),
    runMax: number(json, 'runMax'),
    eventCount: number(json, 'eventCount'),
    master: json.master === true,
    scanStatus: text(json, 'scanStatus'),
    created: time(json, names.created),
    modified: time(json, names.modified),
    scanned: time(json, names.scanned),
  };
}

function metadata(json: Fields, key: string): readonly MetadataEntry[] {
  const list = json[key];
  if (list === undefined || list === null) return [];
  return array(list, key, MOST_METADATA).flatMap((entry) => {
    try {
      return decodeMetadataEntry(entry) ?? [];
    } catch (error) {
      throw error instanceof TypeError ? new ShapeError(error.message) : error;
    }
  });
}

function object(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(what);
  return value as Fields;
}

function array(value: unknown, what: string, most = Infinity): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(what);
  if (value.length > most) throw new ShapeError(`${what}: there are ${value.length}`);
  return value;
}

function text(json: Fields, key: string): string | null {
  const value = json[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new ShapeError(key);
  return value;
}

function number(json: Fields, key: string): number | null {
  const value = json[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(key);
  return value;
}

function time(json: Fields, key: string): number | null {
  const value = text(json, key);
  if (value === null) return null;
  const read = readTime(value);
  if (Number.isNaN(read)) throw new ShapeError(key);
  return read;
}

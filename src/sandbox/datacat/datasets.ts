import type { Store } from '../server/store/store.ts';
import { readDatasetRequest, type DatasetRequest, type LocationRequest } from './datasetRequest.ts';
import { mergeMetadata } from './metadata.ts';
import { insertNode, walk, type CatalogNode } from './nodes.ts';
import { badRequest, CatalogRefusal, noSuchFile } from './refusal.ts';
import type { Target } from './requestPath.ts';
import {
  changeLocation,
  changeVersion,
  insertLocation,
  insertVersion,
  locationsOf,
  selectVersion,
  versionsOf,
  type StoredVersion,
} from './versions.ts';

interface Place {
  readonly store: Store;
  readonly now: number;
  /** Address of a node, for who made what exists. */
  readonly urlOf: (path: string) => string;
}

/** What stands behind a request, so that the right to it can be asked for before. */
export type PostKind = 'dataset' | 'datasetWithVersion' | 'version';

export function postKind(parent: CatalogNode, body: unknown): PostKind {
  if (parent.kind === 'dataset') return 'version';
  const { version, locations } = readDatasetRequest(body);
  return version === undefined && locations.length === 0 ? 'dataset' : 'datasetWithVersion';
}

/** Makes a dataset in a container, a version of a dataset, or locations of the version that the target names. */
export function postDataset(place: Place, parent: CatalogNode, target: Target, body: unknown): CatalogNode {
  const request = readDatasetRequest(body);
  if (parent.kind !== 'dataset') return makeDataset(place, parent, request);
  if (target.version === undefined || target.version === 'new') {
    makeVersion(place, parent, request);
    return parent;
  }
  const version = versionOf(place.store, parent, target.version);
  addLocations(place, parent, version, request.locations);
  return parent;
}

function makeDataset(place: Place, parent: CatalogNode, request: DatasetRequest): CatalogNode {
  const { store, now, urlOf } = place;
  const { name, dataType, fileFormat, version, locations } = request;
  if (name === undefined || name.includes('/'))
    throw badRequest('Unable to validate input', 'name is missing');
  const [, taken] = walk(store, parent, [name]);
  if (taken !== undefined) throw exists(`${taken.path} already exists`, urlOf(taken.path));
  const made = insertNode(
    store,
    parent,
    {
      kind: 'dataset',
      name,
      ...(dataType === undefined ? {} : { dataType }),
      ...(fileFormat === undefined ? {} : { fileFormat }),
    },
    now,
  );
  if (version !== undefined || locations.length > 0) makeVersion(place, made, request);
  return made;
}

function makeVersion(place: Place, dataset: CatalogNode, { version, locations }: DatasetRequest): void {
  const { store, now, urlOf } = place;
  const before = versionsOf(store, dataset);
  const wanted = version?.versionId ?? 'new';
  const versionId = wanted === 'new' ? (before.at(-1)?.versionId ?? -1) + 1 : wanted;
  if (before.some((one) => one.versionId === versionId)) {
    throw exists(`version ${versionId} already exists`, `${urlOf(dataset.path)};v=${versionId}`);
  }
  insertVersion(
    store,
    dataset,
    {
      versionId,
      datasetSource: version?.datasetSource ?? null,
      processInstance: version?.processInstance ?? null,
      taskName: version?.taskName ?? null,
      metadata: mergeMetadata([], version?.versionMetadata),
    },
    now,
  );
  addLocations(place, dataset, versionOf(store, dataset, versionId), locations);
}

function addLocations(
  { store, now, urlOf }: Place,
  dataset: CatalogNode,
  version: StoredVersion,
  locations: readonly LocationRequest[],
): void {
  for (const { site, resource, ...fields } of locations) {
    if (site === undefined || resource === undefined) {
      throw badRequest('Unable to validate input', 'a location needs site and resource');
    }
    if (locationsOf(store, version, site).length > 0) {
      throw exists(`a location at ${site} already exists`, `${urlOf(dataset.path)};l=all`);
    }
    insertLocation(store, version, { site, resource, ...fields }, now);
  }
}

/** Changes the version of a target, and the location of it that the target, or the request, means. */
export function patchDataset(place: Place, dataset: CatalogNode, target: Target, body: unknown): void {
  const { store, now } = place;
  const { version: changes, locations } = readDatasetRequest(body);
  const version = versionOf(store, dataset, target.version === 'new' ? undefined : target.version);
  if (changes !== undefined) {
    const { versionMetadata, processInstance, taskName } = changes;
    const fields = {
      datasetSource: version.datasetSource,
      processInstance: processInstance ?? version.processInstance,
      taskName: taskName ?? version.taskName,
      metadata: mergeMetadata(version.metadata, versionMetadata),
    };
    changeVersion(store, version, fields, now);
  }
  for (const { site, resource, ...fields } of locations) {
    const all = locationsOf(store, version, target.site ?? site);
    const [only] = all;
    if (all.length > 1)
      throw badRequest('Unable to process view', 'there are several locations: name a site');
    if (only !== undefined) {
      changeLocation(store, version, only, fields, now);
    } else {
      addLocations(place, dataset, version, [{ site: site ?? target.site, resource, ...fields }]);
    }
  }
}

export function versionOf(store: Store, dataset: CatalogNode, wanted: Target['version']): StoredVersion {
  const version = selectVersion(versionsOf(store, dataset), wanted);
  if (version === undefined) throw noSuchFile(`${dataset.path};v=${wanted ?? 'current'}`);
  return version;
}

function exists(message: string, location: string): CatalogRefusal {
  return new CatalogRefusal(409, 'FileAlreadyExistsException', message, { location });
}

import type { Store } from '../server/store/store.ts';
import type { StoredMetadata } from './metadata.ts';
import { countChildren, type CatalogNode } from './nodes.ts';
import type { StoredLocation, StoredVersion } from './versions.ts';

type Json = Readonly<Record<string, unknown>>;

/** A node as it travels; null fields are left out. */
export function describeNode(node: CatalogNode): Json {
  const { pk, parentPk, kind, name, path, description, metadata, dataType, fileFormat, created } = node;
  const common = { pk, parentPk, name: path === '/' ? '/' : name, path, metadata: filled(metadata) };
  if (kind !== 'dataset') return without({ _type: kind, ...common, description });
  return without({ _type: 'dataset', ...common, dataType, fileFormat, created: isoTime(created) });
}

export function describeWithCounts(store: Store, node: CatalogNode, stat: string): Json {
  const { folder, group, dataset } = countChildren(store, node);
  return {
    ...describeNode(node),
    stat: {
      _type: stat === 'dataset' ? 'stat#dataset' : 'stat',
      childCount: folder + group + dataset,
      folderCount: folder,
      groupCount: group,
      datasetCount: dataset,
    },
  };
}

/** A dataset with a version: flat where it has at most one location, full where it has several. */
export function describeDataset(
  node: CatalogNode,
  version: StoredVersion,
  locations: readonly StoredLocation[],
): Json {
  const [only] = locations;
  const inside =
    locations.length > 1
      ? { locations: locations.map(describeLocation) }
      : only === undefined
        ? {}
        : inline(only);
  return without({
    ...describeNode(node),
    _type: locations.length > 1 ? 'dataset#full' : 'dataset#flat',
    versionPk: version.pk,
    versionId: version.versionId,
    datasetSource: version.datasetSource,
    latest: version.latest,
    processInstance: version.processInstance,
    taskName: version.taskName,
    versionCreated: isoTime(version.created),
    versionModified: isoTime(version.modified),
    versionMetadata: filled(version.metadata),
    ...inside,
  });
}

function describeLocation(location: StoredLocation): Json {
  const { created, modified, scanned, ...rest } = location;
  return without({
    _type: 'location',
    ...rest,
    created: isoTime(created),
    modified: isoTime(modified),
    scanned: scanned === null ? null : isoTime(scanned),
  });
}

function inline(location: StoredLocation): Json {
  const { pk, created, modified, scanned, ...rest } = location;
  return {
    locationPk: pk,
    ...rest,
    locationCreated: isoTime(created),
    locationModified: isoTime(modified),
    locationScanned: scanned === null ? null : isoTime(scanned),
  };
}

function filled(metadata: readonly StoredMetadata[]): readonly StoredMetadata[] | null {
  return metadata.length === 0 ? null : metadata;
}

function without(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

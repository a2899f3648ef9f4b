import type { CatalogDataset, CatalogNode, DatasetLocation, MetadataEntry } from '../../datacat/index.ts';
import { isoTime } from '../shapes.ts';

/** The JSON shapes of docs/cli.md for what is in a data catalog. Times are ISO 8601, UTC, or null. */
export function nodeShape(node: CatalogNode): object {
  return node.kind === 'dataset' ? datasetShape(node) : containerShape(node);
}

function containerShape({
  kind,
  path,
  description,
  metadata,
  counts,
}: Exclude<CatalogNode, CatalogDataset>): object {
  return {
    kind,
    path,
    description,
    metadata: metadata.map(metadataShape),
    ...(counts === undefined ? {} : { counts }),
  };
}

export function datasetShape({
  kind,
  path,
  dataType,
  fileFormat,
  created,
  metadata,
  version,
}: CatalogDataset) {
  return {
    kind,
    path,
    dataType,
    fileFormat,
    created: isoTime(created),
    metadata: metadata.map(metadataShape),
    version:
      version === undefined
        ? null
        : {
            id: version.id,
            latest: version.latest,
            processInstance: version.processInstance,
            taskName: version.taskName,
            created: isoTime(version.created),
            modified: isoTime(version.modified),
            metadata: version.metadata.map(metadataShape),
            locations: version.locations.map(locationShape),
          },
  };
}

function metadataShape({ name, type, value }: MetadataEntry): object {
  return { name, type, value: type === 'timestamp' ? isoTime(value) : value };
}

function locationShape(location: DatasetLocation): object {
  const { created, modified, scanned, ...rest } = location;
  return { ...rest, created: isoTime(created), modified: isoTime(modified), scanned: isoTime(scanned) };
}

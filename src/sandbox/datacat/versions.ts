import type { Row, Store } from '../server/store/store.ts';
import type { StoredMetadata } from './metadata.ts';
import type { CatalogNode } from './nodes.ts';
import type { Target } from './requestPath.ts';

export interface StoredVersion {
  readonly pk: number;
  readonly versionId: number;
  readonly latest: boolean;
  readonly datasetSource: string | null;
  readonly processInstance: number | null;
  readonly taskName: string | null;
  readonly metadata: readonly StoredMetadata[];
  /** Epoch milliseconds, as all times. */
  readonly created: number;
  readonly modified: number;
}

/** A copy of a version, with its columns as they are called on the wire. */
export interface StoredLocation {
  readonly pk: number;
  readonly site: string;
  readonly resource: string;
  readonly size: number | null;
  readonly checksum: string | null;
  readonly runMin: number | null;
  readonly runMax: number | null;
  readonly eventCount: number | null;
  readonly master: boolean;
  readonly scanStatus: string | null;
  readonly created: number;
  readonly modified: number;
  readonly scanned: number | null;
}

/** Columns of a location that a request may set. */
export const LOCATION_FIELDS = [
  'size',
  'checksum',
  'runMin',
  'runMax',
  'eventCount',
  'scanStatus',
  'master',
  'scanned',
] as const;
export type LocationFields = Partial<Record<(typeof LOCATION_FIELDS)[number], string | number | null>>;

export type VersionFields = Pick<
  StoredVersion,
  'datasetSource' | 'processInstance' | 'taskName' | 'metadata'
>;

/** All versions, oldest first. */
export function versionsOf(store: Store, dataset: CatalogNode): readonly StoredVersion[] {
  const rows = store.rows(
    `SELECT pk, versionId, datasetSource, processInstance, taskName, metadata, created, modified
      FROM catalogVersions WHERE datasetPk = ? ORDER BY versionId`,
    dataset.pk,
  );
  return rows.map((row, index) => readVersion(row, index === rows.length - 1));
}

export function selectVersion(
  versions: readonly StoredVersion[],
  wanted: Target['version'],
): StoredVersion | undefined {
  if (wanted === 'new') return undefined;
  if (typeof wanted === 'number') return versions.find(({ versionId }) => versionId === wanted);
  return versions.at(-1);
}

export function insertVersion(
  store: Store,
  dataset: CatalogNode,
  version: VersionFields & { readonly versionId: number },
  now: number,
): void {
  const { versionId, datasetSource, processInstance, taskName, metadata } = version;
  store.run(
    `INSERT INTO catalogVersions (datasetPk, versionId, datasetSource, processInstance, taskName, metadata, created,
      modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    dataset.pk,
    versionId,
    datasetSource,
    processInstance,
    taskName,
    JSON.stringify(metadata),
    now,
    now,
  );
}

export function changeVersion(store: Store, { pk }: StoredVersion, fields: VersionFields, now: number): void {
  const { datasetSource, processInstance, taskName, metadata } = fields;
  store.run(
    `UPDATE catalogVersions SET datasetSource = ?, processInstance = ?, taskName = ?, metadata = ?, modified = ?
      WHERE pk = ?`,
    datasetSource,
    processInstance,
    taskName,
    JSON.stringify(metadata),
    now,
    pk,
  );
}

/** Copies of a version, the master first, then by site; as the view selects them. */
export function locationsOf(
  store: Store,
  version: StoredVersion,
  site: string | undefined = 'all',
): readonly StoredLocation[] {
  const all = store
    .rows(
      `SELECT pk, site, resource, size, checksum, runMin, runMax, eventCount, master, scanStatus, created, modified,
        scanned FROM catalogLocations WHERE versionPk = ? ORDER BY master DESC, site`,
      version.pk,
    )
    .map(readLocation);
  if (site === 'all') return all;
  return all.filter((location) => (site === 'master' ? location.master : location.site === site));
}

/** The first copy of a version becomes the master. */
export function insertLocation(
  store: Store,
  version: StoredVersion,
  { site, resource, ...fields }: { readonly site: string; readonly resource: string } & LocationFields,
  now: number,
): void {
  const isFirst = locationsOf(store, version).length === 0;
  const { size, checksum, runMin, runMax, eventCount, scanStatus = 'UNSCANNED', scanned } = fields;
  store.run(
    `INSERT INTO catalogLocations (versionPk, site, resource, size, checksum, runMin, runMax, eventCount, scanStatus,
      scanned, master, created, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    version.pk,
    site,
    resource,
    size ?? null,
    checksum ?? null,
    runMin ?? null,
    runMax ?? null,
    eventCount ?? null,
    scanStatus,
    scanned ?? null,
    isFirst ? 1 : 0,
    now,
    now,
  );
  if (fields.master === 1 && !isFirst) setMaster(store, version, site);
}

export function changeLocation(
  store: Store,
  version: StoredVersion,
  { pk, site }: StoredLocation,
  fields: LocationFields,
  now: number,
): void {
  for (const name of LOCATION_FIELDS) {
    const value = fields[name];
    if (value === undefined || name === 'master') continue;
    store.run(`UPDATE catalogLocations SET ${name} = ?, modified = ? WHERE pk = ?`, value, now, pk);
  }
  if (fields.master === 1) setMaster(store, version, site);
}

function setMaster(store: Store, version: StoredVersion, site: string): void {
  store.run('UPDATE catalogLocations SET master = (site = ?) WHERE versionPk = ?', site, version.pk);
}

function readVersion(row: Row, latest: boolean): StoredVersion {
  const [pk, versionId, datasetSource, processInstance, taskName, metadata, created, modified] = row;
  return {
    pk: Number(pk),
    versionId: Number(versionId),
    latest,
    datasetSource: text(datasetSource),
    processInstance: number(processInstance),
    taskName: text(taskName),
    metadata: JSON.parse(String(metadata)) as readonly StoredMetadata[],
    created: Number(created),
    modified: Number(modified),
  };
}

function readLocation(row: Row): StoredLocation {
  const [pk, site, resource, size, checksum, runMin, runMax, eventCount, master, scanStatus, ...times] = row;
  const [created, modified, scanned] = times;
  return {
    pk: Number(pk),
    site: String(site),
    resource: String(resource),
    size: number(size),
    checksum: text(checksum),
    runMin: number(runMin),
    runMax: number(runMax),
    eventCount: number(eventCount),
    master: master === 1,
    scanStatus: text(scanStatus),
    created: Number(created),
    modified: Number(modified),
    scanned: number(scanned),
  };
}

function text(value: Row[number] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: Row[number] | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

/**
 * - `integer`, `decimal`: numbers;
 * - `string`;
 * - `timestamp`: epoch milliseconds, UTC.
 */
export type MetadataEntry =
  | { readonly name: string; readonly type: 'integer' | 'decimal' | 'timestamp'; readonly value: number }
  | { readonly name: string; readonly type: 'string'; readonly value: string };

/** A change of metadata: a new value, or an end of the name. Names that are not among the changes stay as they are. */
export type MetadataChange = MetadataEntry | { readonly name: string; readonly type: 'none' };

interface NodeFacts {
  readonly name: string;
  /** From the root: `/desc/run1/f1`. */
  readonly path: string;
  /** The catalog's own number. */
  readonly pk: number | null;
  readonly metadata: readonly MetadataEntry[];
}

/** A folder holds folders, groups and datasets; a group holds datasets only. */
export interface CatalogContainer extends NodeFacts {
  readonly kind: 'folder' | 'group';
  readonly description: string | null;
  /** Undefined where it was not asked for. */
  readonly counts: ContainerCounts | undefined;
}

/** How many children, of each kind. */
export interface ContainerCounts {
  readonly children: number | null;
  readonly folders: number | null;
  readonly groups: number | null;
  readonly datasets: number | null;
}

export interface CatalogDataset extends NodeFacts {
  readonly kind: 'dataset';
  readonly dataType: string | null;
  readonly fileFormat: string | null;
  /** Epoch milliseconds, UTC; so are all times. */
  readonly created: number | null;
  /** Undefined where no version was asked for, or there is none. */
  readonly version: DatasetVersion | undefined;
}

export interface DatasetVersion {
  /** From 0. */
  readonly id: number;
  readonly latest: boolean;
  readonly source: string | null;
  /** Of the pipeline that made it. */
  readonly processInstance: number | null;
  readonly taskName: string | null;
  readonly created: number | null;
  readonly modified: number | null;
  readonly metadata: readonly MetadataEntry[];
  /** One for each site, as far as the view reaches. */
  readonly locations: readonly DatasetLocation[];
}

/** Where a copy of a version lies. */
export interface DatasetLocation {
  readonly site: string;
  /** A path at the site, or a URL. */
  readonly resource: string;
  /** Bytes. */
  readonly size: number | null;
  /** Hexadecimal digits. */
  readonly checksum: string | null;
  readonly runMin: number | null;
  readonly runMax: number | null;
  readonly eventCount: number | null;
  /** The copy that counts. */
  readonly master: boolean;
  readonly scanStatus: string | null;
  readonly created: number | null;
  readonly modified: number | null;
  readonly scanned: number | null;
}

export type CatalogNode = CatalogContainer | CatalogDataset;

/** Which version and which locations of a dataset are meant. */
export interface DatasetView {
  /** Default: the current one. */
  readonly version?: number | 'current';
  /** A site, all of them, or the copy that counts. Default: all. */
  readonly site?: string;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next part begins; undefined at the end of the list. */
  readonly next: number | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PageOptions extends CallOptions {
  /** How many come before; default 0. */
  readonly offset?: number;
  /** Default 100. */
  readonly max?: number;
}

export interface NewContainer {
  readonly kind: 'folder' | 'group';
  readonly name: string;
  readonly description?: string;
  readonly metadata?: readonly MetadataEntry[];
}

export interface NewLocation {
  /** At most 20 characters, known to the catalog. */
  readonly site: string;
  /** At most 256 characters. */
  readonly resource: string;
  /** Bytes. */
  readonly size?: number;
  /** Hexadecimal digits. */
  readonly checksum?: string;
}

export interface NewVersion {
  /** Default: the one after the latest. */
  readonly id?: number;
  readonly metadata?: readonly MetadataEntry[];
  readonly processInstance?: number;
  /** At most 30 characters. */
  readonly taskName?: string;
  readonly locations?: readonly NewLocation[];
}

export interface NewDataset {
  readonly name: string;
  /** Known to the catalog, which writes it in upper case; at most 32 characters. */
  readonly dataType: string;
  /** Known to the catalog, which writes it in lower case; at most 20 characters. */
  readonly fileFormat: string;
  readonly version?: NewVersion;
}

/** What can change of a version and of one of its locations. */
export interface DatasetChanges {
  readonly metadata?: readonly MetadataChange[];
  readonly processInstance?: number;
  readonly taskName?: string;
  readonly location?: {
    readonly size?: number;
    readonly checksum?: string;
    readonly eventCount?: number;
    readonly scanStatus?: string;
    readonly master?: boolean;
  };
}

export interface ContainerChanges {
  readonly description?: string;
  readonly metadata?: readonly MetadataChange[];
}

export interface SearchQuery extends PageOptions {
  /** In the catalog's filter language; all datasets where it is empty. */
  readonly filter?: string;
  /** Names of fields or metadata; `-name` for descending. */
  readonly sort?: readonly string[];
  /** Names of metadata to hand along. */
  readonly show?: readonly string[];
  readonly view?: DatasetView;
}

export interface SearchPage extends Page<CatalogDataset> {
  /** All that match. */
  readonly count: number;
}

/** Who may do what: `r` read, `i` insert, `d` delete, `w` write, `a` administer. */
export interface AclEntry {
  /** `group@PROJECT`, `$PUBLIC$` for everybody, `$PROTECTED$` for all who are signed in. */
  readonly subject: string;
  readonly permissions: string;
}

/**
 * A data catalog with the REST interface of SLAC's. Paths begin with `/`. Everything rejects with `DatacatError`, or with
 * the reason of the signal. What only reads is tried again when the connection breaks; what changes something is not.
 */
export interface DatacatClient {
  /** Where it is, for people. */
  readonly url: string;
  /** A folder, group or dataset. `notFound` where there is none. */
  get(path: string, options?: CallOptions & { readonly view?: DatasetView }): Promise<CatalogNode>;
  /** What a folder or group holds, by name. Datasets come without version. */
  children(
    path: string,
    options?: PageOptions & { readonly only?: 'containers' },
  ): Promise<Page<CatalogNode>>;
  /** A dataset with a version and its locations. */
  dataset(path: string, view?: DatasetView, options?: CallOptions): Promise<CatalogDataset>;
  /**
   * Datasets in the containers that a target names: a path for that container alone, `/a/*` for those in it, `/a/**` for
   * all below it. `withAllBelow` has the targets for a container and all below. A filter that cannot be read is `rejected`
   * with the place of the trouble.
   */
  search(targets: string | readonly string[], query?: SearchQuery): Promise<SearchPage>;
  /** `exists` where the name is taken. Parents are not made. */
  createContainer(parent: string, container: NewContainer, options?: CallOptions): Promise<CatalogContainer>;
  createDataset(container: string, dataset: NewDataset, options?: CallOptions): Promise<CatalogDataset>;
  createVersion(dataset: string, version: NewVersion, options?: CallOptions): Promise<CatalogDataset>;
  /** Adds copies of a version. `exists` where there is one at that site. */
  addLocations(
    dataset: string,
    version: number | 'current',
    locations: readonly NewLocation[],
    options?: CallOptions,
  ): Promise<CatalogDataset>;
  patchContainer(path: string, changes: ContainerChanges, options?: CallOptions): Promise<CatalogContainer>;
  patchDataset(
    path: string,
    changes: DatasetChanges,
    view?: DatasetView,
    options?: CallOptions,
  ): Promise<CatalogDataset>;
  /** Removes an empty container, or a dataset with all versions and locations; files at the sites stay. */
  remove(node: Pick<CatalogNode, 'kind' | 'path'>, options?: CallOptions): Promise<void>;
  permissions(path: string, options?: CallOptions): Promise<readonly AclEntry[]>;
  /** What the caller may do there, as `rid`. */
  rights(path: string, options?: CallOptions): Promise<string>;
  dispose(): void;
}

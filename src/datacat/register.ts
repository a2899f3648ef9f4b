import type { CallOptions, CatalogDataset, DatacatClient, MetadataEntry, NewLocation } from './api.ts';
import { DatacatError } from './errors.ts';
import { childPath, parentPath } from './paths.ts';

/** A file that is to be a dataset with one version and one location. */
export interface FileToRegister {
  readonly name: string;
  readonly dataType: string;
  readonly fileFormat: string;
  readonly metadata: readonly MetadataEntry[];
  readonly location: NewLocation;
}

/**
 * - `registered`: there is a new dataset;
 * - `known`: it was there, just so; nothing was changed;
 * - `newVersion`, `newLocation`: the dataset was there and has one more.
 */
export interface Registration {
  readonly outcome: 'registered' | 'known' | 'newVersion' | 'newLocation';
  readonly dataset: CatalogDataset;
}

/**
 * Registers a file once, however often it is asked to: a dataset of this name that has this copy is left as it is, and where
 * an answer was lost the catalog is asked what became of it. The same content at another site becomes a location. Another
 * content is refused with `exists`, unless `newVersion` is asked for.
 */
export async function registerFile(
  client: DatacatClient,
  folder: string,
  file: FileToRegister,
  options: CallOptions & { readonly newVersion?: boolean } = {},
): Promise<Registration> {
  const { name, dataType, fileFormat, metadata, location } = file;
  const version = { metadata, locations: [location] };
  try {
    const dataset = await client.createDataset(folder, { name, dataType, fileFormat, version }, options);
    return { outcome: 'registered', dataset };
  } catch (error) {
    if (!(error instanceof DatacatError) || (error.kind !== 'exists' && !error.mayHaveActed)) throw error;
    return await whatIsThere(client, childPath(folder, name), file, error, options);
  }
}

async function whatIsThere(
  client: DatacatClient,
  path: string,
  { metadata, location }: FileToRegister,
  trouble: DatacatError,
  options: CallOptions & { readonly newVersion?: boolean },
): Promise<Registration> {
  // Without an answer to this either, the first trouble is the one to tell.
  const dataset = await client.dataset(path, {}, options).catch((error: unknown) => {
    throw error instanceof DatacatError ? trouble : error;
  });
  const copies = dataset.version?.locations ?? [];
  const here = copies.find(({ site }) => site === location.site);
  if (here?.resource === location.resource && isSame(here, location)) {
    return { outcome: 'known', dataset };
  }
  if (here === undefined && dataset.version !== undefined && copies.some((copy) => isSame(copy, location))) {
    const more = await client.addLocations(path, dataset.version.id, [location], options);
    return { outcome: 'newLocation', dataset: more };
  }
  if (options.newVersion === true) {
    const next = await client.createVersion(path, { metadata, locations: [location] }, options);
    return { outcome: 'newVersion', dataset: next };
  }
  throw new DatacatError({
    kind: 'exists',
    tried: `register ${path} at ${client.url}`,
    cameBack: 'a dataset of this name is there, with another file',
    advice: 'Register it as a new version, or under another name',
  });
}

/** Same content, as far as both tell. */
function isSame(
  copy: { readonly size: number | null; readonly checksum: string | null },
  { size, checksum }: NewLocation,
): boolean {
  if (size === undefined || checksum === undefined)
    return copy.size === (size ?? null) && checksum === undefined;
  return copy.size === size && copy.checksum !== null && sameHex(copy.checksum, checksum);
}

/** The catalog keeps a number: leading zeros and capitals do not come back. */
function sameHex(one: string, other: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/^0+(?=.)/u, '');
  return plain(one) === plain(other);
}

/** Makes a folder and those above it, as far as they are not there. */
export async function ensureFolder(
  client: DatacatClient,
  path: string,
  options: CallOptions = {},
): Promise<void> {
  const parent = parentPath(path);
  try {
    const found = await client.get(path, options);
    if (found.kind !== 'dataset') return;
  } catch (error) {
    if (!(error instanceof DatacatError) || error.kind !== 'notFound' || parent === undefined) throw error;
    await ensureFolder(client, parent, options);
    await makeFolder(client, parent, path, options);
    return;
  }
  throw new DatacatError({
    kind: 'rejected',
    tried: `use ${path} as a folder at ${client.url}`,
    cameBack: 'it is a dataset',
    advice: 'Name a folder or a group',
  });
}

async function makeFolder(
  client: DatacatClient,
  parent: string,
  path: string,
  options: CallOptions,
): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    await client.createContainer(parent, { kind: 'folder', name }, options);
  } catch (error) {
    // Another window may have been quicker.
    if (!(error instanceof DatacatError) || error.kind !== 'exists') throw error;
  }
}

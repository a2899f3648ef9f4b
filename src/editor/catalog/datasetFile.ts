import { basename, dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CatalogDataset, DatasetLocation } from '../../datacat/index.ts';
import type { Profile } from '../../panda/index.ts';
import type { JobFile } from '../../watch/index.ts';

/** A copy of a dataset that this window may be able to read. */
export interface DatasetFile {
  readonly location: DatasetLocation;
  /** As it is read and checked. */
  readonly file: JobFile;
  /** Where it is on this machine, if it is a path of this machine. */
  readonly path: string | undefined;
}

/**
 * The copies of a dataset that can be tried: paths, files and addresses of the web, and objects of the bucket where the profile
 * stages. Whether a path is one of this machine only a look tells; of other kinds (`root:`, another bucket) none can be read.
 */
export function readableCopies(
  { name, version }: CatalogDataset,
  { staging }: Pick<Profile, 'staging'>,
): readonly DatasetFile[] {
  return (version?.locations ?? []).flatMap((location): DatasetFile[] => {
    const { resource, size, checksum } = location;
    const adler32 = checksum !== null && /^[0-9a-f]{1,8}$/iu.test(checksum) ? checksum : null;
    const file: JobFile = {
      name,
      kind: 'output',
      size,
      modified: null,
      url: resource,
      adler32: adler32?.toLowerCase().padStart(8, '0') ?? null,
      sha256: sha256Of(version?.metadata),
      staged: undefined,
    };
    const path = pathOf(resource);
    if (path !== undefined) {
      const settings = { kind: 'folder', folder: dirname(path) } as const;
      return [{ location, path, file: { ...file, staged: { settings, key: basename(path) } } }];
    }
    if (/^https?:\/\//u.test(resource)) return [{ location, path, file }];
    if (staging?.kind !== 's3') return [];
    const inside = `s3://${[staging.bucket, staging.prefix?.replace(/\/$/u, '')].filter(Boolean).join('/')}/`;
    if (!resource.startsWith(inside)) return [];
    const staged = { settings: staging, key: resource.slice(inside.length) };
    return [{ location, path, file: { ...file, staged } }];
  });
}

function pathOf(resource: string): string | undefined {
  if (isAbsolute(resource)) return resource;
  if (!resource.startsWith('file://')) return undefined;
  try {
    return fileURLToPath(resource);
  } catch {
    return undefined;
  }
}

function sha256Of(metadata: NonNullable<CatalogDataset['version']>['metadata'] = []): string | null {
  const value = metadata.find(({ name }) => name === 'sha256')?.value;
  return typeof value === 'string' && /^[0-9a-f]{64}$/u.test(value) ? value : null;
}

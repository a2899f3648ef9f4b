import {
  addressOfKey,
  attemptOfRun,
  checkName,
  outputPrefix,
  OUT_MANIFEST,
  readJobManifest,
  readOutManifest,
  sharedInputKey,
  StagingError,
  WRAPPER_LOGS,
} from '../../staging/index.ts';
import type { AttemptName, StagedObject } from '../../staging/index.ts';
import type { JobFile, JobFileList } from './jobFiles.ts';
import type { StagedJob } from './stagedJob.ts';

/** What a job was given is shown below a folder of this name, apart from what it left. */
const INPUTS = 'inputs';
/** More files than this are not told of one job. */
const MOST_FILES = 20_000;

/**
 * What a job has left where it is staged so far, with the sums that its wrapper told at the end, and what it was given.
 * Rejects as the store does.
 */
export async function stagedFiles(
  place: StagedJob,
  options: { readonly signal?: AbortSignal },
): Promise<JobFileList> {
  const { store } = place;
  let trouble: Error | null = null;
  const orTrouble = (error: unknown): undefined => {
    if (!(error instanceof StagingError)) throw error;
    trouble ??= error;
  };
  const attempt = await attemptOfRun(store, place.attempt, place.pandaId, options);
  const [objects, outManifest, manifest] = await Promise.all([
    listed(place, attempt, options),
    readOutManifest(store, attempt, options).catch(orTrouble),
    readJobManifest(store, attempt, options).catch(orTrouble),
  ]);
  const sums = new Map(outManifest?.files.map((file) => [file.name, file]));
  const prefix = outputPrefix(attempt);
  const files = objects.flatMap((object): JobFile[] => {
    const name = asUsable(object.key.slice(prefix.length));
    if (name === undefined) return [];
    const { adler32, sha256 } = sums.get(name) ?? {};
    const kind = WRAPPER_LOGS.includes(name) ? 'log' : 'output';
    return [
      jobFile(place, object.key, {
        name,
        kind,
        size: object.size,
        modified: object.modified,
        adler32,
        sha256,
      }),
    ];
  });
  const inputs = (manifest?.inputs ?? []).flatMap(({ name, size, adler32, sha256 }): JobFile[] => {
    const shown = asUsable(`${INPUTS}/${name}`);
    if (shown === undefined) return [];
    const key = sharedInputKey(attempt.area.user, sha256, name);
    return [jobFile(place, key, { name: shown, kind: 'input', size, modified: null, adler32, sha256 })];
  });
  const unusable = objects.length - files.length;
  return { files: byName(files), inputs: byName(inputs), unusable, trouble };
}

/** Everything but what the wrapper keeps beside the files. */
async function listed(
  { store }: StagedJob,
  attempt: AttemptName,
  options: { readonly signal?: AbortSignal },
): Promise<readonly StagedObject[]> {
  const prefix = outputPrefix(attempt);
  const objects: StagedObject[] = [];
  for await (const object of store.list(prefix, options)) {
    const name = object.key.slice(prefix.length);
    if (name === OUT_MANIFEST || name.startsWith('live/')) continue;
    objects.push(object);
    if (objects.length === MOST_FILES) break;
  }
  return objects;
}

function jobFile(
  { settings }: StagedJob,
  key: string,
  facts: Pick<JobFile, 'name' | 'kind' | 'size' | 'modified'> & {
    readonly adler32: string | undefined;
    readonly sha256: string | undefined;
  },
): JobFile {
  return {
    ...facts,
    adler32: facts.adler32 ?? null,
    sha256: facts.sha256 ?? null,
    url: addressOfKey(settings, key),
    staged: { settings, key },
  };
}

/** A path as it is; undefined for one that leads elsewhere, or hides what it is by characters that are not seen. */
export function asUsable(path: string): string | undefined {
  if (/[\p{C}\u2028\u2029]/u.test(path)) return undefined;
  try {
    return checkName(path);
  } catch (error) {
    if (error instanceof StagingError) return undefined;
    throw error;
  }
}

/** In the order of their names; of several with one name the last. */
export function byName(files: readonly JobFile[]): readonly JobFile[] {
  const named = new Map(files.map((file) => [file.name, file]));
  return [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

import { PandaError, splitShellWords } from '../../panda/index.ts';
import type { JobRecord, Profile } from '../../panda/index.ts';
import { placeOfReference, StagingError } from '../../staging/index.ts';
import type { StagedPlace, StagingStore, StagingStores } from '../../staging/index.ts';

/** What it takes to read where files are staged. */
export interface StagingAccess {
  readonly profile: Pick<Profile, 'staging'>;
  readonly stores: Pick<StagingStores, 'open'>;
}

/** Where the files of a job are staged, open to be read. */
export interface StagedJob extends StagedPlace {
  readonly pandaId: number;
  readonly store: StagingStore;
}

/** Finds it from the record of a job alone, which may come from anybody; undefined for one that is staged nowhere here. */
export function stagedJob(
  { PandaID: pandaId, jobParameters }: Pick<JobRecord, 'PandaID' | 'jobParameters'>,
  { profile, stores }: StagingAccess,
): StagedJob | undefined {
  const reference = manifestOf(jobParameters ?? '');
  if (reference === undefined || profile.staging === undefined) return undefined;
  const place = placeOfReference(reference, profile.staging);
  return place === undefined ? undefined : { ...place, pandaId, store: stores.open(place.settings) };
}

/** The value of `--manifest` among the words of our wrapper. */
function manifestOf(jobParameters: string): string | undefined {
  const words = splitShellWords(jobParameters);
  const end = words?.indexOf('--') ?? -1;
  if (words === undefined || end < 0) return undefined;
  const at = words.indexOf('--manifest');
  return at >= 0 && at < end - 1 ? words[at + 1] : undefined;
}

/** What is not there is so for readers of all kinds of places. */
export function asNotFound(error: unknown): unknown {
  if (!(error instanceof StagingError) || error.kind !== 'notFound') return error;
  const [, tried = 'read a staged file', cameBack = 'it is not there'] =
    /^Could not (.*): (.*?)\.$/s.exec(error.message) ?? [];
  const { advice } = error;
  return new PandaError({ kind: 'notFound', tried, cameBack, advice, cause: error });
}

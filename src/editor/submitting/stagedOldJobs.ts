import type { JobRecord } from '../../panda/index.ts';
import { readJobManifest, StagingError, userSegment, WRAPPER_LOGS } from '../../staging/index.ts';
import { stagedJob } from '../../watch/index.ts';
import type { Session } from '../session.ts';
import type { OldRequest } from './requestOfRecord.ts';

/** What an old job was given and was to leave, with the folder it is staged below; or why that is not known, as a clause. */
export type StagedFacts =
  | { readonly kind: 'facts'; readonly folder: string; readonly request: OldRequest }
  | { readonly kind: 'none'; readonly reason: string };

/** Completes the request of an old job from where the job is staged. Rejects with the reason of the signal only. */
export async function completeStaged(
  request: OldRequest,
  record: JobRecord,
  { profile, staging }: Session,
  signal: AbortSignal,
): Promise<StagedFacts> {
  const none = (reason: string): StagedFacts => ({ kind: 'none', reason });
  const place = stagedJob(record, { profile, stores: staging });
  if (place === undefined) return none('its files are not staged where this profile says');
  if (place.attempt.area.user !== userSegment(profile.user))
    return none('its files are those of another user');
  try {
    const manifest = await readJobManifest(place.store, place.attempt, { signal });
    if (manifest === undefined) return none('the list of its staged files was cleaned up');
    const outputs = manifest.outputs.filter((name) => !WRAPPER_LOGS.includes(name));
    return {
      kind: 'facts',
      folder: place.folder,
      request: { ...request, outputs, stagedInputs: manifest.inputs },
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StagingError)) throw error;
    return none(error.message.replace(/\.$/u, ''));
  }
}

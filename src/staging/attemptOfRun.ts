import type { StagingOptions, StagingStore } from './api.ts';
import { StagingError } from './errors.ts';
import { firstRunKey } from './keys.ts';
import type { AttemptName } from './keys.ts';

/** Digits of a PandaID at most, and the end of its line. */
const LONGEST = 24;

/**
 * The attempt whose files are those of the run `pandaId` of a job. The server runs a job that it lost once more, with a
 * PandaID of its own and the same words: that one found the note of the first, and left its files beside.
 */
export async function attemptOfRun(
  store: Pick<StagingStore, 'readRange'>,
  job: AttemptName,
  pandaId: number,
  options: StagingOptions = {},
): Promise<AttemptName> {
  const first = await noted(store, firstRunKey(job), options);
  return { ...job, attempt: first === undefined || first === pandaId ? 1 : 2 };
}

/** The PandaID that is noted there; undefined while there is none, and for a note that is none of ours. */
async function noted(
  store: Pick<StagingStore, 'readRange'>,
  key: string,
  options: StagingOptions,
): Promise<number | undefined> {
  try {
    const { bytes } = await store.readRange(key, 0, LONGEST, options);
    const text = Buffer.from(bytes).toString('latin1').trim();
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (error instanceof StagingError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

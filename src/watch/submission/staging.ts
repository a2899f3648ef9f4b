import { stat } from 'node:fs/promises';
import type { InputFile, JobRequest, StagedInput } from '../../panda/index.ts';
import {
  missingObjects,
  sharedInputKey,
  sharedInputs,
  StagingError,
  uploadInputs,
} from '../../staging/index.ts';
import type { ManifestInput, StagingClock, StagingStore, TransferProgress } from '../../staging/index.ts';
import type { Clock } from '../api.ts';
import { waitFor } from '../clock.ts';
import { SubmissionError } from './error.ts';
import { inputId } from './inputs.ts';
import type { WantedInputs } from './inputs.ts';
import { plural } from '../wording.ts';

/** What staging needs of the outside world. */
export interface StagingDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** A folder of the user's for what is on its way to a store: notes on begun uploads, manifests in the making. */
  readonly uploadsFolder: string;
}

/** The inputs of a submission as they are staged. */
export interface StagedInputs {
  /** Each once. */
  readonly all: readonly ManifestInput[];
  /** Places of a job's among all. */
  placesOf(request: JobRequest): readonly number[];
}

export interface StageOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
}

/**
 * Sends what jobs need to the store, unless it is there, and sums it. Rejects where a file is no longer as it was when
 * the submission was planned: what was checked then would not be what runs. Called again it goes on where it ended.
 */
export async function stageInputs(
  { files, staged }: WantedInputs,
  store: StagingStore,
  user: string,
  deps: StagingDeps,
  { signal, onProgress }: StageOptions,
): Promise<StagedInputs> {
  const stop = signal === undefined ? {} : { signal };
  const earlier = staged.map((input) => stagedBefore(user, input));
  refuseMissing(await missingInputs(store, user, earlier, stop));
  for (const file of files) await mustBeAsPlanned(file);
  const sent =
    files.length === 0
      ? []
      : await uploadInputs(store, user, files, {
          ...stop,
          onProgress,
          clock: stagingClock(deps.clock),
          random: deps.random,
          notesFolder: deps.uploadsFolder,
        });
  for (const file of files) await mustBeAsPlanned(file);
  const all = sent.map(({ key, checksums }, index) => ({ name: files[index]?.name ?? '', key, checksums }));
  const places = new Map([...files, ...staged].map((input, index) => [inputId(input), index]));
  return {
    all: [...all, ...earlier],
    placesOf: ({ inputs = [], stagedInputs = [] }) =>
      [...inputs, ...stagedInputs].flatMap((input) => places.get(inputId(input)) ?? []),
  };
}

function stagedBefore(user: string, { name, size, adler32, sha256 }: StagedInput): ManifestInput {
  return { name, key: sharedInputKey(user, sha256, name), checksums: { size, adler32, sha256 } };
}

/** Those of some inputs that are not in the store any more. */
export async function missingInputs(
  store: StagingStore,
  user: string,
  inputs: readonly ManifestInput[],
  options: { readonly signal?: AbortSignal },
): Promise<readonly ManifestInput[]> {
  const wanted = inputs.map((input) => ({ input, key: input.key, size: input.checksums.size }));
  const missing = await missingObjects(store, sharedInputs(user), wanted, options);
  return missing.map(({ input }) => input);
}

/** Throws a SubmissionError unless there are none. */
export function refuseMissing(missing: readonly ManifestInput[]): void {
  const [first] = missing;
  if (first === undefined) return;
  const rest = missing.length === 1 ? '' : ` and ${plural(missing.length - 1, 'more file')}`;
  throw new SubmissionError(
    `${first.name}${rest} of these jobs ${missing.length === 1 ? 'is' : 'are'} no longer staged. Nothing was sent.`,
    'Submit them anew from their files',
  );
}

/** Size and time tell most changes; the sums of what is sent do the rest. */
async function mustBeAsPlanned({ path, size, modified }: InputFile): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  // One that cannot be read is told of when it is sent.
  if (facts === undefined) return;
  if (facts.size === size && (modified === undefined || facts.mtimeMs === modified)) return;
  throw new StagingError({
    kind: 'changed',
    tried: `stage ${path}`,
    cameBack: 'it was changed after the submission was planned',
    advice: 'Submit it again when nobody writes to it',
  });
}

export function stagingClock(clock: Clock): StagingClock {
  return { now: () => clock.now(), wait: (ms, signal) => waitFor(clock, ms, signal) };
}

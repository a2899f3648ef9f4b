import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagingSettings } from '../../panda/index.ts';
import {
  addressOfKey,
  expiryFor,
  localError,
  manifestsKey,
  packManifests,
  piecesPerStream,
  planOfJob,
  recordUsedInputs,
  signManifest,
  StagingError,
  uploadFiles,
} from '../../staging/index.ts';
import type { ManifestInput, PresignedUrl, StagingStore, StagingStores } from '../../staging/index.ts';
import type { Clock } from '../api.ts';
import type { StagedFiles, StagingPlace } from './lines.ts';
import { setManifestUrl } from './secrets.ts';
import type { SecretDeps } from './secrets.ts';
import { stagingClock } from './staging.ts';
import type { StagingDeps } from './staging.ts';
import { formatDuration } from '../wording.ts';

export interface SigningDeps extends StagingDeps, SecretDeps {
  /** Opens where files are staged. */
  readonly stores: StagingStores;
}

/** What is to be signed: the manifests of all jobs of a submission. */
export interface SigningWork extends StagingPlace {
  readonly inputs: readonly ManifestInput[];
  /** Gone through once. */
  readonly jobs: Iterable<SigningJob> & { readonly length: number };
  /** Of the job that may run longest. */
  readonly wallSeconds: number;
}

export interface SigningJob {
  readonly number: number;
  readonly staged: StagedFiles;
  readonly wallSeconds: number;
}

export interface SigningOptions {
  readonly signal?: AbortSignal | undefined;
  /** Jobs whose manifests are signed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Signed {
  /** When the first URL runs out, epoch milliseconds. */
  readonly expiresAt: number;
  /** What the user should know of it, as sentences. */
  readonly warnings: readonly string[];
}

/** A job may wait this long (s) before it starts, and still find its URLs good. */
const QUEUE_SECONDS = 3 * 86_400;
/** URLs that do not last for a whole run and this (s) are of no use: files take their time, and clocks differ. */
const LEAST_MARGIN_SECONDS = 900;

/**
 * Signs the manifests of all jobs of a submission, and puts them where its jobs look for them: the same place however
 * often this is done, so that jobs that have not started yet take the newest. Holds one manifest in memory at a time.
 */
export async function signSubmission(
  work: SigningWork,
  deps: SigningDeps,
  options: SigningOptions = {},
): Promise<Signed> {
  const { area, settings } = work;
  const stop = options.signal === undefined ? {} : { signal: options.signal };
  const store = deps.stores.open(settings);
  const key = manifestsKey(area);
  const { seconds, warnings } = await lifetime(work, store, deps, stop);
  const file = join(deps.uploadsFolder, `${area.submissionId}.manifests`);
  try {
    const signer = settings.kind === 'folder' ? folderSigner(settings, deps.clock) : store;
    const signing = new Signing(work, signer, seconds, deps.clock.now(), options);
    const used = work.inputs.map((input) => input.key);
    await recordUsedInputs(store, area, used, stop);
    await writeManifests(file, work.jobs.length, signing.manifests());
    const transfer = { ...stop, clock: stagingClock(deps.clock), random: deps.random };
    await uploadFiles(store, [{ path: file, key }], transfer);
    const url = await signer.presign('GET', key, seconds, stop);
    if (settings.kind === 's3') await setManifestUrl(area.submissionId, url.url, deps, stop);
    return { expiresAt: Math.floor(Math.min(signing.expiresAt, url.expiresAt)), warnings };
  } finally {
    // Where it could not be written there is nothing to remove.
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** How long (s) URLs are to be good: as long as jobs may wait and run, or as long as the credentials are. */
async function lifetime(
  { area, settings, wallSeconds }: SigningWork,
  store: StagingStore,
  { clock }: SigningDeps,
  stop: { readonly signal?: AbortSignal },
): Promise<{ readonly seconds: number; readonly warnings: readonly string[] }> {
  const wanted = expiryFor({ queueSeconds: QUEUE_SECONDS, wallSeconds, attempts: 1 });
  if (settings.kind === 'folder') return { seconds: wanted.seconds, warnings: [] };
  const asked = clock.now();
  const { expiresAt } = await store.presign('GET', manifestsKey(area), wanted.seconds, stop);
  const given = Math.min(wanted.seconds, Math.floor((expiresAt - asked) / 1000));
  if (given < Math.min(wallSeconds + LEAST_MARGIN_SECONDS, wanted.seconds)) {
    throw tooShort(expiresAt, wallSeconds);
  }
  const short = wanted.short || given < wanted.seconds;
  return { seconds: given, warnings: short ? [shortWarning(given, wallSeconds, area.submissionId)] : [] };
}

function tooShort(expiresAt: number, wallSeconds: number): StagingError {
  return new StagingError({
    kind: 'expired',
    tried: `sign URLs for jobs that may run ${formatDuration(wallSeconds * 1000)}`,
    cameBack: `the credentials end at ${new Date(expiresAt).toISOString()}`,
    advice: 'Sign in anew, use credentials that last longer, or ask for less walltime',
  });
}

function shortWarning(seconds: number, wallSeconds: number, id: string): string {
  const good = `The URLs of its files are good for ${formatDuration(seconds * 1000)}`;
  return seconds > wallSeconds
    ? `${good}: before a job starts later than in ${formatDuration((seconds - wallSeconds) * 1000)}, renew them with desc-panda stage renew ${id}.`
    : `${good}, the most there is: a job that runs longer cannot leave its files.`;
}

async function writeManifests(file: string, count: number, texts: AsyncIterable<string>): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    // Its URLs are secrets.
    const handle = await open(file, 'w', 0o600);
    try {
      await packManifests(texts, count, handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw localError(error, `write ${file}`);
  }
}

/** Needs no look at the disk: whoever puts a file makes its folders. */
function folderSigner(settings: StagingSettings, clock: Clock): Signer {
  return {
    presign: (_method, key, seconds) =>
      Promise.resolve({ url: addressOfKey(settings, key), expiresAt: clock.now() + seconds * 1000 }),
  };
}

type Signer = Pick<StagingStore, 'presign'>;

/** Signs one manifest after the other. Inputs that jobs share are signed once. */
class Signing {
  expiresAt = Number.POSITIVE_INFINITY;
  readonly #work: SigningWork;
  readonly #signer: Signer;
  readonly #seconds: number;
  readonly #now: number;
  readonly #options: SigningOptions;
  readonly #inputUrls = new Map<string, Promise<PresignedUrl>>();

  constructor(work: SigningWork, signer: Signer, seconds: number, now: number, options: SigningOptions) {
    this.#work = work;
    this.#signer = signer;
    this.#seconds = seconds;
    this.#now = now;
    this.#options = options;
  }

  async *manifests(): AsyncGenerator<string> {
    const { area, settings, inputs, jobs } = this.#work;
    const { signal, onProgress } = this.#options;
    const pieces = piecesPerStream(settings, jobs.length);
    let done = 0;
    for (const { number, staged, wallSeconds } of jobs) {
      signal?.throwIfAborted();
      if (number !== done + 1) throw new Error(`job ${number} is signed as job ${done + 1}`);
      const own = staged.inputs.flatMap((place) => inputs[place] ?? []);
      const plan = planOfJob(area, { number, inputs: own, outputs: staged.outputs, wallSeconds }, pieces);
      const manifest = await signManifest(
        this,
        plan,
        this.#seconds,
        this.#now,
        signal === undefined ? {} : { signal },
      );
      this.expiresAt = Math.min(this.expiresAt, manifest.expiresAt);
      yield manifest.text();
      done += 1;
      onProgress?.(done, jobs.length);
    }
  }

  presign: StagingStore['presign'] = (method, key, seconds, options) => {
    if (method === 'PUT') return this.#signer.presign(method, key, seconds, options);
    const url = this.#inputUrls.get(key) ?? this.#signer.presign(method, key, seconds, options);
    this.#inputUrls.set(key, url);
    return url;
  };
}

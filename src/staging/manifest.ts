import { inspect } from 'node:util';
import type { Checksums, StagingOptions, StagingStore } from './api.ts';
import { StagingError } from './errors.ts';
import { checkName } from './keys.ts';

/** Longest life of a presigned URL, seconds. */
export const LONGEST_EXPIRY = 7 * 86_400;
/** On top of what is computed: clocks differ, and files take their time. */
const MARGIN_SECONDS = 3600;
const SIGNED_AT_A_TIME = 64;

/** What a job fetches and leaves, by keys. Holds no secret: it can be kept, and signed again when the URLs run out. */
export interface ManifestPlan {
  readonly inputs: readonly ManifestInput[];
  /** Where the first run notes its PandaID: one that finds another there takes the places of the second. */
  readonly firstRun: string;
  /** The server runs a job twice at most. */
  readonly runs: readonly [first: PlannedRun, second: PlannedRun];
}

/** What one run of a job leaves. */
export interface PlannedRun {
  readonly outputs: readonly ManifestOutput[];
  /** Where the wrapper puts `manifest.out.json`, last of all. */
  readonly outManifest: string;
  readonly live: readonly ManifestPiece[];
}

export interface ManifestInput {
  /** Of the file in the job's folder; `/` between folders. */
  readonly name: string;
  readonly key: string;
  readonly checksums: Checksums;
}

export interface ManifestOutput {
  readonly name: string;
  readonly key: string;
}

/** One piece of a stream that is put while the job runs. */
export interface ManifestPiece {
  readonly stream: string;
  /** From 0. */
  readonly number: number;
  /** Not before so many seconds after the start. */
  readonly after: number;
  readonly key: string;
}

/** How long URLs must live: queue, run and every retry, but never longer than stores allow. */
export function expiryFor(needs: {
  readonly queueSeconds: number;
  readonly wallSeconds: number;
  readonly attempts: number;
}): {
  readonly seconds: number;
  /** They run out before the last attempt may end. */ readonly short: boolean;
} {
  const wanted = Math.ceil((needs.queueSeconds + needs.wallSeconds) * needs.attempts) + MARGIN_SECONDS;
  return { seconds: Math.min(wanted, LONGEST_EXPIRY), short: wanted > LONGEST_EXPIRY };
}

/**
 * When to put the pieces of a stream of a job that runs up to `wallSeconds`: every few seconds at first, ever more seldom
 * later, so that `count` of them reach to the end.
 */
export function pieceTimes(wallSeconds: number, count: number, firstSeconds = 5): readonly number[] {
  const even = wallSeconds / count;
  if (even <= firstSeconds) {
    const needed = Math.max(1, Math.min(count, Math.ceil(wallSeconds / firstSeconds)));
    return Array.from({ length: needed }, (_, index) => (index + 1) * firstSeconds);
  }
  // first · (1 + r + r² + … ) reaches wallSeconds with count terms.
  let low = 1;
  let high = 1 + wallSeconds / firstSeconds;
  for (let step = 0; step < 60; step += 1) {
    const ratio = (low + high) / 2;
    const reach = (firstSeconds * (ratio ** count - 1)) / (ratio - 1);
    if (reach < wallSeconds) low = ratio;
    else high = ratio;
  }
  let time = 0;
  return Array.from({ length: count }, (_, index) => Math.round((time += firstSeconds * high ** index)));
}

/**
 * The signed form of a plan: every URL in it is a secret. It prints as a summary wherever it is logged; `text()` alone
 * gives what the job reads.
 */
export class Manifest {
  /** When the first of its URLs runs out, epoch ms. */
  readonly expiresAt: number;
  readonly #lines: readonly string[];
  readonly #summary: string;

  constructor(expiresAt: number, lines: readonly string[], summary: string) {
    this.expiresAt = expiresAt;
    this.#lines = lines;
    this.#summary = summary;
  }

  /**
   * Lines of tab-separated fields for a POSIX shell, each ended by a newline; `-` stands for a field without a value:
   * ```
   * desc-panda-manifest 1
   * expires  <epoch seconds>
   * get      <name> <size> <adler32> <sha256> <url>
   * first    <url to get> <url to put>
   * put      <name> <url>
   * live     <stream> <number> <after seconds> <url>
   * done     manifest.out.json <url>
   * second-put, second-live, second-done
   * end
   * ```
   * Names hold no tab and no newline. A manifest without `end` was cut.
   */
  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  toString(): string {
    return this.#summary;
  }

  toJSON(): string {
    return this.#summary;
  }

  [inspect.custom](): string {
    return this.#summary;
  }
}

/**
 * Signs a URL for every file of a plan, valid for `seconds`. To sign again, call it again with the same plan. Rejects
 * with `expired` where the credentials do not last so long, as their URLs would not either.
 */
export async function signManifest(
  store: Pick<StagingStore, 'presign'>,
  plan: ManifestPlan,
  seconds: number,
  now: number,
  options: StagingOptions = {},
): Promise<Manifest> {
  let expiresAt = Number.POSITIVE_INFINITY;
  const sign = async (method: 'GET' | 'PUT', key: string): Promise<string> => {
    const signed = await store.presign(method, key, seconds, options);
    expiresAt = Math.min(expiresAt, signed.expiresAt);
    return signed.url;
  };
  const lines = await inSlices([
    ...plan.inputs.map(({ name, key, checksums }) => async () => {
      const { size, adler32, sha256 } = checksums;
      return ['get', checkName(name), String(size), adler32, sha256, await sign('GET', key)];
    }),
    async () => ['first', await sign('GET', plan.firstRun), await sign('PUT', plan.firstRun)],
    ...linesOfRun(plan.runs[0], '', sign),
    ...linesOfRun(plan.runs[1], 'second-', sign),
  ]);
  // Signing itself takes a moment; a minute is not what this is about.
  if (expiresAt < now + (seconds - 60) * 1000) {
    throw new StagingError({
      kind: 'expired',
      tried: `sign URLs for ${Math.ceil(seconds / 3600)} hours`,
      cameBack: `the credentials end at ${new Date(expiresAt).toISOString()}`,
      advice: 'Sign in anew, or use credentials that last as long as the job may wait and run',
    });
  }
  return new Manifest(
    expiresAt,
    [
      'desc-panda-manifest 1',
      `expires\t${Math.floor(expiresAt / 1000)}`,
      ...lines.map((fields) => fields.join('\t')),
      'end',
    ],
    `manifest of ${plan.inputs.length} inputs and ${plan.runs[0].outputs.length} outputs until ${new Date(expiresAt).toISOString()}`,
  );
}

type Line = () => Promise<readonly string[]>;

function linesOfRun(
  { outputs, live, outManifest }: PlannedRun,
  before: string,
  sign: (method: 'PUT', key: string) => Promise<string>,
): readonly Line[] {
  return [
    ...outputs.map(({ name, key }) => async () => {
      return [`${before}put`, checkName(name), await sign('PUT', key)];
    }),
    ...live.map(({ stream, number, after, key }) => async () => {
      return [`${before}live`, checkName(stream), String(number), String(after), await sign('PUT', key)];
    }),
    async () => [`${before}done`, 'manifest.out.json', await sign('PUT', outManifest)],
  ];
}

/** Signing is quick work of this machine: some at a time keep their order and leave room for others in between. */
async function inSlices(jobs: readonly Line[]): Promise<(readonly string[])[]> {
  const done: (readonly string[])[] = [];
  for (let start = 0; start < jobs.length; start += SIGNED_AT_A_TIME) {
    done.push(...(await Promise.all(jobs.slice(start, start + SIGNED_AT_A_TIME).map((job) => job()))));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return done;
}

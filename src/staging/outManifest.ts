import type { StagingOptions, StagingStore } from './api.ts';
import { StagingError } from './errors.ts';
import { checkName, OUT_MANIFEST, outManifestKey } from './keys.ts';
import type { AttemptName } from './keys.ts';

/** More is no manifest of ours. */
const LONGEST_MANIFEST = 16 * 1024 * 1024;

/** A file that the wrapper left, as it summed it on the worker node. */
export interface OutFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly adler32: string | undefined;
  readonly sha256: string | undefined;
}

/** What the wrapper says at the very end: its presence means that everything listed has arrived. */
export interface OutManifest {
  /** Of the wrapper. */
  readonly exitCode: number;
  /** The payload's own. */
  readonly payloadExitCode: number | undefined;
  readonly files: readonly OutFile[];
}

/**
 * Reads `manifest.out.json` of an attempt; undefined while there is none, that is while it runs or after it was lost.
 * Names that would lead out of the attempt's folder are refused, with all the rest.
 */
export async function readOutManifest(
  store: StagingStore,
  attempt: AttemptName,
  options: StagingOptions = {},
): Promise<OutManifest | undefined> {
  const key = outManifestKey(attempt);
  let text: string;
  try {
    const { bytes, size } = await store.readRange(key, 0, LONGEST_MANIFEST, options);
    if (size > bytes.length) throw badManifest(key, `it has ${size} bytes`);
    text = new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof StagingError && error.kind === 'notFound') return undefined;
    throw error;
  }
  return parseOutManifest(text, key);
}

/**
 * `{"version": 1, "exitCode": 0, "payloadExitCode": 0, "files": [{"name", "size", "adler32"?, "sha256"?}]}`; more fields
 * are passed over.
 */
export function parseOutManifest(text: string, key = OUT_MANIFEST): OutManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badManifest(key, 'it is not JSON', error);
  }
  if (!isObject(json) || json.version !== 1) throw badManifest(key, 'it is of no version known here');
  const { exitCode, payloadExitCode, files } = json;
  if (!isWhole(exitCode)) throw badManifest(key, 'its exitCode is no number');
  if (payloadExitCode !== undefined && payloadExitCode !== null && !isWhole(payloadExitCode)) {
    throw badManifest(key, 'its payloadExitCode is no number');
  }
  if (!Array.isArray(files)) throw badManifest(key, 'it lists no files');
  return {
    exitCode,
    payloadExitCode: payloadExitCode ?? undefined,
    files: files.map((file: unknown) => readFile(file, key)),
  };
}

function readFile(file: unknown, key: string): OutFile {
  if (!isObject(file) || typeof file.name !== 'string') throw badManifest(key, 'a file has no name');
  const name = checkName(file.name);
  if (!isWhole(file.size) || file.size < 0) throw badManifest(key, `the size of ${name} is no number`);
  const adler32 = readSum(file.adler32, /^[0-9a-f]{1,8}$/);
  const sha256 = readSum(file.sha256, /^[0-9a-f]{64}$/);
  if (adler32 === null || sha256 === null) throw badManifest(key, `a checksum of ${name} is none`);
  return { name, size: file.size, adler32: adler32?.padStart(8, '0'), sha256 };
}

/** Undefined where there is none, null where it is not one. */
function readSum(value: unknown, form: RegExp): string | undefined | null {
  if (value === undefined || value === null || value === '' || value === '-') return undefined;
  return typeof value === 'string' && form.test(value.toLowerCase()) ? value.toLowerCase() : null;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badManifest(key: string, cameBack: string, cause?: unknown): StagingError {
  return new StagingError({
    kind: 'protocol',
    tried: `read ${key}`,
    cameBack,
    advice: 'Look at the log of the job: its wrapper did not end as it should',
    cause,
  });
}

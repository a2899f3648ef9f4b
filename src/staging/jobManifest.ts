import type { Checksums, StagingOptions, StagingStore } from './api.ts';
import { StagingError } from './errors.ts';
import { checkName, manifestsKey } from './keys.ts';
import type { AttemptName } from './keys.ts';

/** Of one line of the index: two numbers of 11 digits, a blank and a newline. */
const LINE = 24;
/** More is no manifest of ours, bytes. */
const LONGEST_MANIFEST = 16 * 1024 * 1024;

/** What a job was given and what it is to leave, read back without the URLs. */
export interface JobManifest {
  readonly inputs: readonly ({ readonly name: string } & Checksums)[];
  /** Names, those of the wrapper's logs among them. */
  readonly outputs: readonly string[];
}

/** Reads the manifest of one job from the object of its submission; undefined where there is none. */
export async function readJobManifest(
  store: StagingStore,
  { area, jobId }: AttemptName,
  options: StagingOptions = {},
): Promise<JobManifest | undefined> {
  const key = manifestsKey(area);
  try {
    const line = await store.readRange(key, (Number(jobId) - 1) * LINE, LINE, options);
    const [, from, length] = /^(\d{11}) (\d{11})\n$/.exec(Buffer.from(line.bytes).toString('latin1')) ?? [];
    if (from === undefined || Number(length) > LONGEST_MANIFEST) throw notOurs(key);
    const { bytes } = await store.readRange(key, Number(from), Number(length), options);
    return parse(Buffer.from(bytes).toString('utf8'), key);
  } catch (error) {
    if (error instanceof StagingError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

function parse(text: string, key: string): JobManifest {
  const [head, ...lines] = text.split('\n');
  if (head !== 'desc-panda-manifest 1' || !text.endsWith('\nend\n')) throw notOurs(key);
  const inputs: JobManifest['inputs'][number][] = [];
  const outputs: string[] = [];
  for (const line of lines) {
    const [kind, name = '', size = '', adler32 = '', sha256 = ''] = line.split('\t');
    if (kind === 'put') outputs.push(checkName(name));
    if (kind !== 'get') continue;
    if (!/^\d{1,15}$/.test(size) || !/^[0-9a-f]{8}$/.test(adler32) || !/^[0-9a-f]{64}$/.test(sha256)) {
      throw notOurs(key);
    }
    inputs.push({ name: checkName(name), size: Number(size), adler32, sha256 });
  }
  return { inputs, outputs };
}

function notOurs(key: string): StagingError {
  return new StagingError({
    kind: 'protocol',
    tried: `read ${key}`,
    cameBack: 'it holds no manifests of ours',
    advice: 'Look at it with desc-panda stage ls',
  });
}

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What must be known to go on with an upload in parts after a break. Holds no secret. */
export interface UploadState {
  readonly uploadId: string;
  readonly size: number;
  readonly sha256: string;
  readonly partSize: number;
}

/** Notes of begun uploads, one small file each, in a folder of the user's. */
export class UploadNotes {
  readonly #folder: string | undefined;
  readonly #store: string;

  /** Without a folder nothing is noted. `store` tells stores apart. */
  constructor(folder: string | undefined, store: string) {
    this.#folder = folder;
    this.#store = store;
  }

  /** Undefined where there is none, or none that can be read. */
  async read(key: string): Promise<UploadState | undefined> {
    const file = this.#fileOf(key);
    if (file === undefined) return undefined;
    try {
      const json: unknown = JSON.parse(await readFile(file, 'utf8'));
      return isState(json) && json.store === this.#store && json.key === key ? json : undefined;
    } catch {
      // Without a note the file is sent from its beginning.
      return undefined;
    }
  }

  async write(key: string, state: UploadState): Promise<void> {
    const file = this.#fileOf(key);
    if (this.#folder === undefined || file === undefined) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ version: 1, store: this.#store, key, ...state });
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async forget(key: string): Promise<void> {
    const file = this.#fileOf(key);
    if (file !== undefined) await rm(file, { force: true });
  }

  #fileOf(key: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const hash = createHash('sha256').update(`${this.#store}\n${key}`).digest('hex');
    return join(this.#folder, `${hash.slice(0, 32)}.json`);
  }
}

function isState(json: unknown): json is UploadState & { readonly store: unknown; readonly key: unknown } {
  if (typeof json !== 'object' || json === null) return false;
  const { version, uploadId, size, sha256, partSize } = json as Readonly<Record<string, unknown>>;
  return (
    version === 1 &&
    typeof uploadId === 'string' &&
    typeof size === 'number' &&
    typeof sha256 === 'string' &&
    typeof partSize === 'number'
  );
}

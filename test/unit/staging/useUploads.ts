import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uploadFiles } from '../../../src/staging/index.ts';
import type { StagingStore, UploadOptions } from '../../../src/staging/index.ts';
import type { ScriptedS3 } from './scriptedS3.ts';
import { quickClock, temporaryFolder } from './temporary.ts';
import { useS3 } from './useS3.ts';

/** Bytes of a part. */
export const PART = 256 * 1024;

/** 6 parts and a bit. */
export const LARGE = randomBytes(6 * PART + 1000);

export interface Uploads {
  readonly s3: ScriptedS3;
  readonly store: StagingStore;
  readonly clock: ReturnType<typeof quickClock>;
  readonly folder: string;
  /** Writes a file; returns its path. */
  readonly made: (name: string, content: Uint8Array) => Promise<string>;
  readonly options: (more?: UploadOptions) => UploadOptions;
  /** Sends `LARGE` to `k`. */
  readonly sendLarge: (more?: UploadOptions) => Promise<void>;
  readonly bytesOf: (key: string) => Buffer | undefined;
}

/** Registers hooks: each test has a store and a folder of its own, and waits that take no time. */
export function useUploads(): Uploads {
  const folder = temporaryFolder();
  const opened = useS3();
  let clock: ReturnType<typeof quickClock>;
  beforeEach(() => {
    clock = quickClock();
  });
  const made = async (name: string, content: Uint8Array): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  };
  const options = (more: UploadOptions = {}): UploadOptions => ({
    clock,
    partSize: PART,
    notesFolder: join(folder.path, 'notes'),
    ...more,
  });
  return {
    get s3() {
      return opened.s3;
    },
    get store() {
      return opened.store;
    },
    get clock() {
      return clock;
    },
    get folder() {
      return folder.path;
    },
    made,
    options,
    async sendLarge(more) {
      const path = await made('large', LARGE);
      await uploadFiles(opened.store, [{ path, key: 'k' }], options(more));
    },
    bytesOf: (key) => opened.s3.objects.get(key)?.bytes,
  };
}

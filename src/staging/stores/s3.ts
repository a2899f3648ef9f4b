import type { PartUploads, StagingStore } from '../api.ts';
import { describeS3, S3_PATIENCE } from './s3/config.ts';
import type { S3Config, S3Patience } from './s3/config.ts';

/** Staging in a bucket of any S3 store. The SDK is loaded, and settings are read, when it is first used. */
export function s3Store(config: S3Config, patience: S3Patience = S3_PATIENCE): StagingStore {
  let opened: Promise<StagingStore> | undefined;
  const open = (): Promise<StagingStore> => {
    opened ??= import('./s3/client.ts')
      .then(({ openS3 }) => openS3(config, patience))
      .catch((error: unknown) => {
        // A CA file that was missing may be there the next time.
        opened = undefined;
        throw error;
      });
    return opened;
  };
  return {
    describe: () => describeS3(config),
    put: async (...args) => (await open()).put(...args),
    get: async (...args) => (await open()).get(...args),
    readRange: async (...args) => (await open()).readRange(...args),
    head: async (...args) => (await open()).head(...args),
    async *list(...args) {
      yield* (await open()).list(...args);
    },
    remove: async (...args) => (await open()).remove(...args),
    presign: async (...args) => (await open()).presign(...args),
    parts: lazyParts(async () => {
      const { parts } = await open();
      if (parts === undefined) throw new Error('S3 knows uploads in parts');
      return parts;
    }),
    dispose: () => {
      void opened?.then(
        (store) => store.dispose(),
        () => undefined,
      );
    },
  };
}

function lazyParts(parts: () => Promise<PartUploads>): PartUploads {
  return {
    create: async (...args) => (await parts()).create(...args),
    putPart: async (...args) => (await parts()).putPart(...args),
    listParts: async (...args) => (await parts()).listParts(...args),
    complete: async (...args) => (await parts()).complete(...args),
    abort: async (...args) => (await parts()).abort(...args),
    async *unfinished(...args) {
      yield* (await parts()).unfinished(...args);
    },
  };
}

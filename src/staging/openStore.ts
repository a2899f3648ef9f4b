import type { StagingSettings } from '../panda/index.ts';
import type { StagingStore } from './api.ts';
import { folderStore } from './stores/folder.ts';
import { s3Store } from './stores/s3.ts';
import type { S3Credentials } from './stores/s3/config.ts';

/**
 * The store that a profile's settings name. `credentials`, from a secret storage, go before what AWS tools find by
 * themselves. Nothing is connected or made before the first use.
 */
export function openStagingStore(settings: StagingSettings, credentials?: S3Credentials): StagingStore {
  if (settings.kind === 'folder') return folderStore(settings.folder);
  const { bucket, prefix, endpoint, region, pathStyle, caFile, credentialsProfile, checksums } = settings;
  const chain: S3Credentials =
    credentialsProfile === undefined ? { kind: 'chain' } : { kind: 'chain', profile: credentialsProfile };
  return s3Store({
    bucket,
    prefix: prefix ?? '',
    endpoint,
    region,
    pathStyle,
    caFile,
    checksums,
    credentials: credentials ?? chain,
  });
}

/** The stores of one profile, each opened once however often it is asked for. */
export interface StagingStores {
  open(settings: StagingSettings): StagingStore;
  dispose(): void;
}

export function createStagingStores(credentials?: S3Credentials): StagingStores {
  const opened = new Map<string, StagingStore>();
  return {
    open(settings) {
      const key = JSON.stringify(settings);
      const store = opened.get(key) ?? openStagingStore(settings, credentials);
      opened.set(key, store);
      return store;
    },
    dispose() {
      for (const store of opened.values()) store.dispose();
      opened.clear();
    },
  };
}

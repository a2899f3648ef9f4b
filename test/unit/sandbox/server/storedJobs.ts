import type { Identity } from '../../../../src/sandbox/server/identity.ts';
import {
  FILE_COLUMNS,
  JOB_COLUMNS,
  type StoredFile,
  type StoredJob,
} from '../../../../src/sandbox/server/store/columns.ts';

/** A stored job with nothing set but what is given. */
export function storedJob(facts: Partial<StoredJob> = {}): StoredJob {
  const empty = Object.fromEntries(JOB_COLUMNS.map((name) => [name, null]));
  return { ...(empty as unknown as StoredJob), PandaID: 7, jobStatus: 'running', attemptNr: 0, ...facts };
}

export function storedFile(facts: Partial<StoredFile> = {}): StoredFile {
  const empty = Object.fromEntries(FILE_COLUMNS.map((name) => [name, null]));
  return { ...(empty as unknown as StoredFile), row_ID: 1, PandaID: 7, ...facts };
}

export const NOW = Date.UTC(2026, 10, 23, 12);

export function caller(dn: string, facts: Partial<Identity> = {}): Identity {
  return { dn, fqans: [], production: false, ownsEverything: false, ...facts };
}

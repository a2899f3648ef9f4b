import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StagingClock } from '../../../src/staging/index.ts';

/** A folder for the tests of one suite, made anew before each and removed after it. */
export function temporaryFolder(): { readonly path: string } {
  let path = '';
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'staging-'));
  });
  afterEach(() => rm(path, { recursive: true, force: true, maxRetries: 3 }));
  return {
    get path() {
      return path;
    },
  };
}

/** Waits take no time, and are counted. */
export function quickClock(): StagingClock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => Date.now(),
    wait: (ms, signal) => {
      waits.push(ms);
      signal?.throwIfAborted();
      return Promise.resolve();
    },
  };
}

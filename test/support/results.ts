import { renameSync, writeFileSync } from 'node:fs';

/** What a suite's reporter leaves in the file named by `DESC_PANDA_TEST_RESULTS`, for `scripts/test.ts`. */
export interface SuiteResults {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly title: string; readonly text: string }[];
  readonly durationMs: number;
}

/** Writes the results whole or not at all: somebody waits for the file to appear. */
export function writeResults(file: string, results: SuiteResults): void {
  writeFileSync(`${file}.new`, JSON.stringify(results, undefined, 1));
  renameSync(`${file}.new`, file);
}

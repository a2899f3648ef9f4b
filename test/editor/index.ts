/** Runs the tests beside it inside a VS Code's extension host; called by VS Code itself. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import ResultReporter from '../support/reporter.ts';
import { writeResults } from '../support/results.ts';

export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    color: false,
    reporter: ResultReporter,
    failZero: true,
  });
  try {
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.js'));
    for (const file of files.sort()) mocha.addFile(join(import.meta.dirname, file));
    await mocha.loadFilesAsync();
  } catch (error) {
    reportCrash(error);
    throw error;
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}

/** Whoever waits for the results learns of tests that could not even be loaded. */
function reportCrash(error: unknown): void {
  const file = process.env.DESC_PANDA_TEST_RESULTS;
  if (file === undefined) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const failures = [{ title: 'the editor tests could not be loaded', text }];
  writeResults(file, { passed: 0, failed: 1, skipped: 0, failures, durationMs: 0 });
}

/**
 * Runs the suites (`unit`, `editor`, `browser`; those named, and `interop` only where it is named) and ends with one line,
 * `N passed, N failed`. `--grep TEXT` runs only the tests outside the editor whose titles hold TEXT.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { parseArgs } from 'node:util';
import type { SuiteResults } from '../test/support/results.ts';
import { buildIfStale } from './lib/build.ts';
import { requireChromium } from './lib/chromium.ts';
import { failureText, main, report, StepError } from './lib/console.ts';
import { runEditorTests } from './lib/editorTests.ts';
import { testOutput } from './lib/paths.ts';
import { runTool } from './lib/run.ts';
import { stopSandboxesBelow } from './lib/sandboxes.ts';

interface Run {
  /** Everything of this run is below it: temporary files, sandboxes, editors. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly resultsFile: string;
  readonly grep: string | undefined;
}

const minute = 60_000;

const suites: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  unit: (run) => runMocha(run, 'test/unit/**/*.test.ts', 'dot', 30 * minute),
  editor: (run) => runEditorTests({ ...run, timeoutMs: 15 * minute }),
  browser: (run) => {
    const env = { ...run.env, CHROMIUM_PATH: requireChromium(run.env) };
    return runMocha({ ...run, env }, 'test/browser/**/*.test.ts', 'spec', 30 * minute);
  },
  // With what is installed the first time, from registries.
  interop: (run) => {
    const more = ['--require', './test/interop/table.ts'];
    return runMocha(run, 'test/interop/**/*.test.ts', 'spec', 30 * minute, more);
  },
};

/** Those that need nothing but npm and Chromium. */
const usual = ['unit', 'editor', 'browser'];

async function runMocha(
  run: Run,
  pattern: string,
  style: string,
  timeoutMs: number,
  more: readonly string[] = [],
): Promise<void> {
  const env = { ...run.env, DESC_PANDA_TEST_RESULTS: run.resultsFile, DESC_PANDA_TEST_STYLE: style };
  const args = ['--reporter', './test/support/reporter.ts', ...more, pattern];
  if (run.grep !== undefined) args.push('--fgrep', run.grep, '--no-fail-zero');
  const code = await runTool('node_modules/mocha/bin/mocha.js', args, { env, timeoutMs });
  if (code !== 0 && !existsSync(run.resultsFile)) {
    throw new StepError(
      `mocha ended with exit code ${code} before its tests did.`,
      'Read what it said above',
    );
  }
}

/** Runs one suite; one that crashes, or runs no test, counts as one failed. */
async function runSuite(name: string, folder: string, grep: string | undefined): Promise<SuiteResults> {
  const suite = suites[name];
  if (suite === undefined) throw new Error(`no suite ${name}`);
  const own = join(folder, name);
  await mkdir(own);
  const resultsFile = join(testOutput, `${name}.json`);
  const env = { ...process.env, ...isolation(own) };
  report(`\n== ${name}`);
  try {
    await suite({ folder: own, env, resultsFile, grep });
  } catch (error) {
    report(failureText(error));
    return crashed(`the ${name} suite`, failureText(error));
  } finally {
    await stopSandboxesBelow(own);
  }
  if (!existsSync(resultsFile)) return crashed(`the ${name} suite`, 'It did not end in time.');
  const results = JSON.parse(await readFile(resultsFile, 'utf8')) as SuiteResults;
  if (results.passed + results.failed > 0 || grep !== undefined) return results;
  return crashed(`the ${name} suite`, 'It ran no test.');
}

/** Tests keep away from what belongs to whoever runs them. */
function isolation(folder: string): NodeJS.ProcessEnv {
  return {
    TMPDIR: folder,
    DESC_PANDA_HOME: join(folder, 'home'),
    // The shell may point at a real PanDA.
    DESC_PANDA_PROFILE: 'sandbox',
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
}

function crashed(title: string, text: string): SuiteResults {
  return { passed: 0, failed: 1, skipped: 0, durationMs: 0, failures: [{ title, text }] };
}

await main(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !(name in suites));
  if (unknown.length > 0) {
    throw new StepError(
      `There is no suite ${unknown.join(', ')}.`,
      `Name some of ${Object.keys(suites).join(', ')}`,
    );
  }
  if (await buildIfStale({ production: false })) report('built');
  await rm(testOutput, { recursive: true, force: true });
  await mkdir(testOutput, { recursive: true });
  const folder = await mkdtemp(`${tmpdir()}${sep}desc-panda-test-`);
  const all: SuiteResults[] = [];
  try {
    for (const name of positionals.length > 0 ? positionals : usual) {
      const results = await runSuite(name, folder, values.grep);
      const seconds = (results.durationMs / 1000).toFixed(1);
      report(`${name}: ${results.passed} passed, ${results.failed} failed in ${seconds} s`);
      all.push(results);
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  summarise(all);
});

function summarise(all: readonly SuiteResults[]): void {
  const failures = all.flatMap((results) => results.failures);
  if (failures.length > 0) report('\nFailed:');
  for (const { title, text } of failures) {
    report(`  ${title}\n    ${text.split('\n').slice(0, 12).join('\n    ')}`);
  }
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    all.reduce((n, results) => n + results[key], 0);
  const passed = sum('passed');
  const failed = sum('failed');
  if (sum('skipped') > 0) report(`${sum('skipped')} skipped`);
  report(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

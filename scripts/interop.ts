/**
 * Runs the tests against other people's programs, which it installs below `.cache/interop`; ends with one line,
 * `N passed, N failed`. `--grep TEXT` runs only tests whose titles hold TEXT.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SuiteResults } from '../test/support/results.ts';
import { main, report, StepError } from './lib/console.ts';
import { requireInteropTools } from './lib/interopTools.ts';
import { testOutput } from './lib/paths.ts';
import { runTool } from './lib/run.ts';

const limitMs = 15 * 60_000;

await main(async () => {
  const { values } = parseArgs({ options: { grep: { type: 'string' } } });
  const tools = requireInteropTools();
  if (tools.versitygw === undefined) report('Go is not here: versitygw is not tried, moto alone is.');
  await mkdir(testOutput, { recursive: true });
  const resultsFile = join(testOutput, 'interop.json');
  await rm(resultsFile, { force: true });
  const folder = await mkdtemp(join(tmpdir(), 'desc-panda-interop-'));
  try {
    const args = [
      '--timeout',
      '120000',
      '--reporter',
      './test/support/reporter.ts',
      'test/interop/**/*.test.ts',
    ];
    if (values.grep !== undefined) args.push('--fgrep', values.grep);
    const env = {
      ...process.env,
      TMPDIR: folder,
      DESC_PANDA_INTEROP_TOOLS: JSON.stringify(tools),
      DESC_PANDA_TEST_RESULTS: resultsFile,
      DESC_PANDA_TEST_STYLE: 'spec',
    };
    await runTool('node_modules/mocha/bin/mocha.js', args, { env, timeoutMs: limitMs });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  if (!existsSync(resultsFile)) {
    throw new StepError('The tests did not end in time, or crashed.', 'Read what mocha said above');
  }
  const { passed, failed } = JSON.parse(await readFile(resultsFile, 'utf8')) as SuiteResults;
  report(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
});

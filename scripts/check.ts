/** Everything that can be said of the code without running it. Runs all checks, and names those that failed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, report, StepError } from './lib/console.ts';
import { root } from './lib/paths.ts';
import { ownFiles, repositoryProblems } from './lib/repository.ts';
import { runTool } from './lib/run.ts';

interface Check {
  readonly name: string;
  readonly passes: () => Promise<boolean>;
}

const tool = (name: string, script: string, ...args: string[]): Check => ({
  name,
  passes: async () => (await runTool(script, args)) === 0,
});

const tsc = 'node_modules/typescript/bin/tsc';
const checks: readonly Check[] = [
  tool('types', tsc, '-p', '.'),
  tool('types of the page', tsc, '-p', 'webview'),
  tool('types of the browser tests', tsc, '-p', 'test/browser'),
  tool('lint', 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'),
  tool('format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  tool(
    'rooms',
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    '--output-type',
    'err',
    ...['src', 'webview'].filter((folder) => existsSync(join(root, folder))),
  ),
  {
    name: 'repository',
    passes: () => {
      const problems = repositoryProblems(ownFiles());
      for (const problem of problems) report(problem);
      return Promise.resolve(problems.length === 0);
    },
  },
];

await main(async () => {
  const failed: string[] = [];
  for (const check of checks) {
    const begun = performance.now();
    const passed = await check.passes();
    report(
      `${passed ? 'ok    ' : 'FAILED'} ${check.name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`,
    );
    if (!passed) failed.push(check.name);
  }
  if (failed.length > 0) {
    throw new StepError(
      `Checks failed: ${failed.join(', ')}.`,
      'Mend what is named above (npm run format mends the format)',
    );
  }
});

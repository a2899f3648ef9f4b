import Mocha from 'mocha';
import { type SuiteResults, writeResults } from './results.ts';

/** Shows tests as mocha does (`DESC_PANDA_TEST_STYLE`: `dot` or `spec`), and leaves the counts for `scripts/test.ts`. */
export default class ResultReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const Style = process.env.DESC_PANDA_TEST_STYLE === 'dot' ? Mocha.reporters.Dot : Mocha.reporters.Spec;
    new Style(runner, options);
    runner.once('end', () => {
      const file = process.env.DESC_PANDA_TEST_RESULTS;
      if (file !== undefined) writeResults(file, resultsOf(this));
    });
  }
}

function resultsOf({ stats, failures }: Mocha.reporters.Base): SuiteResults {
  return {
    passed: stats.passes,
    failed: stats.failures,
    skipped: stats.pending,
    durationMs: stats.duration ?? 0,
    failures: failures.map((test) => ({
      title: test.fullTitle(),
      text: test.err?.stack ?? test.err?.message ?? 'no error given',
    })),
  };
}

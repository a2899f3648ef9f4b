/**
 * Makes `dist/`. Options: `--production` (minified, no source maps), `--watch`.
 * What is not written yet is left out and named.
 */
import { build, type Settings, watch } from './lib/build.ts';
import { main, report } from './lib/console.ts';

await main(async () => {
  const settings: Settings = { production: process.argv.includes('--production') };
  if (process.argv.includes('--watch')) {
    await watch(settings);
    return;
  }
  const begun = performance.now();
  const { skipped } = await build(settings);
  for (const source of skipped) report(`left out: ${source} is not there`);
  report(`built in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
});

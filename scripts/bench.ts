/** Measures. `--only NAME` (again and again) measures only some parts. */
import { parseArgs } from 'node:util';
import { bench } from '../test/bench/main.ts';
import { buildIfStale } from './lib/build.ts';
import { main } from './lib/console.ts';

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  await buildIfStale({ production: false });
  await bench(values.only ?? []);
});

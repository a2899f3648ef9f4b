/**
 * Reads recorded Java RMI messages with things wrong in them. `--count N` of them, a million without it; `--seed N` for
 * others. The process that reads has little memory: what needs more ends it.
 */
import { join } from 'node:path';
import { main } from './lib/console.ts';
import { root } from './lib/paths.ts';
import { runProcess } from './lib/run.ts';

const littleMemory = ['--max-old-space-size=64', '--max-semi-space-size=8'];

await main(async () => {
  const script = join(root, 'test', 'fuzz', 'main.ts');
  process.exitCode = await runProcess(process.execPath, [...littleMemory, script, ...process.argv.slice(2)]);
});

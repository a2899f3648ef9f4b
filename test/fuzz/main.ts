/** Reads messages with things wrong in them, and says what that took; `scripts/fuzz.ts` calls it. */
import { parseArgs } from 'node:util';
import { main, report, StepError } from '../../scripts/lib/console.ts';
import { fuzzRmi } from './rmiFuzz.ts';

const MB = 1024 * 1024;
/** What the process may take, Node.js itself and all. */
const MOST_MEMORY_MB = 200;
/** What one may take, on a machine that does other things, too. */
const SLOWEST_MS = 2000;

await main(() => {
  const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
  const count = wholeNumber('count', values.count ?? '1000000');
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 2 ** 31));
  report(`${count} messages, seed ${seed}`);
  const begun = performance.now();
  let memory = 0;
  let told = begun;
  const { read, refused, slowestMs } = fuzzRmi(count, seed, (done) => {
    memory = Math.max(memory, process.memoryUsage.rss());
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    report(`${done} of ${count}, at most ${Math.round(memory / MB)} MB`);
  });
  const seconds = (performance.now() - begun) / 1000;
  report(`${read} were read, ${refused} refused, in ${seconds.toFixed(0)} s`);
  report(`at most ${Math.round(memory / MB)} MB of memory; the slowest took ${slowestMs.toFixed(0)} ms`);
  if (memory > MOST_MEMORY_MB * MB || slowestMs > SLOWEST_MS) {
    throw new StepError(
      `Reading took more than ${MOST_MEMORY_MB} MB, or one message more than ${SLOWEST_MS} ms.`,
      `Look for what takes so much, with --seed ${seed}`,
    );
  }
  return Promise.resolve();
});

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new StepError(`--${name} ${text} is no whole number.`, `Say --${name} 1000`);
}

/** Measures part by part, prints a table, and writes `bench-results.json`; `scripts/bench.ts` builds first and calls it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report as say, StepError } from '../../scripts/lib/console.ts';
import { root } from '../../scripts/lib/paths.ts';
import { activation } from './activation.ts';
import { catalog } from './catalog.ts';
import { client } from './client.ts';
import type { BenchPart, BenchResult } from './part.ts';
import { journal } from './journal.ts';
import { pandaClient } from './pandaClient/pandaClient.ts';
import { rmi } from './rmi.ts';
import { sandbox } from './sandbox.ts';
import { sizes } from './sizes.ts';
import { staging } from './staging.ts';
import { parts as store } from './store.ts';

const parts: readonly BenchPart[] = [
  catalog,
  client,
  sandbox,
  ...store,
  activation,
  sizes,
  staging,
  rmi,
  journal,
  pandaClient,
];

/** Runs the named parts, all where none is named. */
export async function bench(only: readonly string[]): Promise<void> {
  const unknown = only.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    const known = parts.map((part) => part.name).join(', ');
    throw new StepError(`There is no part ${unknown.join(', ')} to measure.`, `Name some of ${known}`);
  }
  const results: BenchResult[] = [];
  for (const part of parts.filter(({ name }) => only.length === 0 || only.includes(name))) {
    say(`\n${part.name}`);
    await part.run((result) => {
      results.push(result);
      say(line(result));
    });
  }
  await writeFile(join(root, 'bench-results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  const missed = results.filter(({ met }) => met === false);
  say(`\n${results.length} figures in bench-results.json, ${missed.length} beyond their goals`);
}

function line({ name, value, unit, goal, met }: BenchResult): string {
  const verdict = met === null ? '' : met ? 'met' : 'MISSED';
  const wanted = goal === null ? '' : `goal ${shown(goal)} ${unit}`;
  return `  ${name.padEnd(76)} ${shown(value).padStart(10)} ${unit.padEnd(9)} ${wanted.padEnd(20)} ${verdict}`.trimEnd();
}

/** Three figures are enough for anybody. */
function shown(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 6) });
}

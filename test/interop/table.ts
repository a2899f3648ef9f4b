/** Writes `test-output/interop.md` when all tests have run: a row for each thing that was run with other people's programs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testOutput } from '../../scripts/lib/paths.ts';
import { uses } from './usePrograms.ts';
import type { Use } from './usePrograms.ts';

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await mkdir(testOutput, { recursive: true });
    await writeFile(join(testOutput, 'interop.md'), tableOf(uses));
  },
};

function tableOf(all: readonly Use[]): string {
  const rows = all
    .flatMap(rowsOf)
    // Stable: what was run with the same programs stays in its order.
    .sort(([one = ''], [other = '']) => one.localeCompare(other));
  return [
    '# Other people’s programs',
    '',
    '| program | version | what was run | result |',
    '|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.map(cellText).join(' | ')} |`),
    '',
  ].join('\n');
}

/** A row for each test of a suite. */
function rowsOf(use: Use): readonly (readonly string[])[] {
  const { suite, programs, versions } = use;
  const names = programs.map(({ name }) => name).join(', ');
  const version = programs.map((program) => versions.get(program) ?? 'not installed').join(', ');
  const rows: (readonly string[])[] = [];
  suite.eachTest((test) => rows.push([names, version, test.titlePath().join(': '), resultOf(test, use)]));
  return rows;
}

function resultOf({ state, err, duration = 0 }: Mocha.Test, { trouble }: Use): string {
  if (state === 'passed') return `passed in ${(duration / 1000).toFixed(1)} s`;
  if (state === 'failed') return `failed: ${firstLine(err?.message ?? '')}`;
  const [[program, why] = []] = trouble;
  return program === undefined
    ? 'not run'
    : `not run: ${program.name} is not installed (${firstLine(why ?? '')})`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

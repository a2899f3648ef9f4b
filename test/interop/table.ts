/** Writes `test-output/interop.md` when all tests have run: a row for each program they were run with. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testOutput } from '../../scripts/lib/paths.ts';
import { uses } from './usePrograms.ts';
import type { Use } from './usePrograms.ts';
import type { InteropProgram } from './programs/program.ts';

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await mkdir(testOutput, { recursive: true });
    await writeFile(join(testOutput, 'interop.md'), tableOf(uses));
  },
};

function tableOf(all: readonly Use[]): string {
  const programs = new Set(all.flatMap((use) => use.programs));
  const rows = [...programs]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((program) =>
      rowOf(
        program,
        all.filter((use) => use.programs.includes(program)),
      ),
    );
  return [
    '# Other people’s programs',
    '',
    '| program | version | what was run | result |',
    '|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.map(cellText).join(' | ')} |`),
    '',
  ].join('\n');
}

function rowOf(program: InteropProgram, used: readonly Use[]): readonly string[] {
  const version = used.map(({ versions }) => versions.get(program)).find((known) => known !== undefined);
  const trouble = used.map((use) => use.trouble.get(program)).find((known) => known !== undefined);
  const what = used.map(({ suite }) => suite.fullTitle()).join('; ');
  const results = resultOf(used.map(({ suite }) => suite));
  const result = trouble === undefined ? results : `not installed (${trouble}), ${results}`;
  return [program.name, version ?? '–', what, result];
}

function resultOf(suites: readonly Mocha.Suite[]): string {
  const counts = new Map<string, number>();
  for (const suite of suites) {
    suite.eachTest((test) => {
      const state = test.state ?? 'not run';
      counts.set(state, (counts.get(state) ?? 0) + 1);
    });
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|');
}

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { COMMANDS, loadCommands } from '../../../src/cli/commands/index.ts';
import { EXIT } from '../../../src/cli/exitCodes.ts';
import { optionTitle } from '../../../src/cli/help.ts';
import { COMMON_OPTIONS } from '../../../src/cli/options.ts';

/** The text of each `##` section by its title. */
async function sections(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  return new Map(
    text.split(/^## /m).map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end)];
    }),
  );
}

/** First cells of the tables of a section that begin with a dash. */
function optionsOf(section: string | undefined): string[] {
  return [...(section ?? '').matchAll(/^\| `(-[^`]*)` \|/gm)].map(([, title = '']) => title);
}

describe('docs/cli.md', () => {
  it('has a section for each command and no other', async () => {
    const titles = [...(await sections()).keys()].flatMap(
      (title) => /^desc-panda ([\w-]+)$/.exec(title)?.[1] ?? [],
    );
    assert.deepEqual(titles, Object.keys(COMMANDS));
    assert.deepEqual(
      (await loadCommands()).map((command) => command.name),
      titles,
    );
  });

  for (const [name, load] of Object.entries(COMMANDS)) {
    it(`names the options of ${name}, in the order of its help`, async () => {
      assert.deepEqual(
        optionsOf((await sections()).get(`desc-panda ${name}`)),
        (await load()).options.map(optionTitle),
      );
    });
  }

  it('names the options of every command', async () => {
    assert.deepEqual(
      optionsOf((await sections()).get('Options of every command')),
      COMMON_OPTIONS.map(optionTitle),
    );
  });

  it('names every exit code', async () => {
    const codes = [...((await sections()).get('Exit codes') ?? '').matchAll(/^\| (\d+) \|/gm)].map(
      ([, code]) => Number(code),
    );
    assert.deepEqual(codes, Object.values(EXIT));
  });
});

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.ts';
import { noLinks } from '../../../src/editor/vscode/noLinks.ts';

/** How VS Code finds links in the text of a notification. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/giu;

describe('the text of a notification', () => {
  for (const text of [
    '[Mend it](command:workbench.action.terminal.sendSequence)',
    'Could not submit: [here](https://example.org) and [there](file:///etc/passwd "a title").',
    '[[a](command:b)](command:c)',
  ]) {
    it(`has no link: ${text}`, () => {
      assert.ok(text.match(LINK));
      assert.equal(noLinks(text).match(LINK), null);
    });
  }

  it('is else as it was', () => {
    const text = 'Job a[1] (of 2) failed: x(y)[z], see [this] and (that).';
    assert.equal(noLinks(text), text);
  });

  it('goes through the one place that takes links away', async () => {
    const folder = join(root, 'src/editor');
    const names = await readdir(folder, { recursive: true });
    const calling: string[] = [];
    for (const name of names.filter((one) => one.endsWith('.ts'))) {
      const code = await readFile(join(folder, name), 'utf8');
      if (/\.show(?:Information|Warning|Error)Message\b/u.test(code)) calling.push(name);
    }
    // A modal dialog makes no links, and what the entry tells of is our own.
    assert.deepEqual(calling.sort(), ['auth/signInDialog.ts', 'extension.ts', 'vscode/prompts.ts']);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shellJoin, splitShellWords } from '../../../../src/panda/index.ts';

describe('words of a shell', () => {
  it('are what the quoting made them of', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))), (words) => {
        assert.deepEqual(splitShellWords(shellJoin(words)), words);
      }),
    );
  });

  it('know double quotes and backslashes, and say when a quote stays open', () => {
    assert.deepEqual(splitShellWords(String.raw`-e 0  "a b"c \$x "q\"\x" ''`), [
      '-e',
      '0',
      'a bc',
      '$x',
      'q"\\x',
      '',
    ]);
    for (const open of ["'a", '"a', 'a\\']) assert.equal(splitShellWords(open), undefined, open);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { shellJoin, shellQuote } from '../../../../src/panda/index.ts';

/** The words that a real shell hands to a program. */
function wordsOfShell(line: string): string[] {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], {
    encoding: 'utf8',
    env: { HOME: '/home/nobody', X: 'expanded' },
  });
  assert.equal(status, 0);
  return stdout.split('\0').slice(0, -1);
}

describe('words for a shell', () => {
  it('reach a program as they were, whatever is in them', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({
        unit: fc.constantFrom(
          "'",
          '"',
          '\\',
          '$',
          '`',
          '\n',
          ' ',
          '!',
          '*',
          '~',
          'X',
          '(',
          ';',
          '&',
          '-',
          '=',
        ),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          word.filter((text) => !text.includes('\0')),
          { minLength: 1, maxLength: 20 },
        ),
        (words) => {
          assert.deepEqual(wordsOfShell(shellJoin(words)), words);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('plain words stay readable', () => {
    assert.equal(
      shellJoin(['-n', 'a=b', 'http://x/y_1.sh', 'two words', '']),
      "-n a=b http://x/y_1.sh 'two words' ''",
    );
    assert.equal(shellQuote("it's"), "'it'\\''s'");
    assert.equal(shellQuote('~'), "'~'");
  });

  it('a NUL cannot be an argument', () => {
    assert.throws(() => shellQuote('a\0b'), RangeError);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shellJoin } from '../../../src/panda/index.ts';
import { splitWords } from '../../../src/editor/panel/splitWords.ts';

describe('splitting a command line to show it', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
    [` --lsstJobParams="DP_USER=alice adams|X=1" `, ['--lsstJobParams=DP_USER=alice adams|X=1']],
    [`"a\\"b" "c\\d" ''`, ['a"b', 'c\\d', '']],
    [`it's broken`, [`it's broken`]],
  ];
  for (const [line, words] of cases) {
    it(`of ${line === '' ? 'nothing' : line}`, () => assert.deepEqual(splitWords(line), words));
  }

  it('gives back what our own quoting was given', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => assert.deepEqual(splitWords(shellJoin(words)), words)),
    );
  });
});

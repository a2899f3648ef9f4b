import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineText } from '../../../webview/log/lineText.ts';

describe('a line of a log, made fit to show', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['plain text', 'plain', 'plain'],
    ['a Windows line end', 'text\r', 'text'],
    ['a progress bar', ' 10%\r 55%\r100%', '100%'],
    ['a progress bar that ends with a return', ' 10%\r100%\r', '100%'],
    ['tabs', 'a\tb', 'a       b'],
    ['colours', '\x1b[1;31mred\x1b[0m plain', 'red plain'],
    ['a link and a title', '\x1b]8;;http://x\x07link\x1b]8;;\x07 \x1b]0;title\x1b\\.', 'link .'],
    ['cursor moves', 'a\x1b[2K\x1b[1Gb\x1b7', 'ab'],
    ['an escape cut off', 'a\x1b', 'a'],
    ['control characters', 'a\0b\x07', 'a␀b␇'],
    ['text that turns the order round', 'a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
    ['C1 controls', 'a\x9bb', 'a\ufffdb'],
  ];
  for (const [name, raw, shown] of cases) {
    it(`of ${name}`, () => assert.equal(lineText(raw).text, shown));
  }

  it('keeps colours as spans', () => {
    assert.deepEqual(lineText('a\x1b[1;31mred\x1b[22m still\x1b[39m no\x1b[104mbg').spans, [
      { from: 1, to: 4, classes: 'bold fg-1' },
      { from: 4, to: 10, classes: 'fg-1' },
      { from: 13, to: 15, classes: 'bg-12' },
    ]);
    assert.deepEqual(lineText('\x1b[38;5;9mx\x1b[38;2;1;2;3my').spans, [{ from: 0, to: 1, classes: 'fg-9' }]);
  });

  it('of any bytes holds no control, and its spans fit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const { text, spans } = lineText(raw);
        assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f]/);
        for (const { from, to } of spans) assert.ok(from < to && to <= text.length);
      }),
    );
  });
});

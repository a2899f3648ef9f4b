import assert from 'node:assert/strict';

import fc from 'fast-check';

import { LineNumbers } from '../../../../src/watch/log/lineNumbers.ts';
import { LineWindow, LONGEST_LINE } from '../../../../src/watch/log/lines.ts';

const text = fc
  .array(fc.constantFrom('a', 'ü', '€', '🐼', '\n', '\r\n', '\r', 'word ', '\u0000', 'x'.repeat(5000)), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''));

/** Lines of a text as anyone would cut it, where none is too long. */
function plainLines(content: string): { offset: number; text: string }[] {
  const lines: { offset: number; text: string }[] = [];
  let offset = 0;
  const parts = content.split('\n');
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    if (!isLast || part !== '') lines.push({ offset, text: isLast ? part : part.replace(/\r$/u, '') });
    offset += Buffer.byteLength(part) + 1;
  }
  return lines;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...places.map((place) => Math.min(bytes.length, place)), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted.map((end, at) => bytes.subarray(sorted[at - 1] ?? 0, end));
}

describe('lines of a log', () => {
  it('are the same however the bytes come', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(20_000), { maxLength: 6 }), (content, places) => {
        const whole = new LineWindow(1e6, 1e9);
        whole.reset(0, Buffer.from(content));
        const window = new LineWindow(1e6, 1e9);
        const shown: { offset: number; text: string }[] = [];
        window.reset(0, new Uint8Array());
        for (const piece of cut(Buffer.from(content), places)) {
          const change = window.append(piece);
          if (change.replaced === 1) shown.pop();
          shown.push(...change.lines);
          assert.deepEqual(shown, window.lines);
        }
        assert.deepEqual(window.lines, whole.lines);
        assert.equal(window.to, Buffer.byteLength(content));
      }),
    );
  });

  it('are those of the text where none is too long', () => {
    fc.assert(
      fc.property(text, (content) => {
        fc.pre(content.split('\n').every((line) => Buffer.byteLength(line) <= LONGEST_LINE));
        const window = new LineWindow(1e6, 1e9);
        window.reset(0, Buffer.from(content));
        assert.deepEqual(window.lines, plainLines(content));
      }),
    );
  });

  it('show an unfinished line without half a character', () => {
    const window = new LineWindow(100, 1e6);
    const panda = Buffer.from('🐼');
    window.reset(0, Buffer.concat([Buffer.from('ab'), panda.subarray(0, 3)]));
    assert.deepEqual(window.lines, [{ offset: 0, text: 'ab' }]);
    assert.deepEqual(window.append(panda.subarray(3)), {
      lines: [{ offset: 0, text: 'ab🐼' }],
      replaced: 1,
      dropped: 0,
    });
  });

  it('are cut where they are too long, between characters', () => {
    const window = new LineWindow(100, 1e6);
    window.reset(0, Buffer.from('€'.repeat(LONGEST_LINE) + '\nnext'));
    const { lines } = window;
    assert.equal(lines.length, 5);
    assert.ok(lines.slice(0, 4).every((line) => /^€+$/u.test(line.text)));
    assert.equal(lines.map((line) => line.text).join(''), '€'.repeat(LONGEST_LINE) + 'next');
    for (const [at, line] of lines.entries()) {
      const length = (lines[at + 1]?.offset ?? line.offset) - line.offset;
      assert.ok(length <= LONGEST_LINE + 1);
    }
  });

  it('go at the other end when there are too many', () => {
    const window = new LineWindow(3, 1e6);
    window.reset(100, Buffer.from('one\ntwo\nthree\nfour\nfi'));
    assert.deepEqual([window.from, window.lines.map((line) => line.text)], [108, ['three', 'four', 'fi']]);
    assert.deepEqual(window.append(Buffer.from('ve\nsix\n')), {
      lines: [
        { offset: 119, text: 'five' },
        { offset: 124, text: 'six' },
      ],
      replaced: 1,
      dropped: 1,
    });
    assert.deepEqual([window.from, window.to], [114, 128]);
    assert.deepEqual(window.prepend(104, Buffer.from('two\nthree\n')), {
      lines: [
        { offset: 104, text: 'two' },
        { offset: 108, text: 'three' },
      ],
      dropped: 2,
    });
    assert.deepEqual([window.from, window.to], [104, 119]);
    assert.deepEqual(window.append(Buffer.from('five\n')), {
      lines: [{ offset: 119, text: 'five' }],
      replaced: 0,
      dropped: 1,
    });
  });

  it('stay below a number of bytes', () => {
    const window = new LineWindow(1e6, 10_000);
    window.reset(0, new Uint8Array());
    for (let at = 0; at < 100; at += 1) {
      window.append(Buffer.from(`${'x'.repeat(997)}\n`));
      assert.ok(window.to - window.from <= 10_000);
    }
    assert.equal(window.to, 99_800);
  });
});

describe('line numbers', () => {
  it('are found within a range, and stay few', () => {
    const numbers = new LineNumbers();
    for (let line = 1; line <= 100_000; line += 1) numbers.note(line * 80, line);
    numbers.note(80, 1);
    assert.equal(numbers.find(0, 80), undefined);
    const place = numbers.find(4_000_000, 8_000_000);
    assert.ok(place?.offset === (place?.number ?? NaN) * 80);
    assert.ok(place.offset >= 4_000_000 && place.offset < 8_000_000);
    assert.deepEqual(numbers.find(100_000 * 80, 1e9), { offset: 8_000_000, number: 100_000 });
    numbers.clear();
    assert.equal(numbers.find(0, 1e9), undefined);
  });
});

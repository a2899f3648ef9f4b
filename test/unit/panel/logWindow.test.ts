import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LogWindow } from '../../../webview/log/logWindow.ts';
import { text } from './madeUpSession.ts';

const wide = { bytes: 1e9, lines: 1e9 };

function linesOf(window: LogWindow): string[] {
  return Array.from({ length: window.lines }, (_, line) => window.raw(line));
}

describe('the window on a log', () => {
  it('holds the same lines however the bytes were cut', () => {
    const content = fc.array(fc.constantFrom('a', 'bb\n', '\n', 'é\n', 'ccc'), { maxLength: 200 });
    fc.assert(
      fc.property(content, fc.array(fc.nat({ max: 300 })), (parts, cuts) => {
        const bytes = text(parts.join(''));
        const window = new LogWindow(80, wide);
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          window.append(bytes.slice(from, Math.max(from, Math.min(cut, bytes.length))));
          from = Math.max(from, Math.min(cut, bytes.length));
        }
        const expected = parts.join('').split('\n');
        if (expected.at(-1) === '') expected.pop();
        assert.deepEqual(linesOf(window), expected);
        assert.equal(window.to, bytes.length);
      }),
    );
  });

  it('joins an open line over a border of large pieces', () => {
    const window = new LogWindow(80, wide);
    const filler = 'x'.repeat(99) + '\n';
    window.append(text(filler.repeat(1000) + 'begin '));
    window.append(text('end\n'));
    assert.equal(window.lines, 1001);
    assert.equal(window.raw(1000), 'begin end');
    assert.equal(window.offsetOf(1000), 100_000);
  });

  it('leaves out a first line that began before what was read', () => {
    const window = new LogWindow(80, wide);
    window.reset(20, null);
    window.append(text('later\n'));
    const added = window.prepend(10, text('rest\nabcd\n'));
    assert.deepEqual([added, window.from, linesOf(window)], [1, 15, ['abcd', 'later']]);
    assert.equal(window.firstLine, null);
    window.prepend(0, text('0\n2\n4\n6\n890123'));
    assert.equal(window.firstLine, 0);
  });

  it('stays bounded, and says how many rows went', () => {
    const window = new LogWindow(80, { bytes: 1e9, lines: 3000 });
    const piece = text(`${'x'.repeat(70)}\n`.repeat(1000));
    const dropped = [1, 2, 3, 4].map(() => window.append(piece));
    assert.deepEqual(dropped, [0, 0, 0, 1000]);
    assert.deepEqual([window.lines, window.from, window.firstLine], [3000, 71_000, 1000]);
    assert.equal(window.prepend(0, piece), 1000);
    assert.deepEqual([window.lines, window.from, window.to], [3000, 0, 213_000]);
  });

  it('makes rows of long lines, and finds its way between lines, rows and bytes', () => {
    const window = new LogWindow(10, wide);
    window.append(text('short\n' + 'x'.repeat(25) + '\n\nend'));
    assert.equal(window.rows, 6);
    assert.deepEqual(
      Array.from({ length: 6 }, (_, row) => window.row(row)).map(({ line, from, to }) => [line, from, to]),
      [
        [0, 0, 10],
        [1, 0, 10],
        [1, 10, 20],
        [1, 20, 30],
        [2, 0, 10],
        [3, 0, 10],
      ],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((line) => window.rowOf(line)),
      [0, 1, 4, 5],
    );
    assert.deepEqual(
      [0, 6, 31, 32, 33, 36, -1].map((offset) => window.lineAt(offset)),
      [0, 1, 1, 2, 3, undefined, undefined],
    );
    window.setColumns(100);
    assert.equal(window.rows, 4);
  });

  it('cuts a line of megabytes into several', () => {
    const window = new LogWindow(4000, wide);
    window.append(new Uint8Array(1024 * 1024).fill(120));
    assert.equal(window.lines, 4);
  });

  it('takes a million lines in reasonable time', () => {
    const window = new LogWindow(4000, { bytes: 1e9, lines: 2e6 });
    const piece = text('2026-11-23 INFO a line of a log that says that all is well\n'.repeat(10_000));
    const begun = process.cpuUsage();
    for (let count = 0; count < 100; count += 1) window.append(piece);
    assert.equal(window.lines, 1_000_000);
    assert.ok(process.cpuUsage(begun).user < 10_000_000);
  });
});

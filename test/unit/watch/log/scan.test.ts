import assert from 'node:assert/strict';

import fc from 'fast-check';

import { ERROR_LINE, findLine } from '../../../../src/watch/index.ts';
import { LineWindow } from '../../../../src/watch/log/lines.ts';
import { EndlessLog, FakeLog } from './fakeLog.ts';

describe('search of a log for its first error', () => {
  const finds = [
    'lsst.pipe.base CRITICAL: no calibration',
    'isr ERROR: Failure processing detector 12',
    'FATAL: cannot read catalog',
    '\u001b[1;31mERROR\u001b[0m: coloured',
    'Traceback (most recent call last):',
    "RuntimeError: 'visit' unknown",
    'lsst.daf.butler.registry._exceptions.MissingDatasetTypeError: raw',
    'make: *** [all] Segmentation fault (core dumped)',
    './run.sh: line 3: phosim: command not found',
    'cat: r22.cat: No such file or directory',
    'error: unrecognised option',
    "main.cpp:3:1: fatal error: 'x.h' missing",
  ];
  for (const line of finds) {
    it(`sees: ${line}`, async () => {
      const log = new FakeLog(`first\nERRORS none, error_count=0, no errors\n${line}\nERROR later\n`);
      const hit = await findLine(log, 'payload.stdout', ERROR_LINE);
      assert.deepEqual([hit?.text, hit?.number, hit?.offset], [line, 3, 44]);
    });
  }

  it('finds nothing in a log without errors, in an empty one, and without a line end', async () => {
    assert.equal(await findLine(new FakeLog('all well\n'), 'payload.stdout', ERROR_LINE), null);
    assert.equal(await findLine(new FakeLog(''), 'payload.stdout', ERROR_LINE), null);
    const hit = await findLine(new FakeLog('a\nFATAL'), 'payload.stdout', ERROR_LINE);
    assert.deepEqual(hit, { offset: 2, number: 2, text: 'FATAL' });
  });

  it('numbers lines as a window does, also long ones and such that pieces cut', async () => {
    const part = fc.constantFrom('ab\n', '\n', 'é€\r\n', 'x'.repeat(20_000), 'word ');
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 30 }),
        fc.integer({ min: 5, max: 30_000 }),
        async (parts, most) => {
          const content = `${parts.join('')}\nFATAL\nmore`;
          const log = new FakeLog(content);
          log.most = most;
          const window = new LineWindow(1e6, 1e9);
          window.reset(0, Buffer.from(content));
          const index = window.lines.findIndex((line) => line.text === 'FATAL');
          const hit = await findLine(log, 'payload.stdout', ERROR_LINE);
          assert.deepEqual(hit, { ...window.lines[index], number: index + 1 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes through a gigabyte with constant memory', async () => {
    const gigabyte = 1024 ** 3;
    const line = 'lsst.ip.isr INFO: Applying gain correction to detector R22_S11\n';
    const number = Math.floor(gigabyte / line.length) - 9;
    const offset = (number - 1) * line.length;
    const log = new EndlessLog(gigabyte, line, { at: offset, text: 'FATAL: the end' });
    const before = process.memoryUsage().rss;
    let most = 0;
    const hit = await findLine(log, 'payload.stdout', /^FATAL/mu, {
      onProgress: () => (most = Math.max(most, process.memoryUsage().rss - before)),
    });
    assert.deepEqual(hit && { ...hit, text: hit.text.slice(0, 14) }, {
      offset,
      number,
      text: 'FATAL: the end',
    });
    assert.equal(log.bytesRead, gigabyte);
    assert.ok(log.longestRead <= 1024 * 1024);
    // Pieces that were let go wait for the collector; the log itself would take a gigabyte.
    assert.ok(most < 400 * 1024 * 1024, `${most} bytes more than before`);
  });

  it('ends with the reason of its signal', async () => {
    const reason = new Error('closed');
    const log = new EndlessLog(1e9, 'INFO\n');
    const abort = new AbortController();
    const found = findLine(log, 'payload.stdout', ERROR_LINE, {
      signal: abort.signal,
      onProgress: () => abort.abort(reason),
    });
    await assert.rejects(found, reason);
    assert.ok(log.bytesRead <= 1024 * 1024);
  });
});

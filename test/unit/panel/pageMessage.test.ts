import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePageMessage } from '../../../src/editor/panel/pageMessage.ts';

const query = { pattern: 'a', regex: false, matchCase: true };

describe('messages from the page', () => {
  const good: readonly object[] = [
    { type: 'ready' },
    { type: 'do', action: 'cancel' },
    { type: 'do', action: 'copyLink' },
    { type: 'openJob', pandaId: 12 },
    { type: 'openLog', file: 'pilotlog.txt' },
    { type: 'watchUsage' },
    { type: 'watchFiles' },
    { type: 'openFile', name: 'lsst_e.fits.gz' },
    { type: 'watchLog', file: 'payload.stderr' },
    { type: 'copy', text: 'x' },
    { type: 'read', id: 1, file: 'payload.stdout', from: 0, length: 10 },
    { type: 'search', id: 2, file: 'payload.stdout', query },
    { type: 'firstError', id: 3, file: 'payload.stdout' },
    { type: 'stopSearch', id: 3 },
  ];
  for (const message of good) {
    it(`are taken: ${JSON.stringify(message)}`, () => {
      assert.deepEqual(parsePageMessage({ ...message, stowaway: 1 }), message);
    });
  }

  const bad: readonly unknown[] = [
    null,
    'ready',
    { type: 'do', action: 'rm -rf' },
    { type: 'openJob', pandaId: -1 },
    { type: 'openJob', pandaId: '12' },
    { type: 'openLog', file: '../../etc/passwd' },
    { type: 'openFile', name: 7 },
    { type: 'openFile', name: 'x'.repeat(5000) },
    { type: 'read', id: 1, file: 'payload.stdout', from: -1, length: 10 },
    { type: 'read', id: 1, file: 'payload.stdout', from: 0, length: 1e9 },
    { type: 'read', file: 'payload.stdout', from: 0, length: 1 },
    { type: 'search', id: 2, file: 'payload.stdout', query: { ...query, pattern: 'a'.repeat(5000) } },
    { type: 'search', id: 2, file: 'payload.stdout', query: { pattern: 'a' } },
    { type: 'other', id: 1, file: 'payload.stdout' },
  ];
  for (const message of bad) {
    it(`are refused: ${JSON.stringify(message).slice(0, 80)}`, () => {
      assert.equal(parsePageMessage(message), undefined);
    });
  }

  it('of any shape never throw', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parsePageMessage(value)));
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { adler32, formatAdler32 } from '../../../src/panda/index.ts';

/** zlib ends its stream with the adler32 of what went in. */
const zlibAdler32 = (bytes: Uint8Array): number =>
  deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4);

describe('adler32', () => {
  it('agrees with zlib for lengths around its runs', () => {
    for (const length of [0, 1, 7, 8, 9, 3839, 3840, 3841, 7680, 100_003]) {
      const bytes = randomBytes(length);
      assert.equal(adler32(bytes), zlibAdler32(bytes), `${length} bytes`);
    }
  });

  it('does not overflow with the largest bytes and sums', () => {
    const bytes = new Uint8Array(1_000_000).fill(255);
    assert.equal(adler32(bytes), zlibAdler32(bytes));
  });

  it('goes on from any place', () => {
    const bytes = randomBytes(20_000);
    assert.equal(adler32(bytes.subarray(4321), adler32(bytes.subarray(0, 4321))), adler32(bytes));
  });

  it('is written with eight digits', () => {
    assert.equal(formatAdler32(1), '00000001');
    assert.equal(formatAdler32(0xffffffff), 'ffffffff');
  });
});

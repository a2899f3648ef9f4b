import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteQueue } from '../../../../../src/pipeline/rmi/serial/byteQueue.ts';
import { SerialError } from '../../../../../src/pipeline/rmi/serial/errors.ts';
import {
  decodeModifiedUtf8,
  encodeModifiedUtf8,
  modifiedUtf8Length,
} from '../../../../../src/pipeline/rmi/serial/modifiedUtf8.ts';
import { arbitraryStream } from '../arbitraryStreams.ts';
import { elements, feed, readStream, writeStream } from '../streams.ts';

/** Looking for the smallest wrong graph takes more memory than there is. */
const RUNS = { numRuns: 100, endOnFailure: true } as const;

describe('any object stream', () => {
  it('is read as it was written, and written as it was read', () => {
    fc.assert(
      fc.property(arbitraryStream, (contents) => {
        const bytes = writeStream(contents);
        const read = readStream(bytes);
        assert.deepEqual(read, contents);
        assert.ok(writeStream(read).equals(bytes));
      }),
      RUNS,
    );
  });

  it('is written the same where its classes were written before, elsewhere', () => {
    fc.assert(
      fc.property(arbitraryStream, (contents) => {
        writeStream(contents);
        for (const again of [contents, contents.slice(1), contents.toReversed()]) {
          // A copy is of classes that nobody wrote yet.
          assert.ok(writeStream(again).equals(writeStream(structuredClone(again))));
        }
      }),
      RUNS,
    );
  });

  it('is read the same in whatever pieces it comes', () => {
    const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(arbitraryStream, pieceSizes, (contents, sizes) => {
        const bytes = writeStream(contents);
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        const input = new ByteQueue();
        assert.deepEqual(feed(input, elements(input, contents.length), pieces), contents);
      }),
      RUNS,
    );
  });

  it('asks for more where it was cut off, and does nothing worse', () => {
    fc.assert(
      fc.property(arbitraryStream, fc.double({ min: 0, max: 1, noNaN: true }), (contents, part) => {
        fc.pre(contents.length > 0);
        const bytes = writeStream(contents);
        const cut = bytes.subarray(0, Math.min(Math.floor(part * bytes.length), bytes.length - 1));
        const step = elements(new ByteQueue(cut), contents.length).next();
        assert.equal(step.done, false);
      }),
      RUNS,
    );
  });

  it('with wrong bytes is an error of the stream, or another stream that comes out the same', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryStream, changes, (contents, wrong) => {
        const bytes = writeStream(contents);
        for (const [at, byte] of wrong) bytes[at % bytes.length] = byte;
        try {
          writeStream(readStream(bytes));
        } catch (error) {
          if (!(error instanceof Error && error.message.includes('bytes are missing'))) {
            assert.ok(error instanceof SerialError, String(error));
          }
        }
      }),
      { ...RUNS, numRuns: 300 },
    );
  });
});

describe('modified UTF-8', () => {
  it('keeps every text, halves of pairs and U+0000 too', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
        const text = String.fromCharCode(...units);
        const bytes = encodeModifiedUtf8(text);
        assert.equal(bytes.length, modifiedUtf8Length(text));
        assert.ok(!bytes.includes(0));
        assert.equal(decodeModifiedUtf8(bytes), text);
      }),
    );
  });

  it('takes no bytes that are no text', () => {
    for (const wrong of ['80', 'c3', 'e282', 'f09f9880', 'c328', 'ff']) {
      assert.throws(() => decodeModifiedUtf8(Buffer.from(wrong, 'hex')), { kind: 'corrupt' });
    }
  });

  it('reads long texts', () => {
    const text = 'é€'.repeat(30_000);
    assert.equal(decodeModifiedUtf8(encodeModifiedUtf8(text)), text);
  });
});

import assert from 'node:assert/strict';
import { ByteQueue } from '../../../../../src/pipeline/rmi/serial/byteQueue.ts';
import { captureNames, recordedStreams } from '../captures.ts';
import { elements, feed, readStream, writeStream } from '../streams.ts';

describe('object streams that Java wrote', () => {
  it('are many', () => {
    assert.equal(captureNames.length, 95);
    assert.ok(captureNames.flatMap(recordedStreams).length > 300);
  });

  for (const name of captureNames.filter((one) => recordedStreams(one).length > 0)) {
    it(`come out the same byte for byte: ${name}`, () => {
      for (const bytes of recordedStreams(name)) {
        assert.equal(writeStream(readStream(bytes)).toString('hex'), bytes.toString('hex'));
      }
    });
  }

  it('are read from single bytes, none beyond their end', () => {
    for (const bytes of captureNames.flatMap(recordedStreams).filter(({ length }) => length < 2000)) {
      const contents = readStream(bytes);
      const input = new ByteQueue();
      const pieces = Array.from(bytes, (byte) => Buffer.of(byte));
      assert.deepEqual(feed(input, elements(input, contents.length), pieces), contents);
    }
  });
});

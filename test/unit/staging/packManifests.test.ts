import assert from 'node:assert/strict';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { packManifests } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

/** Takes what is written, a few bytes at a time, and remembers how much was. */
function slowFile(most: number) {
  const bytes = new Map<number, number>();
  let written = 0;
  return {
    written: () => written,
    content: () => Buffer.from([...bytes.keys()].sort((a, b) => a - b).map((at) => bytes.get(at) ?? 0)),
    write: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      const count = Math.min(length, most);
      for (let index = 0; index < count; index += 1) {
        assert.ok(!bytes.has(position + index), 'nothing is written twice');
        bytes.set(position + index, buffer[offset + index] ?? 0);
      }
      written += count;
      return { bytesWritten: count, buffer };
    },
  };
}

type File = Parameters<typeof packManifests>[2];
const asFile = (file: object): File => file as File;

/** Manifest `number` as a job finds it. */
function readManifest(packed: Buffer, number: number): string {
  const line = packed.subarray(24 * (number - 1), 24 * number).toString();
  const [, offset, length] = /^(\d{11}) (\d{11})\n$/u.exec(line) ?? assert.fail(`no line ${number}: ${line}`);
  return packed.subarray(Number(offset), Number(offset) + Number(length)).toString();
}

describe('manifests packed into one object', () => {
  const folder = temporaryFolder();

  it('are found by their number, whatever they hold', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 500 }), async (manifests, most) => {
        const file = slowFile(most);
        const size = await packManifests(manifests, manifests.length, asFile(file));
        const packed = file.content();
        assert.equal(size, packed.length);
        assert.deepEqual(
          manifests.map((_text, index) => readManifest(packed, index + 1)),
          manifests,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('are written as they come, not kept', async () => {
    const file = await open(join(folder.path, 'manifests'), 'wx', 0o600);
    const long = 'ü'.repeat(10_000);
    let written = 0;
    let given = 0;
    let most = 0;
    const watched = asFile({
      write: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
        const result = await file.write(bytes, offset, length, position);
        written += result.bytesWritten;
        return result;
      },
    });
    async function* texts(): AsyncGenerator<string> {
      for (let number = 1; number <= 1000; number += 1) {
        const text = `${number} ${long}`;
        given += Buffer.byteLength(text);
        most = Math.max(most, given - written);
        yield text;
      }
    }
    assert.equal(await packManifests(texts(), 1000, watched), given + 24_000);
    assert.ok(most < 2 * 1024 * 1024, String(most));
    const packed = await readFile(join(folder.path, 'manifests'));
    for (const number of [1, 500, 1000]) assert.equal(readManifest(packed, number), `${number} ${long}`);
    await file.close();
  });

  it('that are fewer or more than was said, or no manifests, are refused', async () => {
    const packed = (texts: string[], count: number) => packManifests(texts, count, asFile(slowFile(100)));
    await assert.rejects(packed(['a'], 2), /^RangeError: 2 manifests were announced, 1 came$/u);
    await assert.rejects(
      packed(['a', 'secret', 'c'], 1),
      /^RangeError: 1 manifests were announced, more came$/u,
    );
    await assert.rejects(packed(['a', ''], 2), /^RangeError: manifest 2 has 0 bytes$/u);
  });
});

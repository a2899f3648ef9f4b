import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { packTarball } from '../../../src/transformations/tarball.ts';

async function unpack(
  content: Uint8Array,
): Promise<{ name: string; mode: number | undefined; text: string }[]> {
  const reader = extract();
  Readable.from([gunzipSync(content)]).pipe(reader);
  const entries = [];
  for await (const entry of reader) {
    entries.push({
      name: entry.header.name,
      mode: entry.header.mode,
      text: (await buffer(entry)).toString(),
    });
  }
  return entries;
}

describe('tarball', () => {
  const names = [
    'plain.sh',
    'with blank \'and" quotes $(x).sh',
    'Ünïcode-银河.py',
    `${'long'.repeat(40)}.sh`,
    `${'ü'.repeat(100)}.py`,
    'x'.repeat(100),
    'x'.repeat(101),
  ];
  it('is read by another program as it was packed', async () => {
    const entries = names.map((name, index) => ({
      name,
      content: Buffer.from('z'.repeat(index * 300)),
      executable: index % 2 === 0,
    }));
    const found = await unpack(packTarball(entries).content);
    assert.deepEqual(
      found,
      entries.map(({ name, content, executable }) => ({
        name,
        mode: executable ? 0o755 : 0o644,
        text: content.toString(),
      })),
    );
  });

  it('says nothing of when and where it was packed', () => {
    const { content } = packTarball([{ name: 'a', content: Buffer.from('b'), executable: false }]);
    assert.deepEqual([...content.subarray(4, 8)], [0, 0, 0, 0]);
    assert.equal(content[9], 255);
  });
});

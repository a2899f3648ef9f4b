import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { checksumsOf } from '../../../src/staging/index.ts';
import type { StagingStore } from '../../../src/staging/index.ts';
import { failFirst, useS3 } from './useS3.ts';
import type { S3Call } from './s3Wire.ts';

const content = Buffer.from('0 1 2 3 4\n');
const checksums = checksumsOf(content);
const md5 = createHash('md5').update(content).digest('hex');
/** The SDK names itself in a header that plain requests do not have. */
const plain = ({ headers }: S3Call): boolean => headers['amz-sdk-invocation-id'] === undefined;

describe('plain requests for small objects', () => {
  const opened = useS3();
  const put = (store: StagingStore, key: string): Promise<unknown> =>
    store.put(key, content, { checksums, md5 });
  const read = async (store: StagingStore, key: string): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await store.get(key)).bytes) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  it('put and get under any name, each by one request', async () => {
    const keys = ["a/b +c&d=e/f'(g)*!.txt", 'é/ü%20?#.fits', '~-_.'];
    for (const prefix of ['', 'pre fix/é']) {
      const store = opened.s3.store({ prefix });
      for (const key of keys) {
        assert.deepEqual(await put(store, key), { md5 });
        assert.equal(await read(store, key), content.toString());
      }
      store.dispose();
    }
    assert.ok(opened.s3.objects.has(`pre fix/é/${keys[0]}`));
    assert.equal(opened.s3.calls.length, 4 * keys.length);
    assert.ok(opened.s3.calls.every(plain));
    const [call] = opened.s3.calls;
    assert.equal(call?.headers['x-amz-content-sha256'], checksums.sha256);
    assert.match(
      call?.headers.authorization ?? '',
      /us-east-1\/s3\/aws4_request.*content-md5;.*x-amz-meta-sha256/,
    );
  });

  it('carry the sum that S3 compares where its checksums are asked for, and leave reading to the SDK', async () => {
    const store = opened.s3.store({ checksums: 'whenSupported' });
    await put(store, 'a');
    assert.equal(await read(store, 'a'), content.toString());
    const [sent, got] = opened.s3.calls;
    const sum = Buffer.from(checksums.sha256, 'hex').toString('base64');
    assert.equal(sent?.headers['x-amz-checksum-sha256'], sum);
    assert.deepEqual(
      [sent, got].map((call) => plain(call!)),
      [true, false],
    );
    store.dispose();
  });

  it('are asked again by the SDK where they are refused, and no more after three refusals in a row', async () => {
    const { s3, store } = opened;
    const refusal = { kind: 'error', status: 503, code: 'SlowDown' } as const;
    for (let time = 1; time <= 3; time += 1) {
      failFirst(s3, 1, 'PutObject', refusal);
      s3.calls.length = 0;
      assert.deepEqual(await put(store, 'a'), { md5 });
      assert.deepEqual(s3.calls.map(plain), [true, false]);
    }
    s3.calls.length = 0;
    await put(store, 'a');
    assert.deepEqual(s3.calls.map(plain), [false]);
  });

  it('go on where objects are missing', async () => {
    const { s3, store } = opened;
    for (let time = 1; time <= 4; time += 1) await assert.rejects(store.get('none'), /it is not there/);
    s3.calls.length = 0;
    await put(store, 'a');
    assert.deepEqual(s3.calls.map(plain), [true]);
  });
});

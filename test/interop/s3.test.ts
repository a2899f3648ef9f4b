import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  checksumsOf,
  downloadFiles,
  stagingUsage,
  StagingError,
  uploadFiles,
  uploadInputs,
} from '../../src/staging/index.ts';
import type { StagingClock, StagingErrorKind, StagingStore, UploadOptions } from '../../src/staging/index.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { curl } from './programs/curl.ts';
import { moto } from './programs/moto.ts';
import { s3cmd } from './programs/s3cmd.ts';
import { versitygw } from './programs/versitygw.ts';
import { BUCKET, s3cmdFor, sdkClientOn, startS3Server, storeOn } from './s3Servers.ts';
import type { S3Server } from './s3Servers.ts';
import { TcpProxy } from './tcpProxy.ts';
import { usePrograms } from './usePrograms.ts';

const run = promisify(execFile);
const MiB = 1024 * 1024;
const PART = 5 * MiB;
const hasty: StagingClock = { now: () => Date.now(), wait: (ms) => wait(ms / 100) };
const certificates = fileURLToPath(new URL('../fixtures/tls/', import.meta.url));

for (const program of [moto, versitygw]) {
  describe(`staging in ${program.name}`, () => {
    const pathOf = usePrograms(program, s3cmd, curl);
    const later = doAfter();
    let folder: string;
    let server: S3Server;
    let store: StagingStore;
    let s3: Awaited<ReturnType<typeof s3cmdFor>>;
    before(async () => {
      folder = await temporaryFolder(later);
      server = await startS3Server(program, { path: pathOf(program), folder });
      later(() => server.kill());
      s3 = await s3cmdFor(pathOf(s3cmd), server, folder);
      if (program === moto) await s3('mb', `s3://${BUCKET}`);
      store = storeOn(server);
      later(() => store.dispose());
    });

    const made = async (file: string, content: Uint8Array): Promise<string> => {
      const path = join(folder, file);
      await writeFile(path, content);
      return path;
    };
    /** What another client reads under a key of ours. */
    const readByOther = async (key: string): Promise<Buffer> => {
      const path = join(folder, 'read-by-other');
      await s3('get', '--force', `s3://${BUCKET}/panda/${key}`, path);
      return readFile(path);
    };
    /** Waits a hundredth of what users wait. */
    const options = (more: UploadOptions = {}): UploadOptions => ({
      partSize: PART,
      notesFolder: join(folder, 'notes'),
      clock: hasty,
      ...more,
    });
    const kind =
      (...wanted: StagingErrorKind[]) =>
      (error: unknown) => {
        assert.ok(error instanceof StagingError, String(error));
        assert.ok(wanted.includes(error.kind), error.message);
        return true;
      };

    for (const checksums of ['whenRequired', 'whenSupported'] as const) {
      it(`writes what s3cmd reads, and reads it back (checksums ${checksums})`, async () => {
        const ours = storeOn(server, { checksums });
        const contents = {
          empty: 0,
          'small é ü.txt': 1000,
          'a+b & c=d.bin': 2 * MiB,
          'large.fits': 3 * PART + 12_345,
        };
        const files = await Promise.all(
          Object.entries(contents).map(async ([file, size]) => ({
            path: await made(file, randomBytes(size)),
            name: file,
          })),
        );
        const sent = await uploadInputs(ours, `ada-${checksums}`, files, options());
        for (const { key, path } of sent) {
          assert.ok((await readByOther(key)).equals(await readFile(path)), key);
        }
        const fetched = await downloadFiles(
          ours,
          sent.map(({ key }, index) => ({
            object: key,
            path: join(folder, `back-${checksums}`, String(index)),
          })),
          { partSize: PART },
        );
        for (const [index, { path }] of fetched.entries()) {
          assert.ok((await readFile(path)).equals(await readFile(sent[index]!.path)), path);
        }
        assert.ok(
          (await uploadInputs(ours, `ada-${checksums}`, files, options())).every(
            ({ unchanged }) => unchanged,
          ),
        );
        ours.dispose();
      });
    }

    it('reads what s3cmd writes, and removes it', async () => {
      const path = await made('theirs é.bin', randomBytes(17 * MiB));
      await s3('put', '--multipart-chunk-size-mb=5', path, `s3://${BUCKET}/panda/theirs/é x.bin`);
      const objects = [];
      for await (const object of store.list('theirs/')) objects.push(object);
      assert.deepEqual(
        objects.map(({ key, size }) => [key, size]),
        [['theirs/é x.bin', 17 * MiB]],
      );
      const [file] = await downloadFiles(store, [{ object: objects[0]!, path: join(folder, 'theirs') }], {
        partSize: PART,
      });
      assert.ok((await readFile(file!.path)).equals(await readFile(path)));
      await store.remove(['theirs/é x.bin']);
      assert.equal(await s3('ls', `s3://${BUCKET}/panda/theirs/`), '');
    });

    it('lists more than one page, and removes more than one call takes', async () => {
      const path = await made('one', Buffer.from('1'));
      const files = Array.from({ length: 1203 }, (_, index) => ({ path, key: `many/${index}` }));
      await uploadFiles(store, files, options());
      const keys: string[] = [];
      for await (const { key } of store.list('many/')) keys.push(key);
      assert.deepEqual(keys.sort(), files.map(({ key }) => key).sort());
      await store.remove(keys);
      assert.equal(await s3('ls', `s3://${BUCKET}/panda/many/`), '');
    });

    it('signs URLs that curl puts and gets, large ones too', async () => {
      const path = await made('out', randomBytes(20 * MiB));
      const put = await store.presign('PUT', 'out/é #?.fits', 600);
      await run(pathOf(curl), ['-sSf', '-T', path, put.url]);
      const details = await store.head('out/é #?.fits');
      assert.equal(details?.size, 20 * MiB);
      const got = await store.presign('GET', 'out/é #?.fits', 600);
      await run(pathOf(curl), ['-sSf', '-o', join(folder, 'out-back'), got.url]);
      assert.ok((await readFile(join(folder, 'out-back'))).equals(await readFile(path)));
      assert.ok((await readByOther('out/é #?.fits')).equals(await readFile(path)));
      // As a job reads its manifest.
      const part = await run(pathOf(curl), ['-sSf', '-r', '24-47', got.url], { encoding: 'buffer' });
      assert.ok(part.stdout.equals((await readFile(path)).subarray(24, 48)));
      const beyond = await run(
        pathOf(curl),
        ['-sS', '-o', join(folder, 'beyond'), '-w', '%{http_code}'].concat([
          '-r',
          `${20 * MiB}-${20 * MiB + 23}`,
          got.url,
        ]),
      );
      assert.equal(beyond.stdout, '416');
    });

    it('loses nothing where connections break', async () => {
      const proxy = new TcpProxy(server.port);
      await proxy.start();
      // Two of three connections break, after 20 kB to 3 MB, now this way, now that.
      proxy.weather = {
        cutAfter: (number) =>
          number % 3 !== 0
            ? { [number % 2 === 0 ? 'toServer' : 'toClient']: 20_000 + ((number * 7919) % 3_000_000) }
            : undefined,
      };
      const through = storeOn(proxy);
      const files = await Promise.all(
        Array.from({ length: 60 }, async (_, index) => ({
          path: await made(`w${index}`, randomBytes(index * 5000)),
          name: `w${index}`,
        })),
      );
      files.push({ path: await made('w-large', randomBytes(40 * MiB)), name: 'w-large' });
      const sent = await uploadInputs(through, 'weather', files, options());
      for (const { key, path } of sent.slice(-6))
        assert.ok((await readByOther(key)).equals(await readFile(path)), key);
      const fetched = await downloadFiles(
        through,
        sent.map(({ key }, index) => ({ object: key, path: join(folder, 'weather', String(index)) })),
        { partSize: PART },
      );
      for (const [index, { path }] of fetched.entries()) {
        assert.ok((await readFile(path)).equals(await readFile(sent[index]!.path)), path);
      }
      assert.ok(proxy.seen.cut >= 3, `only ${proxy.seen.cut} connections broke`);
      assert.deepEqual((await stagingUsage(store, 'weather')).unfinished, []);
      through.dispose();
      await proxy.stop();
    });

    it('accepts no object with a wrong byte, and no file', async () => {
      const proxy = new TcpProxy(server.port);
      await proxy.start();
      const through = storeOn(proxy);
      const small = await made('f-small', randomBytes(300_000));
      const large = await made('f-large', randomBytes(4 * PART));
      // Now and then a wrong byte: what arrives in the end is right.
      proxy.weather = { flip: (piece) => piece <= 3 || piece % 400 === 0 };
      const sent = await uploadInputs(
        through,
        'flips',
        [small, large].map((path) => ({ path, name: 'f' })),
        options(),
      );
      for (const { key, path } of sent) assert.ok((await readByOther(key)).equals(await readFile(path)), key);
      assert.ok(proxy.seen.flipped > 0);
      // Always a wrong byte: nothing is taken for right.
      proxy.weather = { flip: () => true };
      const other = await made('f-other', randomBytes(300_000));
      await assert.rejects(
        uploadFiles(through, [{ path: other, key: 'flips/other' }], options()),
        kind('checksum'),
      );
      assert.equal(await store.head('flips/other'), undefined);
      const target = join(folder, 'f-back');
      await assert.rejects(
        downloadFiles(through, [{ object: sent[0]!.key, path: target }], { clock: hasty }),
        kind('checksum'),
      );
      await assert.rejects(readFile(target), /ENOENT/);
      through.dispose();
      await proxy.stop();
    });

    it('goes on after a break with the parts that are missing', async () => {
      const path = await made('resumed', randomBytes(12 * PART));
      const ending = new AbortController();
      let sent = 0;
      const counting = (onSent: () => void): StagingStore => ({
        ...store,
        parts: {
          ...store.parts!,
          putPart: async (...args) => {
            const part = await store.parts!.putPart(...args);
            sent += 1;
            onSent();
            return part;
          },
        },
      });
      const breaking = counting(() => {
        if (sent === 4) ending.abort();
      });
      const files = [{ path, key: 'resumed' }];
      await assert.rejects(uploadFiles(breaking, files, options({ signal: ending.signal })), {
        name: 'AbortError',
      });
      const uploads = [];
      for await (const upload of store.parts!.unfinished('resumed')) uploads.push(upload);
      assert.equal(uploads.length, 1);
      const there = await store.parts!.listParts('resumed', uploads[0]!.uploadId);
      assert.ok(there.length >= 4 && there.length < 12, `${there.length} parts are there`);
      sent = 0;
      await uploadFiles(
        counting(() => undefined),
        files,
        options(),
      );
      // One that was on its way when the call ended may have arrived after the look.
      assert.ok(sent <= 12 - there.length, `${sent} parts went again, ${there.length} were there`);
      assert.ok((await readByOther('resumed')).equals(await readFile(path)));
    });

    it('says what is wrong in words', async () => {
      await assert.rejects(store.get('nothing/here'), kind('notFound'));
      const elsewhere = storeOn(server, { bucket: 'no-such-bucket' });
      await assert.rejects(elsewhere.put('x', Buffer.from('x')), kind('noBucket'));
      await assert.rejects(async () => {
        for await (const object of elsewhere.list('')) assert.fail(object.key);
      }, kind('noBucket'));
      elsewhere.dispose();
      if (!program.strict) return;
      const wrong = { kind: 'keys' as const, accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wrong' };
      const stranger = storeOn(server, { credentials: wrong });
      await assert.rejects(stranger.put('x', Buffer.from('x')), kind('denied'));
      const { url } = await stranger.presign('PUT', 'x', 60);
      await assert.rejects(run(pathOf(curl), ['-sSf', '-T', await made('x', Buffer.from('x')), url]), /403/);
      stranger.dispose();
    });

    it('takes an own certificate authority', async () => {
      await mkdir(join(folder, 'tls'), { recursive: true });
      const tls = { cert: join(certificates, 'server.pem'), key: join(certificates, 'server-key.pem') };
      const secure = await startS3Server(program, {
        path: pathOf(program),
        folder: join(folder, 'tls'),
        tls,
      });
      const trusting = storeOn(secure, { caFile: join(certificates, 'ca.pem') });
      const known = await trusting.put('x', Buffer.from('secure')).then(() => true, kind('noBucket'));
      assert.ok(known);
      trusting.dispose();
      const doubting = storeOn(secure);
      await assert.rejects(
        doubting.put('x', Buffer.from('x')),
        (error) => kind('unreachable')(error) && (error as StagingError).advice.includes('caFile'),
      );
      doubting.dispose();
      await secure.kill();
    });
  });
}

describe('staging in a store that checks what S3 checks', () => {
  const pathOf = usePrograms(versitygw, curl);
  const later = doAfter();
  let folder: string;
  let server: S3Server;
  let store: StagingStore;
  before(async () => {
    folder = await temporaryFolder(later);
    server = await startS3Server(versitygw, { path: pathOf(versitygw), folder });
    later(() => server.kill());
    store = storeOn(server);
    later(() => store.dispose());
  });

  it('has URLs for one method on one key, for a while', async () => {
    const path = join(folder, 'x');
    await writeFile(path, 'x');
    const put = await store.presign('PUT', 'a', 600);
    await run(pathOf(curl), ['-sSf', '-T', path, put.url]);
    await assert.rejects(run(pathOf(curl), ['-sSf', '-T', path, put.url.replace('/a?', '/b?')]), /403/);
    await assert.rejects(run(pathOf(curl), ['-sSf', put.url]), /403/);
    // So two runs of a job that begin at once learn which of them is the first; no header of theirs is signed.
    const over = [
      '-sS',
      '-o',
      join(folder, 'refusal'),
      '-w',
      '%{http_code}',
      '-H',
      'If-None-Match: *',
      '-T',
      path,
    ];
    assert.equal((await run(pathOf(curl), [...over, put.url])).stdout, '412');
    const free = await store.presign('PUT', 'free', 600);
    assert.equal((await run(pathOf(curl), [...over, free.url])).stdout, '200');
    const short = await store.presign('GET', 'a', 1);
    await until('the URL to run out', () =>
      run(pathOf(curl), ['-sSf', short.url]).then(
        () => false,
        () => true,
      ),
    );
    await assert.rejects(run(pathOf(curl), ['-sSf', short.url]), /403/);
  });

  it('takes a file by our URL, where that of a client with default settings is for an empty file only', async () => {
    const [full, empty] = [join(folder, 'full'), join(folder, 'empty')];
    await writeFile(full, 'image');
    await writeFile(empty, '');
    const status = async (file: string, url: string, ...words: readonly string[]): Promise<string> => {
      const asked = ['-sS', '-o', join(folder, 'answer'), '-w', '%{http_code}', ...words, '-T', file, url];
      return (await run(pathOf(curl), asked)).stdout;
    };
    const ours = await store.presign('PUT', 'trap', 600);
    assert.doesNotMatch(ours.url, /checksum/i);
    assert.equal(await status(full, ours.url), '200');
    assert.equal((await store.head('trap'))?.size, 5);

    const sum = 'x-amz-checksum-crc32';
    const client = sdkClientOn(server);
    const put = (unhoistableHeaders?: Set<string>): Promise<string> => {
      const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'panda/trap' });
      const more = unhoistableHeaders === undefined ? {} : { unhoistableHeaders };
      return getSignedUrl(client, command, { expiresIn: 600, ...more });
    };
    assert.equal(new URL(await put()).searchParams.get(sum), 'AAAAAA==', 'the CRC32 of nothing');
    // This server passes over a checksum among the parameters, where S3 compares it; signed as a header it does.
    const theirs = await put(new Set([sum]));
    assert.equal(await status(full, theirs), '403');
    assert.equal(await status(full, theirs, '-H', `${sum}: AAAAAA==`), '400');
    assert.equal((await store.head('trap'))?.size, 5);
    assert.equal(await status(empty, theirs, '-H', `${sum}: AAAAAA==`), '200');
    client.destroy();
  });

  it('loses nothing when it dies in the middle of an upload', async () => {
    const path = join(folder, 'large');
    const bytes = randomBytes(16 * PART);
    await writeFile(path, bytes);
    let killed: Promise<void> | undefined;
    const [file] = await uploadFiles(store, [{ path, key: 'survivor' }], {
      partSize: PART,
      onProgress: ({ bytesDone }) => {
        if (bytesDone > 4 * PART) killed ??= server.kill().then(() => server.start());
      },
    });
    assert.ok(killed !== undefined, 'it was not killed');
    await killed;
    assert.deepEqual(file?.checksums, checksumsOf(bytes));
    const [back] = await downloadFiles(store, [{ object: 'survivor', path: join(folder, 'back') }], {
      partSize: PART,
    });
    assert.ok((await readFile(back!.path)).equals(bytes));
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { findLog, withTarballs } from '../../../../src/watch/index.ts';
import type { JobFile, JobFileList, JobFiles } from '../../../../src/watch/index.ts';
import { record } from '../scriptedServer.ts';

const LIMITS = { packed: 1e6, unpacked: 4e6, members: 50, kept: 1e6 };

async function tarball(
  entries: readonly (readonly [name: string, content: string, more?: Partial<Header>])[],
) {
  const tar = pack();
  for (const [name, content, more] of entries) tar.entry({ name, ...more }, content);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return gzipSync(Buffer.concat(pieces));
}

describe('the tarball of a log', () => {
  let folder: string;
  let reads: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-logs-'));
    reads = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const file = (name: string, size: number | null, kind: JobFile['kind'] = 'log'): JobFile => ({
    name,
    kind,
    size,
    modified: 5,
    url: `http://host/${name}`,
    adler32: null,
    sha256: null,
    staged: undefined,
  });
  const filesOf = (contents: Readonly<Record<string, Buffer>>, limits = LIMITS): JobFiles => {
    const list: JobFileList = {
      files: Object.entries(contents).map(([name, { length }]) => file(name, length)),
      inputs: [],
      unusable: 0,
      trouble: null,
    };
    const source: JobFiles = {
      list: () => Promise.resolve(list),
      staged: () => Promise.resolve(undefined),
      read: ({ name }, from, length) => {
        reads.push(name);
        const content = contents[name] ?? Buffer.alloc(0);
        return Promise.resolve({ bytes: content.subarray(from, from + length), size: content.length });
      },
      address: ({ url }) => Promise.resolve(url),
    };
    return withTarballs(source, join(folder, 'logs'), limits);
  };
  const ended = record({
    PandaID: 7,
    jobStatus: 'finished',
    startTime: '2026-11-23 02:44:50',
    pilotID: null,
  });
  const names = ({ files }: JobFileList): readonly string[] => files.map(({ name }) => name);

  it('shows its files among those of the job, and unpacks only what is opened', async () => {
    const files = filesOf({
      'a.log.tgz': await tarball([
        ['./payload.stdout', 'printed\n'],
        ['deep/payload.stderr', 'complained'],
        ['pilotlog.txt', 'same'],
      ]),
      'pilotlog.txt': Buffer.from('same'),
      'data.tgz': Buffer.from('none of ours'),
    });
    const list = await files.list(ended);
    assert.deepEqual(names(list), [
      'a.log.tgz',
      'a.log/deep/payload.stderr',
      'a.log/payload.stdout',
      'data.tgz',
      'pilotlog.txt',
    ]);
    assert.equal((await readdir(join(folder, 'logs'))).length, 1);
    const stderr = list.files.find(({ name }) => name.endsWith('stderr'));
    assert.ok(stderr !== undefined);
    const { bytes, size } = await files.read(stderr, 3, 4);
    assert.equal(Buffer.from(bytes).toString(), 'plai');
    assert.equal(size, 10);
    const kept = await readdir(join(folder, 'logs'));
    assert.equal(kept.length, 2);
    for (const name of kept) assert.equal((await stat(join(folder, 'logs', name))).mode & 0o077, 0);
    assert.equal((await files.read(stderr, 100, 4)).bytes.length, 0);
    await files.list(ended);
    assert.deepEqual(reads, ['a.log.tgz']);
    assert.equal(await files.address(stderr), 'http://host/a.log.tgz');
  });

  it('is where a log is looked for that is nowhere else, once the job has ended', async () => {
    const files = filesOf({ 'log.tgz': await tarball([['tarball_PandaJob_7/payload.stdout', 'printed']]) });
    const client = { files: { readRange: () => Promise.reject(new Error('not asked')) } };
    const find = findLog(client, undefined, files);
    const source = find(ended);
    assert.ok(source !== undefined);
    assert.equal(Buffer.from((await source.read('payload.stdout', 0, 99)).bytes).toString(), 'printed');
    await assert.rejects(source.read('payload.stderr', 0, 99), { kind: 'notFound' });
    assert.equal(find({ ...ended, jobStatus: 'running' }), undefined);
    assert.equal(find({ ...ended, startTime: null }), undefined);
  });

  it('leads to no other place, by name, link or device', async () => {
    const files = filesOf({
      'log.tgz': await tarball([
        ['../out', 'x'],
        ['/etc/passwd', 'x'],
        ['a/../../b', 'x'],
        ['link', '', { type: 'symlink', linkname: '/etc/passwd' }],
        ['hard', '', { type: 'link', linkname: '/etc/passwd' }],
        ['good', 'x'],
      ]),
    });
    assert.deepEqual(names(await files.list(ended)), ['log.tgz', 'log/good']);
  });

  it('holds of several files with one name the last', async () => {
    const files = filesOf({
      'log.tgz': await tarball([
        ['payload.stdout', 'of the first try'],
        ['payload.stdout', 'of the last'],
      ]),
    });
    const [, member] = (await files.list(ended)).files;
    assert.deepEqual([member?.name, member?.size], ['log/payload.stdout', 11]);
    assert.equal(Buffer.from((await files.read(member!, 0, 99)).bytes).toString(), 'of the last');
  });

  it('is still fetched for one who wants it when another who began it stops', async () => {
    const content = await tarball([['payload.stdout', 'printed']]);
    const begun = Promise.withResolvers<undefined>();
    const files = filesOf({ 'log.tgz': content });
    const slow: JobFiles = {
      ...filesOf({ 'log.tgz': content }),
      list: () => Promise.resolve({ files: [file('log.tgz', 9)], inputs: [], unusable: 0, trouble: null }),
      read: async (one, from, length, { signal } = {}) => {
        begun.resolve(undefined);
        if (signal === undefined) return files.read(one, from, length);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    };
    const wrapped = withTarballs(slow, join(folder, 'slow'), LIMITS);
    const stop = new AbortController();
    const first = wrapped.list(ended, { signal: stop.signal });
    await begun.promise;
    const others = [wrapped.list(ended), wrapped.list(ended)];
    // By then they wait for it.
    await new Promise(setImmediate);
    stop.abort();
    await assert.rejects(first, { name: 'AbortError' });
    for (const list of await Promise.all(others))
      assert.deepEqual(names(list), ['log.tgz', 'log/payload.stdout']);
  });

  const noise = Array.from({ length: 3e4 }, (_, index) => (index * 7919) % 65_521).join('');

  it('that is cut short shows what it has, the last file in part, and says that it is cut', async () => {
    const whole = await tarball([
      ['payload.stdout', 'printed\n'],
      ['pilotlog.txt', noise],
      ['lost', 'never seen'],
    ]);
    const plain = gunzipSync(whole);
    for (const [content, shown] of [
      [whole.subarray(0, whole.length / 2), ['log/payload.stdout', 'log/pilotlog.txt']],
      [plain.subarray(0, 2_500), ['log/payload.stdout', 'log/pilotlog.txt']],
      // In the middle of a header, and between two entries.
      [plain.subarray(0, 1_300), ['log/payload.stdout']],
      [plain.subarray(0, 1_024), ['log/payload.stdout']],
    ] as const) {
      const files = filesOf({ 'log.tgz': content });
      const list = await files.list(ended);
      assert.deepEqual(names(list), ['log.tgz', ...shown]);
      assert.match(list.trouble?.message ?? '', /its tarball is cut short/);
      const [, stdout, pilotlog] = list.files;
      assert.equal(Buffer.from((await files.read(stdout!, 0, 99)).bytes).toString(), 'printed\n');
      if (pilotlog === undefined) continue;
      const part = await files.read(pilotlog, 0, 1e6);
      assert.equal(part.size, pilotlog.size);
      assert.ok(part.size > 400 && part.size < noise.length, `${part.size} bytes`);
      assert.equal(Buffer.from(part.bytes).toString(), noise.slice(0, part.size));
      await rm(join(folder, 'logs'), { recursive: true });
    }
  });

  it('that is wrong from somewhere on shows what stands before', async () => {
    const broken = gunzipSync(
      await tarball([
        ['payload.stdout', 'printed\n'],
        ['pilotlog.txt', noise],
      ]),
    );
    broken.fill(7, 1_024, 1_536);
    const list = await filesOf({ 'log.tgz': broken }).list(ended);
    assert.deepEqual(names(list), ['log.tgz', 'log/payload.stdout']);
    assert.match(list.trouble?.message ?? '', /is no whole tarball \(Invalid tar header/);
  });

  it('of which a file would unpack to too much is shown without it', async () => {
    const files = filesOf({
      'log.tgz': await tarball([
        ['payload.stdout', 'printed\n'],
        ['zeros', '\0'.repeat(5e6)],
      ]),
    });
    const list = await files.list(ended);
    assert.deepEqual(names(list), ['log.tgz', 'log/payload.stdout']);
    assert.match(list.trouble?.message ?? '', /unpacks to more than/);
    assert.equal((await files.read(list.files[1]!, 0, 99)).size, 8);
    const inside = { tarball: list.files[0]!, member: 'zeros' };
    await assert.rejects(files.read({ ...list.files[1]!, inside }, 0, 9), { kind: 'rejected' });
  });

  it('is given up where it unpacks to too much, holds too many files, or is none', async () => {
    const bomb = await tarball([['zeros', '\0'.repeat(5e6)]]);
    assert.ok(bomb.length < 1e5);
    const many = await tarball(Array.from({ length: 60 }, (_, index) => [`f${index}`, 'x'] as const));
    const first = await filesOf({ 'x.log.tgz': many }).list(ended);
    assert.equal(first.files.length, 1 + LIMITS.members);
    assert.match(first.trouble?.message ?? '', /holds more than 50 files/);
    for (const [content, words] of [
      [bomb, /unpacks to more than 4000000 bytes/],
      [Buffer.from('<html>'.repeat(200)), /is no whole tarball/],
      [(await tarball([['a', noise]])).subarray(0, 30), /is no whole tarball/],
      [Buffer.from('no tarball at all'), /is no whole tarball/],
      [Buffer.alloc(2e6, 1), /has 2000000 bytes, at most 1000000 are fetched/],
    ] as const) {
      const list = await filesOf({ 'x.log.tgz': content }).list(ended);
      assert.deepEqual(names(list), ['x.log.tgz']);
      assert.match(list.trouble?.message ?? '', words);
    }
  });

  it('is fetched only when a log is asked for where it is large', async () => {
    const content = await tarball([['payload.stdout', 'printed']]);
    const files = filesOf({ 'log.tgz': content });
    const large: JobFiles = {
      ...files,
      list: () => Promise.resolve({ files: [file('log.tgz', 1e8)], inputs: [], unusable: 0, trouble: null }),
    };
    const wrapped = withTarballs(large, join(folder, 'large'), LIMITS);
    assert.deepEqual(names(await wrapped.list(ended)), ['log.tgz']);
    assert.deepEqual(reads, []);
    assert.deepEqual(names(await wrapped.list(ended, { unpack: true })), ['log.tgz', 'log/payload.stdout']);
  });

  it('keeps so many bytes and no more', async () => {
    for (let index = 0; index < 12; index += 1) {
      const files = filesOf({ [`${index}.log.tgz`]: await tarball([['payload.stdout', noise]]) });
      const list = await files.list(ended);
      const member = list.files.find(({ inside }) => inside !== undefined);
      assert.ok(member !== undefined);
      await files.read(member, 0, 1);
    }
    let bytes = 0;
    for (const name of await readdir(join(folder, 'logs')))
      bytes += (await stat(join(folder, 'logs', name))).size;
    assert.ok(bytes > 0 && bytes <= LIMITS.kept, `${bytes} bytes`);
  });
});

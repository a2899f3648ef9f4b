import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  checksumsOf,
  expiryFor,
  firstRunKey,
  folderStore,
  livePieces,
  LONGEST_EXPIRY,
  outputKey,
  outManifestKey,
  parseOutManifest,
  pieceTimes,
  readOutManifest,
  sharedInputKey,
  signManifest,
  StagingError,
} from '../../../src/staging/index.ts';
import type { PlannedRun, StagingStore } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const area = { user: 'ada', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
const attempt = { area, jobId: '7', attempt: 1 };

describe('manifests', () => {
  const folder = temporaryFolder();
  const content = Buffer.from('object 1 2 3\n');
  const checksums = checksumsOf(content);
  const key = sharedInputKey('ada', checksums.sha256, 'my catalog.txt');
  const run = (number: number): PlannedRun => {
    const own = { ...attempt, attempt: number };
    return {
      outputs: [{ name: 'image é.fits', key: outputKey(own, 'image é.fits') }],
      outManifest: outManifestKey(own),
      live: livePieces(own, ['stdout'], 10, 40),
    };
  };
  const plan = {
    inputs: [{ name: 'my catalog.txt', key, checksums }],
    firstRun: firstRunKey(attempt),
    runs: [run(1), run(2)] as const,
  };

  it('hold what a shell needs, line by line, and an end', async () => {
    const store = folderStore(folder.path);
    await store.put(key, content);
    const manifest = await signManifest(store, plan, 3600, Date.now());
    const lines = manifest
      .text()
      .split('\n')
      .map((line) => line.split('\t'));
    assert.deepEqual(lines[0], ['desc-panda-manifest 1']);
    assert.equal(lines[1]?.[0], 'expires');
    assert.equal(Number(lines[1][1]), Math.floor(manifest.expiresAt / 1000));
    assert.deepEqual(lines[2]?.slice(0, 5), [
      'get',
      'my catalog.txt',
      '13',
      checksums.adler32,
      checksums.sha256,
    ]);
    assert.equal(lines[3]?.[0], 'first');
    assert.match(lines[3][2] ?? '', /\/out\/7\/first-run$/);
    for (const [before, attemptLines, folderOf] of [
      ['', lines.slice(4, 8), '/out/7/1/'],
      ['second-', lines.slice(8, 12), '/out/7/2/'],
    ] as const) {
      assert.deepEqual(
        attemptLines.map((line) => line.slice(0, -1)),
        [
          [`${before}put`, 'image é.fits'],
          [`${before}live`, 'stdout', '0', '5'],
          [`${before}live`, 'stdout', '1', '10'],
          [`${before}done`, 'manifest.out.json'],
        ],
      );
      for (const line of attemptLines) assert.ok(line.at(-1)?.includes(folderOf), line.join(' '));
    }
    assert.deepEqual(lines.slice(12), [['end'], ['']]);
  });

  it('are understood by a shell and curl, spaces and all', async () => {
    const store = folderStore(folder.path);
    await store.put(key, content);
    const manifest = await signManifest(store, plan, 3600, Date.now());
    const script = [
      "tab=$(printf '\\t')",
      'while IFS="$tab" read -r kind name size adler sha url; do',
      '  [ "$kind" = get ] && curl -sSf -o fetched "$url"',
      '  [ "$kind" = put ] && curl -sSf -T fetched "$size"',
      'done',
      'true',
    ].join('\n');
    execFileSync('sh', ['-c', script], { cwd: folder.path, input: manifest.text() });
    const { bytes } = await store.readRange(plan.runs[0].outputs[0]!.key, 0, 100);
    assert.deepEqual(Buffer.from(bytes), content);
  });

  it('show no URL where they are logged', async () => {
    const store = folderStore(folder.path);
    await store.put(key, content);
    const manifest = await signManifest(store, plan, 3600, Date.now());
    assert.match(manifest.text(), /file:/);
    for (const shown of [
      String(manifest),
      JSON.stringify({ manifest }),
      inspect({ manifest }),
      inspect(manifest, { showHidden: true }),
    ]) {
      assert.match(shown, /manifest of 1 inputs and 1 outputs until 20/);
      assert.doesNotMatch(shown, /file:/);
    }
  });

  it('are refused where the credentials end sooner', async () => {
    const short: StagingStore = {
      ...folderStore(folder.path),
      presign: () => Promise.resolve({ url: 'https://x/?X-Amz-Signature=secret', expiresAt: 1000 + 600_000 }),
    };
    await assert.rejects(
      signManifest(short, plan, 3600, 1000),
      (error) =>
        error instanceof StagingError && error.kind === 'expired' && !error.message.includes('secret'),
    );
  });

  it('live as long as a job may wait and run, but not longer than stores allow', () => {
    assert.deepEqual(expiryFor({ queueSeconds: 3600, wallSeconds: 7200, attempts: 2 }), {
      seconds: 25_200,
      short: false,
    });
    assert.deepEqual(expiryFor({ queueSeconds: 86_400, wallSeconds: 86_400, attempts: 4 }), {
      seconds: LONGEST_EXPIRY,
      short: true,
    });
  });
});

describe('times of live pieces', () => {
  for (const [wall, count] of [
    [86_400, 40],
    [3600, 40],
    [604_800, 20],
  ] as const) {
    it(`reach over ${wall} s with ${count}`, () => {
      const times = pieceTimes(wall, count);
      assert.equal(times.length, count);
      assert.ok(Math.abs(times[0]! - 5) <= 1, `first after ${times[0]}`);
      assert.ok(Math.abs(times.at(-1)! - wall) <= wall / 50, `last after ${times.at(-1)}`);
      const gaps = times.map((time, index) => time - (times[index - 1] ?? 0));
      assert.ok(gaps.every((gap, index) => gap >= (gaps[index - 1] ?? 0) - 1));
    });
  }

  it('are no more than a short job needs', () => {
    assert.deepEqual(pieceTimes(12, 40), [5, 10, 15]);
    assert.deepEqual(pieceTimes(1, 40), [5]);
  });
});

describe('manifest.out.json', () => {
  const folder = temporaryFolder();
  const good = {
    version: 1,
    exitCode: 0,
    payloadExitCode: 3,
    files: [{ name: 'a/b.fits', size: 5, adler32: '62c0215', sha256: '' }],
  };

  it('is read as the wrapper writes it', () => {
    assert.deepEqual(parseOutManifest(JSON.stringify({ ...good, more: true })), {
      exitCode: 0,
      payloadExitCode: 3,
      files: [{ name: 'a/b.fits', size: 5, adler32: '062c0215', sha256: undefined }],
    });
  });

  for (const [what, json] of Object.entries({
    'no object': [],
    'another version': { ...good, version: 2 },
    'an exit code in words': { ...good, exitCode: 'zero' },
    'no files': { ...good, files: undefined },
    'a negative size': { ...good, files: [{ name: 'x', size: -1 }] },
    'a sum that is none': { ...good, files: [{ name: 'x', size: 1, sha256: 'zz' }] },
    'a name that leads out': { ...good, files: [{ name: '../../.ssh/authorized_keys', size: 1 }] },
  })) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseOutManifest(JSON.stringify(json)), StagingError);
    });
  }

  it('is refused when it was cut', () => {
    assert.throws(() => parseOutManifest(JSON.stringify(good).slice(0, -3)), /not JSON/);
  });

  it('is not there while the job runs', async () => {
    const store = folderStore(join(folder.path, 'not made yet'));
    assert.equal(await readOutManifest(store, attempt), undefined);
    await store.put(outManifestKey(attempt), Buffer.from(JSON.stringify(good)));
    assert.equal((await readOutManifest(store, attempt))?.payloadExitCode, 3);
  });
});

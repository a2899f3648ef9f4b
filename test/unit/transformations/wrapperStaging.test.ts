import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { quote } from './payloadRunner.ts';
import { wrapperRuns } from './wrapperRuns.ts';

const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  curl: ['curl'],
  'curl and wget': ['curl', 'wget'],
};

describe('the wrapper and staged files', () => {
  const { runner, run, report, sums, manifest, input, pathWithout } = wrapperRuns();

  for (const [name, missing] of Object.entries(WITHOUT)) {
    it(`fetches and sends without ${name}`, async () => {
      const out = ['put', 'out.txt', `${runner.base}/out?s=1`];
      const words = manifest([input('a b', 'ü'), out, ['done', 'manifest.out.json', `${runner.base}/done`]]);
      const result = await run('cp "a b" out.txt', words, { path: pathWithout(missing) });
      assert.equal(result.code, 0, result.stderr);
      assert.equal(runner.sent.get('/out')?.toString(), 'ü');
      assert.ok(runner.sent.has('/done'));
    });
  }

  it('says that nothing is there to fetch with', async () => {
    const result = await run('true', manifest([]), { path: pathWithout(['curl', 'wget', 'python3']) });
    assert.equal(result.code, 65);
    assert.match(result.stderr, /none of curl, wget and python3/u);
  });

  for (const [name, missing] of [
    ['sha256sum', ['sha256sum']],
    ['sha256sum and shasum', ['sha256sum', 'shasum']],
  ] as const) {
    it(`verifies without ${name}`, async () => {
      const path = pathWithout(missing);
      assert.equal((await run('true', manifest([input('x', 'right')]), { path })).code, 0);
      assert.equal((await run('true', manifest([input('x', 'wrong', 'right')]), { path })).code, 66);
    });
  }

  it('takes nothing that it cannot verify', async () => {
    const path = pathWithout(['sha256sum', 'shasum', 'python3']);
    assert.equal((await run('true', manifest([input('x', 'right')]), { path })).code, 65);
  });

  it('goes through a folder, whatever its name', async () => {
    const folder = join(runner.folder, "a folder's % ü");
    mkdirSync(folder);
    writeFileSync(join(folder, 'in put'), 'hello');
    const { size, sha256 } = sums('hello');
    const url = (name: string) => pathToFileURL(join(folder, name)).href;
    const text = [
      'desc-panda-manifest 1',
      `get\tx\t${size}\t-\t${sha256}\t${url('in put')}`,
      `put\ty\t${url('new/y %41')}`,
      'end\n',
    ].join('\n');
    writeFileSync(join(folder, 'manifest'), text);
    const result = await run('cp x y', `--manifest ${quote(url('manifest'))}`);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(readFileSync(join(folder, 'new/y %41'), 'utf8'), 'hello');
  });

  const wrong: [string, () => string, number, RegExp][] = [
    [
      'another content',
      () => manifest([input('x', 'wrong', 'right')]),
      66,
      /x is not the file that was staged: its checksum/u,
    ],
    ['another length', () => manifest([input('x', 'longer', 'right')]), 66, /it has 6 bytes, not 5/u],
    [
      'a missing file',
      () => manifest([['get', 'x', 1, '-', '0'.repeat(64), `${runner.base}/no`]]),
      65,
      /fetch x: it is not there/u,
    ],
    [
      'an expired URL',
      () => {
        runner.served.set('/x', [
          {
            status: 403,
            body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
          },
        ]);
        return manifest([['get', 'x', 1, '-', '0'.repeat(64), `${runner.base}/x?s=1`]]);
      },
      73,
      /fetch x: its URL has expired/u,
    ],
    [
      'a refusal after the expiry',
      () => {
        runner.served.set('/x', [{ status: 403 }]);
        return manifest([['get', 'x', 1, '-', '0'.repeat(64), `${runner.base}/x`]], 1_000_000_000);
      },
      73,
      /expired/u,
    ],
    [
      'a refusal',
      () => {
        runner.served.set('/x', [{ status: 403, body: '<Code>AccessDenied</Code>' }]);
        return manifest([['get', 'x', 1, '-', '0'.repeat(64), `${runner.base}/x`]]);
      },
      65,
      /access was refused \(HTTP 403\)/u,
    ],
    [
      'a manifest that is cut',
      () => `--manifest ${runner.serve('/m', 'desc-panda-manifest 1\nget\tx')}`,
      64,
      /manifest is cut/u,
    ],
    [
      'another kind of manifest',
      () => `--manifest ${runner.serve('/m', '<html>\nend\n')}`,
      64,
      /no version known/u,
    ],
    ...['../x', '/etc/x', 'a/../../x', '.desc-panda/x', './x', 'a//b', ''].map(
      (name): [string, () => string, number, RegExp] => [
        `a name that leads elsewhere: ${name}`,
        () => manifest([['get', name, 1, '-', '0'.repeat(64), `${runner.base}/x`]]),
        64,
        /The manifest/u,
      ],
    ),
    ['a URL with blanks', () => `--manifest ${quote('http://x/a b')}`, 65, /characters that no URL has/u],
    ['a URL of another kind', () => '--manifest ftp://x/y', 65, /not an http, https or file URL/u],
    [
      'a file too large for the disk',
      () => manifest([['get', 'x', 900_000_000_000_000, '-', '0'.repeat(64), `${runner.base}/x`]]),
      72,
      /The disk is full/u,
    ],
  ];
  for (const [name, words, code, sentence] of wrong) {
    it(`refuses ${name}: ${code}`, async () => {
      const result = await run('touch ran', words());
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, /^ERROR /mu);
      assert.match(result.stderr, sentence);
      assert.equal(existsSync(join(runner.folder, 'ran')), false);
      assert.equal(report().error_code, code);
    });
  }

  it('says 72 where the disk is so full that not even cp can say so', async () => {
    const bin = join(runner.folder, 'bin');
    mkdirSync(bin);
    const program = (name: string, text: string): void =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o700 });
    program('cp', `: > ${quote(join(bin, 'full'))}; exit 1`);
    program(
      'df',
      `free=9999999; [ ! -e ${quote(join(bin, 'full'))} ] || free=0; printf 'head\\ntmpfs 9 9 %s 9%% /\\n' $free`,
    );
    writeFileSync(join(runner.folder, 'there'), 'x');
    const url = pathToFileURL(join(runner.folder, 'there')).href;
    const words = manifest([['get', 'x', 1, '-', sums('x').sha256, url]]);
    const result = await run('true', words, { path: `${bin}:/usr/local/bin:/usr/bin:/bin` });
    assert.equal(result.code, 72, result.stderr);
    assert.match(result.stderr, /^ERROR Could not fetch x: no space is left on the disk$/mu);
  });

  it('tries again where a server is in trouble or a connection breaks', async () => {
    const line = input('x', 'in the end');
    runner.served.set('/in/x', [
      { status: 503 },
      { body: 'in the end', broken: true },
      { body: 'in the end' },
    ]);
    const result = await run('cat x', manifest([line]));
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /in the end$/u);
    runner.served.set('/in/x', [{ status: 503 }]);
    assert.equal((await run('true', manifest([line]))).code, 65);
  });

  for (const [name, missing] of Object.entries({ curl: [], wget: ['curl'], python3: ['curl', 'wget'] })) {
    it(`says 69 when the store dies while ${name} sends it an output, after three tries`, async () => {
      runner.refused.set('/large', { broken: true });
      const words = manifest([
        ['put', 'small', `${runner.base}/small?s=1`],
        ['put', 'large', `${runner.base}/large?s=1`],
        ['put', 'payload.stdout', `${runner.base}/stdout?s=1`],
        ['done', 'manifest.out.json', `${runner.base}/done?s=1`],
      ]);
      const result = await run('echo x | tee small; head -c 9000000 /dev/zero > large', words, {
        path: pathWithout(missing),
      });
      assert.equal(result.code, 69, result.stderr);
      assert.match(result.stderr, /^ERROR Could not send the output large: /mu);
      assert.equal(runner.asked.filter((line) => line.startsWith('PUT /large')).length, 3);
      assert.equal(runner.sent.has('/large'), false);
      assert.equal(runner.sent.get('/stdout')?.toString(), 'x\n');
      // What is not whole is not among what arrived.
      const list = JSON.parse(runner.sent.get('/done')?.toString() ?? '') as { files: { name: string }[] };
      assert.deepEqual(
        list.files.map((file) => file.name),
        ['small', 'payload.stdout'],
      );
    });
  }

  it('says 69 when an output is refused, 73 when its URL has expired, and sends the logs anyway', async () => {
    const lines = [
      ['put', 'out', `${runner.base}/out`],
      ['put', 'payload.stdout', `${runner.base}/log`],
      ['done', 'manifest.out.json', `${runner.base}/done`],
    ];
    runner.refused.set('/out', { status: 400 });
    const refused = await run('echo | tee out', manifest(lines));
    assert.equal(refused.code, 69, refused.stderr);
    assert.ok(runner.sent.has('/log'));
    assert.match(runner.sent.get('/done')?.toString() ?? '', /"exitCode": 69, "payloadExitCode": 0/u);
    runner.refused.set('/out', { status: 403, body: '<Message>Request has expired</Message>' });
    assert.equal((await run('echo > out', manifest(lines))).code, 73);
  });

  it('misses staged outputs, and of a failed job sends logs only', async () => {
    const lines = [
      ['put', 'out', `${runner.base}/out`],
      ['put', 'payload.stderr', `${runner.base}/log`],
    ];
    assert.equal((await run('true', manifest(lines))).code, 68);
    assert.equal((await run('echo why >&2; echo > out; exit 5', manifest(lines))).code, 5);
    assert.deepEqual([...runner.sent.keys()], ['/log']);
    assert.equal(runner.sent.get('/log')?.toString(), 'why\n');
  });

  it('keeps the manifest to itself', async () => {
    const result = await run('stat -c "%a %n" .desc-panda/*', manifest([]));
    assert.match(result.stdout, /^600 .*wrapper\.log$/mu);
    assert.doesNotMatch(result.stdout, /request/u);
    // It has no name where the system shows open files.
    assert.equal(result.stdout.includes('/manifest'), !existsSync('/proc/self/fd'));
  });
});

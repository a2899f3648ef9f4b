import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  attemptOfRun,
  folderStore,
  outputKey,
  packManifests,
  planOfJob,
  readOutManifest,
  signManifest,
} from '../../../src/staging/index.ts';
import { until } from '../../support/until.ts';
import { quote, SHELLS } from './payloadRunner.ts';
import type { Run } from './payloadRunner.ts';
import { wrapperRuns } from './wrapperRuns.ts';

const JOBS = 10_000;
const SIGNATURE = 'X-Amz-Signature=0123456789abcdef';

/** Where the system shows open files, the manifest has no name. */
const hidden = existsSync('/proc/self/fd');

describe('the wrapper and the manifest of its job', () => {
  const { runner, place, run, report, pathWithout } = wrapperRuns();
  let folder: string;
  let packed: Buffer;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "desc-panda many's manifests "));
    const file = await open(join(folder, 'manifests'), 'wx');
    function* texts(): Generator<string> {
      for (let number = 1; number <= JOBS; number += 1) {
        const put = `put\tout.txt\t${runner.base}/out/${number}?${SIGNATURE}`;
        yield ['desc-panda-manifest 1', `live\tü\t0\t9\t${'x'.repeat(number % 700)}`, put, 'end\n'].join(
          '\n',
        );
      }
    }
    await packManifests(texts(), JOBS, file);
    await file.close();
    packed = readFileSync(join(folder, 'manifests'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const local = (number: string | number): string =>
    `--manifest ${quote(`${pathToFileURL(join(folder, 'manifests')).href}#${number}`)}`;
  const served = (number: string | number, ranged = true, body: Uint8Array | string = packed): string => {
    runner.served.set('/manifests', [{ body, ranged }]);
    return `--manifest ${quote(`${runner.base}/manifests?${SIGNATURE}#${number}`)}`;
  };
  const giveSecrets = (text: string): void => {
    writeFileSync(join(runner.folder, 'panda_secrets.json'), text);
  };
  const secret = (number: number | string): string =>
    `--manifest ${quote(`secret:desc_panda_0abcdefghi:it's a/key:with #1 in it#${number}`)}`;
  /** The files of the job that hold a signature. */
  const leaks = (): string =>
    spawnSync('grep', ['-rl', SIGNATURE, runner.folder], { encoding: 'utf8' }).stdout;

  const ways: [string, (number: number) => string, readonly string[]][] = [
    ['in a folder', local, []],
    ['by ranges', served, []],
    ['by ranges, without curl', served, ['curl']],
    ['whole, where only wget is there', served, ['curl', 'python3']],
    ['whole, of a server that knows no ranges', (number) => served(number, false), []],
    ['whole, of such a server without curl', (number) => served(number, false), ['curl']],
  ];
  for (const [name, words, missing] of ways) {
    it(`is picked among ten thousand: ${name}`, async () => {
      for (const number of [1, 4321, JOBS]) {
        const path = missing.length === 0 ? {} : { path: pathWithout(missing) };
        const result = await run('echo > out.txt', words(number), path);
        assert.equal(result.code, 0, result.stderr);
        assert.deepEqual([...runner.sent.keys()], [`/out/${number}`]);
        runner.sent.clear();
        assert.equal(leaks(), '');
      }
    });
  }

  it('is asked for alone: its line, then itself', async () => {
    const before = packed.subarray(24 * 4320, 24 * 4321).toString();
    const [offset = 0, length = 0] = before.split(' ').map(Number);
    const ranges: unknown[] = [];
    const server = createServer((request, response) => {
      ranges.push(request.headers.range);
      const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '') ?? [];
      response.writeHead(206).end(packed.subarray(Number(from), Number(to) + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m#4321`;
    const result = await run('echo > out.txt', `--manifest ${quote(url)}`);
    server.close();
    assert.equal(result.code, 0, result.stderr);
    const last = offset + length - 1;
    assert.deepEqual(ranges, [`bytes=${24 * 4320}-${24 * 4321 - 1}`, `bytes=${offset}-${last}`]);
  });

  for (const shell of SHELLS) {
    it(`is found behind a secret, and nobody sees one, under ${shell}`, async () => {
      served(17);
      const others = `"A": "desc_panda_0abcdefghi", "B": "\\"desc_panda_0abcdefghi\\": \\"http:", "C": ""`;
      const url = `${runner.base}/manifests?${SIGNATURE}&x=1`.replaceAll('/', '\\/');
      giveSecrets(`{${others}, "desc_panda_0abcdefghi": "${url}", "desc_panda_0": "no"}`);
      const look = 'env; ls -a; cat .desc-panda/* 2> /dev/null | tee out.txt';
      const result = await run(look, secret(17), { shell });
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual([...runner.sent.keys()], ['/out/17']);
      assert.doesNotMatch(result.stdout, /panda_secrets|desc_panda_0|&x=1/u);
      assert.equal(result.stdout.includes('out/17'), !hidden);
      assert.equal(existsSync(join(runner.folder, 'panda_secrets.json')), false);
      assert.ok(runner.asked.includes(`GET /manifests?${SIGNATURE}&x=1`));
    });
  }

  it('leaves no URL and no process behind when the wrapper is killed', async function () {
    if (!hidden) this.skip();
    const begun = Date.now();
    await run('echo > out.txt; kill -KILL "$PPID"; sleep 600', served(17));
    assert.equal(runner.sent.size, 0, 'it was not killed');
    // What it printed ends when the last of them does.
    assert.ok(Date.now() - begun < 60_000);
    assert.equal(leaks(), '');
  });

  it('is the whole object where it has no number', async () => {
    runner.serve('/one', `desc-panda-manifest 1\nput\tout.txt\t${runner.base}/alone\nend\n`);
    giveSecrets(`{\n  "K" : "${runner.base}/one"\n}\n`);
    const result = await run('echo > out.txt', '--manifest secret:K:one');
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual([...runner.sent.keys()], ['/alone']);
  });

  it('is found among thousands of secrets', async () => {
    const url = `${runner.base}/manifests?${SIGNATURE}`;
    const others = Array.from(
      { length: 5000 },
      (_, n) => `"desc_panda_${n}": "${url}&n=${n}${'x'.repeat(500)}"`,
    );
    served(3);
    giveSecrets(`{${[...others, `"desc_panda_0abcdefghi": "${url}"`].join(', ')}}`);
    assert.equal((await run('echo > out.txt', secret(3))).code, 0);
  });

  const index = (line: string, rest = 'x'.repeat(100)): string => served(1, true, line + rest);
  const wrong: [string, () => string, number, RegExp][] = [
    ['a number too large', () => served(JOBS + 1), 64, /no manifest number 10001 where/u],
    ['a number beyond the object', () => served(9_999_999), 64, /no manifest number 9999999 where/u],
    ['a number beyond the object, sent whole', () => served(9_999_999, false), 64, /no manifest number/u],
    ['a number too large, in a folder', () => local(JOBS + 1), 64, /no manifest number 10001 where/u],
    ...['', '0', '007', 'x', '-1', '1'.repeat(16)].map((number): [string, () => string, number, RegExp] => [
      `a number that is none: ${number}`,
      () => served(number),
      64,
      /no number behind its #/u,
    ]),
    [
      'an index that leads into itself',
      () => index('00000000000 00000000024\n'),
      64,
      /no manifest number 1/u,
    ],
    ['an index that leads to nothing', () => index('00000000024 00000000000\n'), 64, /no manifest number 1/u],
    [
      'an index that leads to too much',
      () => index('00000000024 09999999999\n'),
      64,
      /no manifest number 1/u,
    ],
    ['an index that leads out', () => index('00000099999 00000000024\n'), 64, /no manifest number 1/u],
    ['an object that is cut', () => index('00000000024 00000000101\n'), 64, /manifest is cut/u],
    ['what is no manifest', () => index('00000000024 00000000010\n'), 64, /of no version known/u],
    ['an object that is gone', () => `--manifest ${quote(`${runner.base}/none#1`)}`, 65, /it is not there/u],
    ['a folder that is not there', () => '--manifest file:///none/manifests#1', 65, /it is not there/u],
    [
      'an expired URL',
      () => {
        const body = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
        runner.served.set('/x', [{ status: 403, body }]);
        return `--manifest ${quote(`${runner.base}/x?${SIGNATURE}#1`)}`;
      },
      73,
      /manifest of the job: its URL has expired/u,
    ],
    ['a secret without a file', () => secret(1), 73, /The pilot gave no secret desc_panda_0abcdefghi, /u],
    [
      'a secret that is not there',
      () => {
        giveSecrets(`{"K": "${runner.base}/manifests?${SIGNATURE}"}`);
        return secret(1);
      },
      73,
      /The pilot gave no secret desc_panda_0abcdefghi, /u,
    ],
    [
      'a secret that is no URL',
      () => {
        giveSecrets('{"desc_panda_0abcdefghi": "it\\"s"}');
        return secret(1);
      },
      65,
      /characters that no URL has/u,
    ],
    ['a secret with no name', () => "--manifest 'secret::x#1'", 64, /a secret without a name/u],
    ['a secret with a name for sed', () => "--manifest 'secret:.*/p:x#1'", 64, /a secret without a name/u],
  ];
  for (const [name, words, code, sentence] of wrong) {
    it(`refuses ${name}: ${code}`, async () => {
      const result = await run('touch ran', words());
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, /^ERROR /mu);
      assert.match(result.stderr, sentence);
      assert.equal(report().error_code, code);
      assert.equal(existsSync(join(runner.folder, 'ran')), false);
      assert.doesNotMatch(`${result.stdout}${result.stderr}`, /X-Amz/u);
      assert.equal(leaks(), '');
    });
  }

  it('leaves no secret where the words are wrong, or the job is told to end while it fetches', async () => {
    giveSecrets(`{"K": "${runner.base}/m?${SIGNATURE}"}`);
    assert.equal((await run('true', '--colour red')).code, 64);
    assert.equal(leaks(), '');
    let asked = false;
    const server = createServer(() => {
      asked = true;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    giveSecrets(`{"K": "http://127.0.0.1:${(server.address() as AddressInfo).port}/m?${SIGNATURE}"}`);
    const child = runner.launch(place(), `--manifest 'secret:K:x#1' -- true`);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await until('a request', async () => asked);
    child.kill('SIGTERM');
    assert.equal(await ended, 143);
    server.closeAllConnections();
    server.close();
    assert.equal(leaks(), '');
  });

  for (const shell of SHELLS) {
    it(`leaves what a second run made beside that of the first, in ${shell}`, async () => {
      const store = folderStore(join(folder, `runs in ${shell.replaceAll('/', ' ')}`));
      const area = { user: 'ada', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
      const needs = { number: 7, inputs: [], outputs: ['out é.txt'], wallSeconds: 60 };
      const signed = await signManifest(store, planOfJob(area, needs, 0), 3600, Date.now());
      const path = join(folder, `manifest of ${shell.replaceAll('/', ' ')}`);
      writeFileSync(path, signed.text());
      const words = `--manifest ${quote(pathToFileURL(path).href)}`;
      const left = async (pandaId: number): Promise<string> => {
        const attempt = await attemptOfRun(store, { area, jobId: '7', attempt: 1 }, pandaId);
        const list = await readOutManifest(store, attempt);
        const { bytes } = await store.readRange(outputKey(attempt, 'out é.txt'), 0, 100);
        return `${attempt.attempt} ${list?.exitCode} ${list?.files.length} ${Buffer.from(bytes).toString()}`;
      };
      const runAs = (PANDAID: string, text: string): Promise<Run> =>
        run(`printf '${text}' > 'out é.txt'`, words, { shell, environment: { PANDAID } });
      assert.equal((await runAs('42', 'first')).code, 0);
      assert.equal((await runAs('43', 'second')).code, 0);
      assert.equal(await left(42), '1 0 6 first');
      assert.equal(await left(43), '2 0 6 second');
      // A pilot that runs the same job again, and one that tells no id.
      assert.equal((await runAs('42', 'anew')).code, 0);
      assert.equal(await left(42), '1 0 6 anew');
      assert.equal((await runAs('', 'unknown')).code, 0);
      assert.equal(await left(42), '1 0 6 unknown');
      assert.equal(await left(43), '2 0 6 second');
    });
  }

  it('runs where its run cannot be noted, but not where the URLs have expired', async () => {
    const note = (): string => `${runner.base}/first?${SIGNATURE}`;
    const words = (): string => {
      const text = `desc-panda-manifest 1\nfirst\t${note()}\t${note()}\nput\tx\t${runner.base}/x\nend\n`;
      return `--manifest ${quote(runner.serve('/m', text))}`;
    };
    runner.refused.set('/first', { status: 403 });
    assert.equal((await run('echo > x', words())).code, 0);
    assert.ok(runner.sent.has('/x'));
    runner.refused.clear();
    assert.equal((await run('echo > x', words())).code, 0);
    assert.equal(runner.sent.get('/first')?.toString(), '42\n');
    runner.served.set('/first', [{ status: 403, body: '<Message>Request has expired</Message>' }]);
    assert.equal((await run('touch ran', words())).code, 73);
    assert.equal(existsSync(join(runner.folder, 'ran')), false);
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkCatalog, checkFile } from '../../../../src/transformations/index.ts';
import { FingerprintSet } from '../../../../src/transformations/phosim/catalog/fingerprints.ts';
import { LineReader } from '../../../../src/transformations/phosim/catalog/lineReader.ts';
import { parseNumber } from '../../../../src/transformations/phosim/catalog/numbers.ts';
import { SkyMapper } from '../../../../src/transformations/phosim/catalog/skyMap.ts';
import { WordPool } from '../../../../src/transformations/phosim/catalog/wordPool.ts';
import { checkText, findings, HEAD, inFolder, object } from './catalogs.ts';

/** Numbers in [0, 1) that are the same in each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('catalog: what it is built from', () => {
  it('cuts lines alike wherever the pieces end', () => {
    const random = randomNumbers(1);
    for (let round = 0; round < 300; round += 1) {
      const length = Math.floor(random() * 300);
      const text = Array.from({ length }, () => 'ab#\n\r\n '[Math.floor(random() * 7)]).join('');
      const lines: string[] = [];
      const reader = new LineReader({
        line: (bytes, from, to) => lines.push(Buffer.from(bytes.subarray(from, to)).toString()),
        longLine: () => assert.fail('none is long'),
      });
      for (let at = 0; at < text.length;) {
        const size = 1 + Math.floor(random() * 20);
        reader.push(Buffer.from(text.slice(at, at + size)));
        at += size;
      }
      reader.end();
      const wanted = text.split('\n').map((line) => line.replace(/\r$/, ''));
      const last = text.split('\n').at(-1) ?? '';
      if (last === '') wanted.pop();
      assert.deepEqual(lines, wanted);
      assert.equal(reader.count, wanted.length);
    }
  });

  it('tells lines of 4,096 bytes and keeps those of 4,095, with either line end', () => {
    const told: string[] = [];
    const reader = new LineReader({
      line: (_bytes, from, to, number) => told.push(`${number}: ${to - from}`),
      longLine: (number) => told.push(`${number}: long`),
    });
    const text = [4095, 4096, 5000]
      .flatMap((size) => [`${'x'.repeat(size)}\n`, `${'x'.repeat(size)}\r\n`])
      .join('');
    for (let at = 0; at < text.length; at += 1000) reader.push(Buffer.from(text.slice(at, at + 1000)));
    reader.push(Buffer.from(`${text}end`));
    reader.end();
    const each = ['4095', '4095', 'long', 'long', 'long', 'long'];
    assert.deepEqual(told, [...[...each, ...each].map((what, index) => `${index + 1}: ${what}`), '13: 3']);
  });

  it('reads numbers as everybody does', () => {
    const random = randomNumbers(2);
    for (let round = 0; round < 5000; round += 1) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
      for (const text of [String(value), value.toFixed(5), value.toExponential(4), `+${Math.abs(value)}`]) {
        const read = parseNumber(Buffer.from(` ${text} `), 1, text.length + 1);
        assert.ok(Math.abs(read - Number(text)) <= Math.abs(Number(text)) * 1.1e-14, text);
      }
    }
    for (const text of [
      '',
      '.',
      '-',
      '1.2.3',
      '1e',
      '1e+',
      'e5',
      '0x1',
      'nan',
      'inf',
      '1,5',
      '--1',
      '1-',
      '1d5',
    ]) {
      assert.ok(Number.isNaN(parseNumber(Buffer.from(text), 0, text.length)), text);
    }
    for (const text of ['17.5', '.5', '5.', '-0.25', '1E2', '24.6', '0', '00012']) {
      assert.equal(parseNumber(Buffer.from(text), 0, text.length), Number(text));
    }
  });

  it('remembers words as a set does, up to its limit', () => {
    const random = randomNumbers(3);
    const set = new FingerprintSet(20_000);
    const wanted = new Set<string>();
    for (let round = 0; round < 30_000; round += 1) {
      const word = Buffer.from(String(Math.floor(random() * 18_000) * 1024 + 4));
      assert.equal(set.has(word, 0, word.length), wanted.has(word.toString()));
      wanted.add(word.toString());
    }
    const small = new FingerprintSet(2);
    for (const word of ['a', 'b', 'c']) assert.equal(small.has(Buffer.from(word), 0, 1), false);
    assert.ok(small.isFull);
    assert.ok(!small.has(Buffer.from('c'), 0, 1) && small.has(Buffer.from('a'), 0, 1));
  });

  it('gives the words that the bytes say', () => {
    const random = randomNumbers(4);
    const pool = new WordPool();
    for (let round = 0; round < 50_000; round += 1) {
      const word = `x${Math.floor(random() * 20_000)}`;
      const bytes = Buffer.from(`--${word}--`);
      assert.equal(pool.word(bytes, 2, bytes.length - 2), word);
    }
  });

  it('counts each source once in the cell it lies in', () => {
    const random = randomNumbers(5);
    const sky = new SkyMapper();
    const points = Array.from({ length: 2000 }, () => [random() * 10 - 5, random() * 180 - 90] as const);
    for (const [ra, dec] of points) sky.add(ra, dec);
    const map = sky.result();
    assert.ok(map !== undefined);
    const counts = new Map<number, number>();
    for (const [ra, dec] of points) {
      const x = Math.floor((ra - map.origin[0]) / map.cell);
      const y = Math.floor((dec - map.origin[1]) / map.cell);
      counts.set(y * map.size + x, (counts.get(y * map.size + x) ?? 0) + 1);
    }
    assert.deepEqual(
      map.counts.flatMap((count, index) => (count === 0 ? [] : [[index, count]])),
      [...counts].sort(([a], [b]) => a - b),
    );
  });
});

describe('catalog: hostile files', () => {
  it('goes through random bytes of all kinds', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { counts } = await checkText(randomBytes(20_000));
      assert.ok(counts.error > 0);
    }
    const random = randomNumbers(6);
    const pieces = [
      'object ',
      'filter ',
      '1 ',
      '\n',
      '#',
      '\r',
      'includeobj ',
      '\xff',
      'ü',
      '..',
      '-',
      'e',
      '\t',
      '/',
    ];
    for (let round = 0; round < 100; round += 1) {
      const text = Array.from({ length: 400 }, () => pieces[Math.floor(random() * pieces.length)]).join('');
      const { diagnostics } = await checkText(Buffer.from(text, 'latin1'));
      for (const { line, column = 1, endColumn = column } of diagnostics) {
        assert.ok(line >= 1 && column >= 1 && endColumn >= column);
      }
    }
  });

  it('stops at a NUL, and says where', async () => {
    const report = await checkText(`${HEAD}object\0 more\n${object(1)}`);
    assert.deepEqual(
      findings(report),
      ['5 error too-few-fields', '5 error not-text'].toSorted((a, b) => a.localeCompare(b)),
    );
    assert.equal(report.summary.objects.total, 1);
  });

  it('says once that a file is not UTF-8', async () => {
    const line = Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from('\n')]);
    assert.deepEqual(findings(await checkText(Buffer.concat([line, line]))), ['1 warning not-utf8']);
  });

  it('reads CR LF and a missing last line end as phoSim does', async () => {
    const report = await checkText(`${HEAD.replaceAll('\n', '\r\n')}${object(1).trim()}`);
    assert.deepEqual(findings(report), []);
    assert.equal(report.summary.lines, 5);
    assert.equal(report.summary.objects.total, 1);
  });

  it('holds no more than a piece of a line of a gigabyte', () => {
    const piece = Buffer.alloc(1024 * 1024, 'a');
    const told: string[] = [];
    const reader = new LineReader({
      line: (bytes, from, to) => told.push(Buffer.from(bytes.subarray(from, to)).toString()),
      longLine: (number) => told.push(`${number} long`),
    });
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1024; count += 1) reader.push(piece);
    reader.push(Buffer.from('\nseed 1\n'));
    assert.deepEqual(told, ['1 long', 'seed 1']);
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
  });

  it('goes through a gzip file that swells', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'), { level: 9 });
    await inFolder({ 'cat.txt': 'filter 1\nincludeobj bomb.gz\n', 'bomb.gz': bomb }, async (folder) => {
      const { diagnostics } = await checkCatalog({ path: join(folder, 'cat.txt') });
      assert.deepEqual(
        diagnostics.map(({ line, code }) => `${line} ${code}`),
        ['1 line-too-long'],
      );
      assert.equal(await checkFile(join(folder, 'bomb.gz'), undefined), undefined);
    });
  });

  it('lists 200 findings, errors before all others, and counts the rest', async () => {
    const warnings = 'wibble 1\n'.repeat(1000);
    const errors = object(1, { 4: 'x' }).repeat(150);
    const { diagnostics, unlisted, counts, countsByCode } = await checkText(warnings + errors);
    assert.equal(diagnostics.length, 200);
    assert.equal(diagnostics.filter(({ severity }) => severity === 'error').length, 150);
    assert.deepEqual(counts, { error: 150, warning: 1001, information: 0 });
    assert.equal(unlisted, 1151 - 200);
    assert.equal(countsByCode['unknown-command'], 1000);
    const lines = diagnostics.map(({ line }) => line);
    assert.deepEqual(
      lines,
      lines.toSorted((a, b) => a - b),
    );
  });

  it('tells control characters of the file only as marks', async () => {
    const { diagnostics } = await checkText('wib\u001b[31mble 1\n');
    assert.ok(diagnostics.every(({ message }) => !/\p{Cc}/u.test(message)));
  });

  it('gives others their turn while it checks a large text', async () => {
    const content = Buffer.from(object(1).repeat(100_000));
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await checkText(content);
    clearImmediate(next);
    assert.ok(turns >= content.length / (256 * 1024) - 1);
  });

  it('says that a packed catalog is none, and checks it all the same', async () => {
    await inFolder({}, async (folder) => {
      const path = join(folder, 'phosim_cat_1.txt.gz');
      await writeFile(path, gzipSync(`${HEAD}${object(1, { 4: 'x' })}`));
      const result = await checkFile(path, undefined);
      assert.deepEqual(
        result?.diagnostics.map(({ line, code }) => `${line} ${code}`),
        ['1 packed-catalog', '5 not-a-number'],
      );
    });
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  imageOf,
  memoryBytes,
  pixelStart,
  pixelText,
  readFits,
  readOverview,
  readTile,
  type ByteSource,
  type FitsImage,
} from '../../../src/editor/fits/reader/index.ts';
import { quantile, zscale } from '../../../src/editor/fits/reader/statistics.ts';
import { imagePart, starField, type ImageSpec } from './fitsWriter.ts';

async function open(bytes: Uint8Array): Promise<{ source: ByteSource; image: FitsImage }> {
  const file = await readFits(memoryBytes(bytes));
  const image = imageOf(file.all[0]!);
  assert.ok(typeof image === 'object');
  return { source: file.source, image };
}

/** All pixels of a small image. */
async function valuesOf(spec: ImageSpec): Promise<number[]> {
  const { source, image } = await open(imagePart(spec));
  return [...(await readTile(source, image, { plane: 0, level: 1, column: 0, row: 0 })).values];
}

describe('pixels', () => {
  const axes = [5, 1];
  const from = (list: readonly (number | bigint)[]) => (index: number) => list[index]!;

  for (const [bitpix, stored] of [
    [8, [0, 1, 127, 128, 255]],
    [16, [-32768, -1, 0, 1, 32767]],
    [32, [-2147483648, -1, 0, 1, 2147483647]],
    [64, [-(2n ** 63n), -1n, 0n, 1n, 2n ** 53n]],
    [-32, [-1.5, 0, 0.25, 1e30, -1e-30]],
    [-64, [-1.5, 0, 0.1, 1e300, -1e-300]],
  ] as const) {
    it(`of BITPIX ${bitpix} are read`, async () => {
      const wanted = stored.map((value) => Math.fround(Number(value)));
      assert.deepEqual(await valuesOf({ bitpix, axes, stored: from(stored) }), wanted);
    });
  }

  it('are scaled, and unsigned where BZERO says so', async () => {
    const scaled = {
      bitpix: 16,
      axes,
      keywords: { BSCALE: 0.5, BZERO: 10 },
      stored: from([-2, -1, 0, 1, 2]),
    };
    assert.deepEqual(await valuesOf(scaled), [9, 9.5, 10, 10.5, 11]);
    const unsigned = {
      bitpix: 16,
      axes,
      keywords: { BZERO: 32768 },
      stored: from([-32768, -1, 0, 1, 32767]),
    };
    assert.deepEqual(await valuesOf(unsigned), [0, 32767, 32768, 32769, 65535]);
    const long = {
      bitpix: 64,
      axes,
      keywords: { BZERO: 9223372036854775808n },
      stored: from([-(2n ** 63n), -(2n ** 63n) + 5n, 0n, 1n, 2n ** 63n - 1n]),
    };
    assert.deepEqual(await valuesOf(long), [0, 5, 2 ** 63, 2 ** 63, 2 ** 64]);
  });

  it('without a value are NaN: BLANK of whole numbers, NaN of floats', async () => {
    const blank = { bitpix: 16, axes, keywords: { BLANK: -99, BZERO: 1 }, stored: from([1, -99, 2, -99, 3]) };
    assert.deepEqual(await valuesOf(blank), [2, Number.NaN, 3, Number.NaN, 4]);
    const floats = {
      bitpix: -32,
      axes,
      keywords: { BLANK: 1 },
      stored: from([1, Number.NaN, Infinity, -Infinity, 0]),
    };
    assert.deepEqual(await valuesOf(floats), [1, Number.NaN, Infinity, -Infinity, 0]);
  });

  it('are told with all their digits', async () => {
    for (const [spec, wanted] of [
      [{ bitpix: 64, axes: [1, 1], stored: () => 9007199254740993n }, '9007199254740993'],
      [
        { bitpix: 64, axes: [1, 1], keywords: { BZERO: 9223372036854775808n }, stored: () => 2n ** 63n - 1n },
        '18446744073709551615',
      ],
      [{ bitpix: 64, axes: [1, 1], keywords: { BLANK: -(2n ** 63n) }, stored: () => -(2n ** 63n) }, 'blank'],
      [{ bitpix: -32, axes: [1, 1], stored: () => 0.1 }, '0.1'],
      [{ bitpix: -64, axes: [1, 1], stored: () => 0.1234567890123 }, '0.1234567890123'],
      [{ bitpix: -64, axes: [1, 1], stored: () => Number.NaN }, 'NaN'],
      [{ bitpix: 16, axes: [1, 1], keywords: { BLANK: 7 }, stored: () => 7 }, 'blank'],
    ] as const) {
      const { source, image } = await open(imagePart(spec));
      assert.equal(pixelText(await source.read(pixelStart(image, 0, 0, 0), 8), image.format), wanted);
    }
  });
});

describe('the overview of an image', () => {
  it('is the mean of what lies below, and agrees with the tiles', async () => {
    const width = 2500;
    const height = 1300;
    const { source, image } = await open(starField(width, height));
    const overview = await readOverview(source, image, 0);
    assert.deepEqual([overview.factor, overview.width, overview.height, overview.exact], [4, 625, 325, true]);
    for (const [column, row] of [
      [0, 0],
      [2, 1],
    ] as const) {
      const tile = await readTile(source, image, { plane: 0, level: 4, column, row });
      for (const [x, y] of [
        [0, 0],
        [tile.width - 1, tile.height - 1],
        [50, 20],
      ] as const) {
        const there = overview.values[(row * 256 + y) * overview.width + column * 256 + x];
        assert.equal(tile.values[y * tile.width + x], there);
      }
    }
  });

  it('counts exactly, whatever the values', async () => {
    const number = fc.oneof(
      { weight: 5, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -10_000, max: 10_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(number, { minLength: 1, maxLength: 400 }),
        async (width, list) => {
          const height = Math.ceil(list.length / width);
          // Zero with a sign is zero.
          const stored = (index: number): number => (list[index] ?? 1) + 0;
          const { source, image } = await open(imagePart({ bitpix: -32, axes: [width, height], stored }));
          const all = Array.from({ length: width * height }, (_, index) => Math.fround(stored(index)));
          const finite = all.filter((value) => Number.isFinite(value));
          const { statistics, values } = await readOverview(source, image, 0);
          assert.equal(statistics.pixels, all.length);
          assert.equal(statistics.blank, all.length - finite.length);
          if (finite.length === 0) {
            assert.ok(Number.isNaN(statistics.min) && Number.isNaN(statistics.mean));
            return;
          }
          const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
          const deviation = Math.sqrt(
            finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length,
          );
          assert.equal(statistics.min, Math.min(...finite));
          assert.equal(statistics.max, Math.max(...finite));
          assert.ok(Math.abs(statistics.mean - mean) < 1e-6, `${statistics.mean} ${mean}`);
          assert.ok(Math.abs(statistics.deviation - deviation) < 1e-6);
          assert.equal(statistics.median, quantile(Float64Array.from(finite).sort(), 0.5));
          assert.deepEqual(
            values,
            Float32Array.from(all, (value) => (Number.isFinite(value) ? value : Number.NaN)),
          );
        },
      ),
    );
  });

  it('of a plane is of that plane', async () => {
    const spec = { bitpix: 16, axes: [10, 10, 2, 2], stored: (index: number) => Math.floor(index / 100) };
    const { source, image } = await open(imagePart(spec));
    assert.equal(image.planes, 4);
    for (const plane of [0, 1, 2, 3]) {
      const { statistics } = await readOverview(source, image, plane);
      assert.deepEqual([statistics.min, statistics.max], [plane, plane]);
    }
  });

  it('is blank where the file is cut short', async () => {
    const bytes = imagePart({ bitpix: 8, axes: [10, 10], stored: () => 7 }).subarray(0, 2880 + 55);
    const { source, image } = await open(bytes);
    const { values, statistics } = await readOverview(source, image, 0);
    assert.equal(statistics.pixels, 50);
    assert.deepEqual([values[49], values[50]], [7, Number.NaN]);
    const tile = await readTile(source, image, { plane: 0, level: 1, column: 0, row: 0 });
    assert.deepEqual([tile.values[49], tile.values[50]], [7, Number.NaN]);
  });

  it('of 16k × 16k pixels is made in bounded memory, roughly at once and then exactly', async () => {
    const side = 16_384;
    const header = imagePart({ bitpix: 8, axes: [1, 1], stored: () => 0 })
      .subarray(0, 2880)
      .toString('latin1');
    const head = Buffer.from(
      header
        .replace('NAXIS1  =                    1', 'NAXIS1  =                16384')
        .replace('NAXIS2  =                    1', 'NAXIS2  =                16384'),
      'latin1',
    );
    let longest = 0;
    let read = 0;
    const source: ByteSource = {
      size: 2880 + side * side,
      read(from, length) {
        longest = Math.max(longest, length);
        read += length;
        if (from === 0) return Promise.resolve(head.subarray(0, length));
        return Promise.resolve(new Uint8Array(length).fill((from / side) & 0xff));
      },
    };
    const image = imageOf((await readFits(source)).all[0]!);
    assert.ok(typeof image === 'object');
    read = 0;
    const quick = await readOverview(source, image, 0, { quick: true });
    assert.ok(!quick.exact && read < source.size / 15, `${read} bytes`);
    const shares: number[] = [];
    const before = process.memoryUsage().arrayBuffers;
    const overview = await readOverview(source, image, 0, { onProgress: (share) => shares.push(share) });
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.deepEqual([overview.width, overview.height, overview.exact], [1024, 1024, true]);
    assert.equal(overview.statistics.pixels, side * side);
    assert.ok(longest <= 1024 * 1024, `${longest} bytes at a time`);
    assert.ok(grown < 400e6, `${grown} bytes`);
    assert.ok(shares.length > 10 && shares.every((share, index) => share > (shares[index - 1] ?? 0)));
  });

  it('stops when nobody wants it any more', async () => {
    const { source, image } = await open(starField(600, 600));
    const stop = new AbortController();
    const reading = readOverview(
      { size: source.size, read: (from, length) => (stop.abort(), source.read(from, length)) },
      image,
      0,
      { signal: stop.signal },
    );
    await assert.rejects(reading, { name: 'AbortError' });
  });
});

describe('limits', () => {
  it('by zscale follow the sky and leave the stars out', () => {
    const sky = Array.from({ length: 5000 }, (_, index) => 100 + (index % 101) / 10);
    const { low, high } = zscale(
      Float64Array.from([...sky, ...Array.from({ length: 60 }, () => 50_000)]).sort(),
    );
    assert.ok(low >= 99.9 && low < 105, String(low));
    assert.ok(high > 110 && high < 300, String(high));
  });

  it('are in order and within the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (list) => {
          const sorted = Float64Array.from(list).sort();
          const { low, high } = zscale(sorted);
          assert.ok(low <= high && low >= sorted[0]! && high <= sorted.at(-1)!, `${low} ${high}`);
        },
      ),
    );
  });

  it('of equal values are that value', () => {
    assert.deepEqual(zscale(new Float64Array(100).fill(3)), { low: 3, high: 3 });
  });
});

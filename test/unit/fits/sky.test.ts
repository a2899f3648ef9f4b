import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memoryBytes, readFits, wcsOf } from '../../../src/editor/fits/reader/index.ts';
import { makePalette, paint } from '../../../webview/fits/colours.ts';
import { decText, raText, skyOf } from '../../../webview/fits/sky.ts';
import { levelFor, tilesInView } from '../../../webview/fits/tiles.ts';
import { imagePart, tanKeywords, type Keywords } from './fitsWriter.ts';

async function wcs(keywords: Keywords) {
  const { all } = await readFits(
    memoryBytes(imagePart({ bitpix: 8, axes: [10, 10], stored: () => 0, keywords })),
  );
  return wcsOf(all[0]!.header);
}

/** Distance on the sky, arc seconds. */
function apart(one: { ra: number; dec: number }, other: { ra: number; dec: number }): number {
  const rad = Math.PI / 180;
  const [a, b] = [one.dec * rad, other.dec * rad];
  const half =
    Math.sin((a - b) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(((one.ra - other.ra) * rad) / 2) ** 2;
  return (2 * Math.asin(Math.sqrt(half)) * 3600) / rad;
}

describe('the sky under a pixel', () => {
  it('is the reference at the reference pixel, and the scale beside it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 359.99, noNaN: true }),
        fc.double({ min: -89, max: 89, noNaN: true }),
        async (ra, dec) => {
          const there = (await wcs(tanKeywords(4000, 4072, ra, dec)))!;
          const centre = skyOf(there, 2000.5, 2036.5);
          assert.ok(apart(centre, { ra, dec }) < 1e-6);
          assert.ok(Math.abs(apart(skyOf(there, 2001.5, 2036.5), centre) - 0.2) < 1e-6);
          assert.ok(Math.abs(apart(skyOf(there, 2000.5, 2035.5), centre) - 0.2) < 1e-6);
          assert.ok(skyOf(there, 2000.5, 2046.5).dec > dec);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is the same however the matrix is written', async () => {
    const { CD1_1, CD1_2, CD2_1, CD2_2, ...rest } = tanKeywords(100, 100, 10, 20);
    assert.ok([CD1_1, CD1_2, CD2_1, CD2_2].every((value) => value !== undefined));
    const step = 0.2 / 3600;
    const turn = (30 * Math.PI) / 180;
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    const ways: readonly Keywords[] = [
      { CD1_1: -step * c, CD1_2: -step * s, CD2_1: -step * s, CD2_2: step * c },
      { CDELT1: -step, CDELT2: step, CROTA2: 30 },
      { CDELT1: -step, CDELT2: step, PC1_1: c, PC1_2: s, PC2_1: -s, PC2_2: c },
    ];
    const places = await Promise.all(
      ways.map(async (way) => skyOf((await wcs({ ...rest, ...way }))!, 90, 7)),
    );
    for (const place of places) assert.ok(apart(place, places[0]!) < 1e-6, JSON.stringify(places));
  });

  it('agrees with a value worked out by hand: 1° west of the pole of the projection at the equator', async () => {
    const there = (await wcs({ ...tanKeywords(10, 10, 0, 0), CD1_1: -1, CD2_2: 1, CRPIX1: 0, CRPIX2: 0 }))!;
    const { ra, dec } = skyOf(there, 1, 0);
    assert.ok(Math.abs(ra - (360 - (Math.atan(Math.PI / 180) * 180) / Math.PI)) < 1e-12);
    assert.ok(Math.abs(dec) < 1e-12);
  });

  it('takes axes in either order, and SIP distortions', async () => {
    const plain = tanKeywords(100, 100, 10, 20);
    const swapped = {
      ...plain,
      CTYPE1: 'DEC--TAN',
      CTYPE2: 'RA---TAN',
      CRVAL1: 20,
      CRVAL2: 10,
      CD1_1: 0,
      CD1_2: 0.2 / 3600,
      CD2_1: -0.2 / 3600,
      CD2_2: 0,
    };
    assert.ok(apart(skyOf((await wcs(swapped))!, 5, 9), skyOf((await wcs(plain))!, 5, 9)) < 1e-6);
    const bent = {
      ...plain,
      CTYPE1: 'RA---TAN-SIP',
      CTYPE2: 'DEC--TAN-SIP',
      A_ORDER: 2,
      A_2_0: 0.01,
      B_ORDER: 2,
      B_0_2: 0,
    };
    const shifted = skyOf((await wcs(plain))!, 50.5 + 10 + 0.01 * 100, 50.5);
    assert.ok(apart(skyOf((await wcs(bent))!, 60.5, 50.5), shifted) < 1e-6);
  });

  it('is not told where the header does not give it, or gives nonsense', async () => {
    const plain = tanKeywords(100, 100, 10, 20);
    assert.equal(await wcs({}), null);
    assert.equal(await wcs({ ...plain, CTYPE1: 'GLON-TAN', CTYPE2: 'GLAT-TAN' }), null);
    assert.equal(await wcs({ ...plain, CTYPE1: 'RA---SIN', CTYPE2: 'DEC--SIN' }), null);
    assert.equal(await wcs({ ...plain, CD1_1: 0 }), null);
    assert.equal(await wcs({ ...plain, CRVAL1: 'north' }), null);
  });

  it('is written as astronomers do, without sixty seconds', () => {
    assert.equal(raText(53.1), '03:32:24.000');
    assert.equal(raText(359.9999999), '00:00:00.000');
    assert.equal(decText(-0.5), '−00:30:00.00');
    assert.equal(decText(89.9999999), '+90:00:00.00');
  });
});

describe('colours', () => {
  const gray = makePalette('linear', 'gray');
  const painted = (values: number[], low: number, high: number, palette = gray): number[] => {
    const pixels = new Uint32Array(values.length);
    paint(Float32Array.from(values), values.length, palette, { low, high }, pixels);
    return [...pixels].map((pixel) => (pixel === 0 ? -1 : pixel & 0xff));
  };

  it('go from dark to light between the limits, and leave out what has no value', () => {
    assert.deepEqual(
      painted([-5, 0, 50, 100, 900, Infinity, -Infinity, Number.NaN], 0, 100),
      [0, 0, 127, 255, 255, 255, 0, -1],
    );
    assert.deepEqual(painted([3, 3, 4], 3, 3), [0, 0, 255]);
  });

  it('rise for every stretch, and faint values are lifted', () => {
    for (const stretch of ['linear', 'sqrt', 'log', 'asinh'] as const) {
      const levels = painted([0, 1, 5, 20, 50, 80, 100], 0, 100, makePalette(stretch, 'gray'));
      assert.deepEqual([levels[0], levels.at(-1)], [0, 255], stretch);
      assert.ok(
        levels.every((level, index) => index === 0 || level > levels[index - 1]!),
        `${stretch} ${levels.join()}`,
      );
      if (stretch !== 'linear') assert.ok(levels[2]! > 13 * 2, stretch);
    }
  });

  it('put the first row last', () => {
    const pixels = new Uint32Array(4);
    paint(Float32Array.from([0, 0, 1, 1]), 2, gray, { low: 0, high: 1 }, pixels);
    assert.deepEqual(
      [...pixels].map((pixel) => pixel & 0xff),
      [255, 255, 0, 0],
    );
  });
});

describe('tiles in view', () => {
  it('cover what is seen and no more, from the middle on', () => {
    const size = { width: 4000, height: 4072 };
    const tiles = tilesInView({ left: -100, right: 600, bottom: 300, top: 5000 }, 1, size);
    assert.equal(tiles.length, 3 * 15);
    assert.ok(tiles.every(({ column, row }) => column >= 0 && column <= 2 && row >= 1 && row <= 15));
    assert.ok(tiles[0]!.row > 7 && tiles[0]!.row < 12);
    assert.deepEqual(tilesInView({ left: 9000, right: 9500, bottom: 0, top: 10 }, 1, size), []);
  });

  it('are as fine as the screen', () => {
    assert.deepEqual([64, 1, 0.9, 0.5, 0.3, 0.25, 0.06].map(levelFor), [1, 1, 1, 2, 2, 4, 16]);
  });
});

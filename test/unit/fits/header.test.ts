import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCard } from '../../../src/editor/fits/reader/card.ts';
import { readHeader } from '../../../src/editor/fits/reader/header.ts';
import { FitsError, imageOf, memoryBytes, readFits } from '../../../src/editor/fits/reader/index.ts';
import { card, dataBlocks, emptyPart, headerBlocks, imagePart } from './fitsWriter.ts';

describe('a header line', () => {
  const value = (line: string): unknown => parseCard(line.padEnd(80)).value;

  for (const [line, wanted] of [
    ['NAXIS   =                    2 / axes', 2],
    ['BZERO   =           3.2768D+04', 32768],
    ['GAIN    =                 -.5', -0.5],
    ['SIMPLE  =                    T / standard', true],
    ['FLAG    =                    F', false],
    ["OBJECT  = 'Barnard''s / star'   / name", "Barnard's / star"],
    ["EMPTY   = ''", ''],
    ['NONE    =                      / no value', null],
    ['BIG     = 18446744073709551615', 18446744073709551615n],
    ['ODD     = (1.0, 2.0)', '(1.0, 2.0)'],
    ['HUGE    = 1E999', '1E999'],
    ['COMMENT = not a value? it is', 'not a value? it is'],
    ['HISTORY flat fielded', null],
    ['HIERARCH ESO DET CHIP = 7 / which', 7],
    ["OPEN    = 'no end", 'no end'],
  ] as const) {
    it(`${line.trim()} means ${typeof wanted} ${String(wanted)}`, () =>
      assert.deepEqual(value(line), wanted));
  }

  it('tells comment from value', () => {
    assert.deepEqual(parseCard("FILTER  = 'r / i'   / the / band".padEnd(80)), {
      keyword: 'FILTER',
      value: 'r / i',
      text: 'r / i',
      comment: 'the / band',
    });
    assert.equal(parseCard('HISTORY flat fielded'.padEnd(80)).comment, 'flat fielded');
  });

  it('gives back what was written, whatever string or number', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(printable, (text) => {
        const kept = text.trimEnd();
        fc.pre(card('KEY', kept).length === 80 && kept.replaceAll("'", "''").length <= 66);
        assert.equal(parseCard(card('KEY', kept)).value, kept);
      }),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        (number) => {
          // A whole number too large to be exact is kept as its digits.
          fc.pre(Number.isSafeInteger(number) || !/^-?\d+$/u.test(String(number)));
          assert.equal(parseCard(card('KEY', number)).value, number + 0);
        },
      ),
    );
  });

  it('takes any line', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 0, maxLength: 80 }), (line) => {
        const parsed = parseCard(line.padEnd(80));
        assert.equal(typeof parsed.keyword, 'string');
        assert.equal(typeof parsed.comment, 'string');
      }),
    );
  });
});

describe('a header', () => {
  const read = async (lines: readonly string[], end = true) =>
    (await readHeader(memoryBytes(headerBlocks(lines, end)), 0)).header;

  it('ends with the block of its END', async () => {
    for (const count of [1, 35, 36, 37, 700, 10_000]) {
      const lines = Array.from({ length: count }, (_, index) => card(`K${index}`, index));
      const { header, end } = await readHeader(memoryBytes(headerBlocks(lines)), 0);
      assert.equal(end, Math.ceil(((count + 1) * 80) / 2880) * 2880);
      assert.equal(header.cards.length, count);
      assert.equal(header.number(`K${count - 1}`), count - 1);
    }
  });

  it('joins long strings, and lets the first of several keywords count', async () => {
    const header = await read([
      "LONG    = 'one &' / first",
      "CONTINUE  'two &'",
      "CONTINUE  'three' / last",
      card('TWICE', 1),
      card('TWICE', 2),
    ]);
    assert.equal(header.text('LONG'), 'one two three');
    assert.equal(header.get('LONG')?.comment, 'first last');
    assert.equal(header.number('TWICE'), 1);
    assert.equal(header.cards.length, 3);
  });

  it('shows bytes that are no ASCII as such', async () => {
    const bytes = headerBlocks([card('NAME', 'x')]);
    bytes.set([0x1b, 0xff, 0x00], 12);
    const { header } = await readHeader(memoryBytes(bytes), 0);
    assert.match(header.cards[0]?.text ?? '', /^x?\ufffd+/);
  });

  it('without END is refused, short or endless', async () => {
    await assert.rejects(read([card('SIMPLE', true)], false), /has no END: the file is cut short/);
    const endless = {
      size: 1e12,
      read: (_: number, length: number) => Promise.resolve(Buffer.alloc(length, ' ')),
    };
    await assert.rejects(readHeader(endless, 0), /has no END within 4032000 bytes/);
  });
});

describe('a file', () => {
  const pixel = { bitpix: 8, axes: [2, 3], stored: (index: number) => index };

  it('is read part by part', async () => {
    const table = Buffer.concat([
      headerBlocks([
        card('XTENSION', 'BINTABLE'),
        card('BITPIX', 8),
        card('NAXIS', 2),
        card('NAXIS1', 10),
        card('NAXIS2', 4),
        card('PCOUNT', 3000),
        card('GCOUNT', 1),
        card('TFIELDS', 2),
      ]),
      dataBlocks(Buffer.alloc(3040)),
    ]);
    const bytes = Buffer.concat([
      emptyPart(),
      table,
      imagePart({ ...pixel, keywords: { EXTNAME: 'SCI', EXTVER: 2 } }, true),
    ]);
    const { all, problem } = await readFits(memoryBytes(bytes));
    assert.equal(problem, null);
    assert.deepEqual(
      all.map(({ type, name, dataSize }) => [type, name, dataSize]),
      [
        ['PRIMARY', '', 0],
        ['BINTABLE', '', 3040],
        ['IMAGE', 'SCI 2', 6],
      ],
    );
    const [none, rows, image] = all.map((hdu) => imageOf(hdu));
    assert.equal(none, 'This part has a header and no data.');
    assert.equal(rows, 'A table of 4 rows and 2 columns. Only its header is shown.');
    assert.ok(typeof image === 'object' && image.width === 2 && image.height === 3 && image.planes === 1);
  });

  it('says honestly that a compressed image cannot be seen', async () => {
    const bytes = Buffer.concat([
      emptyPart(),
      headerBlocks([
        card('XTENSION', 'BINTABLE'),
        card('BITPIX', 8),
        card('NAXIS', 2),
        card('NAXIS1', 8),
        card('NAXIS2', 0),
        card('ZIMAGE', true),
        card('ZCMPTYPE', 'RICE_1'),
      ]),
    ]);
    const { all } = await readFits(memoryBytes(bytes));
    const why = imageOf(all[1]!);
    assert.ok(typeof why === 'string');
    assert.match(why, /tile-compressed \(RICE_1\).*funpack/);
  });

  it('tells what is wrong behind the first part, and shows what comes before', async () => {
    const good = imagePart(pixel);
    const cases: readonly (readonly [Uint8Array, RegExp | null])[] = [
      [good.subarray(0, 2880 + 4), /cut short: of the 6 bytes of data that part 0 speaks of, 4 are there/],
      [Buffer.concat([good, Buffer.alloc(2880, 'x')]), /behind the last part is not FITS/],
      [
        Buffer.concat([good, headerBlocks([card('XTENSION', 'IMAGE'), card('BITPIX', 7)])]),
        /Part 1 cannot be read: .*BITPIX is 7/,
      ],
      [
        Buffer.concat([good, headerBlocks([card('XTENSION', 'IMAGE')], false)]),
        /Part 1 cannot be read: .*no END/,
      ],
      [Buffer.concat([good, Buffer.alloc(100)]), null],
    ];
    for (const [bytes, wanted] of cases) {
      const { all, problem } = await readFits(memoryBytes(bytes));
      assert.equal(all.length, 1);
      if (wanted === null) assert.equal(problem, null);
      else assert.match(problem ?? '', wanted);
    }
  });

  for (const [what, lines, wanted] of [
    [
      'a negative axis',
      ['NAXIS   = 2', 'NAXIS1  = -1', 'NAXIS2  = 5'],
      /NAXIS1 is -1; a whole number from 0 on/,
    ],
    ['a missing axis', ['NAXIS   = 2', 'NAXIS1  = 4'], /NAXIS2 is missing/],
    ['an axis that is no number', ['NAXIS   = 1', "NAXIS1  = 'many'"], /NAXIS1 is many/],
    ['half a pixel', ['NAXIS   = 1', 'NAXIS1  = 2.5'], /NAXIS1 is 2\.5/],
    ['ten thousand axes', ['NAXIS   = 10000'], /NAXIS is 10000; at most 999/],
    [
      'more pixels than there are numbers',
      ['NAXIS   = 2', 'NAXIS1  = 9007199254740991', 'NAXIS2  = 9007199254740991'],
      /which cannot be/,
    ],
    ['a negative group count', ['NAXIS   = 1', 'NAXIS1  = 8', 'GCOUNT  = -4'], /which cannot be/],
    ['a huge parameter count', ['NAXIS   = 1', 'NAXIS1  = 8', 'PCOUNT  = 1E300'], /which cannot be/],
  ] as const) {
    it(`with ${what} is refused in one sentence`, async () => {
      const bytes = headerBlocks([card('SIMPLE', true), 'BITPIX  = 8', ...lines]);
      await assert.rejects(
        readFits(memoryBytes(bytes)),
        (error) => error instanceof FitsError && wanted.test(error.message) && !error.message.includes('\n'),
      );
    });
  }

  it('that is none is refused', async () => {
    await assert.rejects(readFits(memoryBytes(Buffer.from('GIF89a'))), /not a FITS file/);
    await assert.rejects(readFits(memoryBytes(Buffer.alloc(0))), /is empty/);
  });

  it('of any bytes is read or refused, and never leads astray', async () => {
    const line = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('BITPIX', 'NAXIS', 'NAXIS1', 'NAXIS2', 'PCOUNT', 'GCOUNT', 'XTENSION', 'BLANK'),
          fc.oneof(fc.integer(), fc.double(), fc.constantFrom(8, 16, 0, 2, 3), fc.string({ maxLength: 20 })),
        )
        .map(([keyword, value]) => card(keyword, value)),
      fc.string({ maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 60 }),
        fc.uint8Array({ maxLength: 6000 }),
        async (lines, rest) => {
          const bytes = Buffer.concat([headerBlocks([card('SIMPLE', true), ...lines]), rest]);
          try {
            const { all } = await readFits(memoryBytes(bytes));
            for (const hdu of all) {
              assert.ok(hdu.dataThere <= hdu.dataSize && hdu.dataStart + hdu.dataThere <= bytes.length);
              imageOf(hdu);
            }
          } catch (error) {
            assert.ok(error instanceof FitsError, String(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

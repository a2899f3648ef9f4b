import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkCatalog, checkFile } from '../../../../src/transformations/index.ts';
import { checkText, findings, HEAD, inFolder, object } from './catalogs.ts';

/** Modern and old names of each setting with a value that is right. */
const SETTINGS: readonly (readonly [names: string, value: string])[] = [
  ['obshistid obsid Opsim_obshistid', '900001'],
  ['rightascension Unrefracted_RA_deg', '-179.5'],
  ['declination Unrefracted_Dec_deg', '-90'],
  ['altitude Unrefracted_Altitude', '20'],
  ['azimuth Unrefracted_Azimuth', '270.2706972'],
  ['mjd Opsim_expmjd', '59797.2854090'],
  ['date Slalib_date', '2022/8/6/0.285409'],
  ['filter Opsim_filter', '5'],
  ['rotskypos Opsim_rotskypos camskyangle', '256.75'],
  ['rottelpos Opsim_rottelpos camtelangle', '-2.5e1'],
  ['vistime SIM_VISTIME obstime', '0.0'],
  ['nsnap SIM_NSNAP numexp', '1'],
  ['seeing Opsim_rawseeing', '0.76'],
  ['seed SIM_SEED', '900001'],
  ['minsource SIM_MINSOURCE', '100'],
  ['camconfig SIM_CAMCONFIG', '7'],
  ['telconfig SIM_TELCONFIG', '3'],
  ['moonra Opsim_moonra', '256.4'],
  ['moondec Opsim_moondec', '-23.5'],
  ['moonalt Opsim_moonalt', '-36.1'],
  ['moonphase Opsim_moonphase', '100'],
  ['dist2moon Opsim_dist2moon', '124.3'],
  ['sunalt Opsim_sunalt', '-51.2'],
  ['domeint SIM_DOMEINT', '18.0'],
  ['domewav SIM_DOMEWAV', '0.0'],
  ['temperature SIM_TEMPERATURE', '20.0'],
  ['tempvar SIM_TEMPVAR', '0.0'],
  ['pressure SIM_PRESSURE', '520.0'],
  ['pressvar SIM_PRESSVAR', '0.0'],
  ['overdepbias SIM_OVERDEPBIAS', '-45.0'],
  ['ccdtemp SIM_CCDTEMP', '173.0'],
  ['altvar SIM_ALTVAR', '0.0'],
  ['control SIM_CONTROL', '0'],
  ['actuator SIM_ACTUATOR', '0.0 1e-3 -2.5 0 0 0'],
  ['airglow', '-1'],
  ['cloudcover', '0.3'],
  ['clouddepth', '-1.0'],
  ['humidity', '0.4'],
  ['focus', '0.1'],
  ['move', '5 0.0'],
  ['driftx', '0'],
  ['drifty', '0'],
  ['rotationtracking', '1'],
  ['nframes', '2'],
  ['nskip', '0'],
  ['stars', '18.0 30.0 0.1'],
  ['stargrid', '18.0 30.0'],
  ['galaxies', '18.0 30.0 0.1'],
  ['opd', '0 1.176 0.823 500'],
];

describe('checkCatalog: the words of phoSim', () => {
  for (const [names, value] of SETTINGS) {
    it(`knows ${names}`, async () => {
      for (const name of names.split(' ')) {
        for (const line of [`${name} ${value}\n`, `${name}\t${value}\r\n`, `  ${name}   ${value}`]) {
          assert.deepEqual(findings(await checkText(line)), [], JSON.stringify(line));
        }
        assert.deepEqual(findings(await checkText(`${name}\n`)), [
          `1:1-${name.length + 1} error missing-value`,
        ]);
      }
    });
  }

  it('takes names of both generations for one setting, and the last of them', async () => {
    for (const [names, value] of SETTINGS) {
      const [first = '', ...others] = names.split(' ');
      for (const other of others) {
        const report = await checkText(`${first} 1\n${other} ${value}\n`);
        assert.ok(
          findings(report).includes(`2:1-${other.length + 1} warning duplicate-command`),
          `${first} and ${other}`,
        );
        const [held] = value.split(' ');
        assert.equal(report.summary.settings[first]?.value, held, first);
      }
    }
  });

  it('takes words in other letters for unknown ones, as phoSim does', async () => {
    const report = await checkText('Filter 2\nOPSIM_SEEDS 3\n');
    assert.deepEqual(findings(report), ['1:1-7 warning unknown-command', '2:1-12 warning unknown-command']);
    assert.match(report.diagnostics[0]?.message ?? '', /Is filter meant/u);
    // It looks for words anywhere, so that this one sets the seed.
    assert.match(report.diagnostics[1]?.message ?? '', /for a setting of SEED/u);
  });

  it('sends commands of a command file there', async () => {
    const { diagnostics } = await checkText('seed 1\nzenith_v 1000\n');
    assert.match(diagnostics[0]?.message ?? '', /zenith_v belongs into a command file/u);
  });
});

describe('checkCatalog: values', () => {
  const cases: readonly (readonly [line: string, ...found: string[]])[] = [
    ['rightascension -180'],
    ['rightascension 360'],
    ['rightascension -180.001', '1:16-24 error ra-range'],
    ['rightascension 360.001', '1:16-23 error ra-range'],
    ['declination 90'],
    ['declination 90.0001', '1:13-20 error dec-range'],
    ['altitude 90'],
    ['altitude 19.99', '1:10-15 warning low-altitude'],
    ['altitude -0.1', '1:10-14 error altitude-range'],
    ['filter r', '1:8-9 error not-a-number'],
    ['filter 6', '1:8-9 error filter-range'],
    ['Opsim_filter 5.0', '1:14-17 warning filter-form'],
    ['filter +2', '1:8-10 warning filter-form'],
    ['nsnap 0.5', '1:7-10 error nsnap-range'],
    ['nsnap two', '1:7-10 error not-a-number'],
    ['mjd 1e999', '1:5-10 error not-a-number'],
    ['vistime 1e999', '1:9-14 error not-a-number'],
    ['mjd 59797,5', '1:5-12 error not-a-number'],
    ['date 2022/8', '1:6-12 error date-format'],
    ['date 2022/8/6'],
    ['date 2000/1/2.389366'],
    ['date 2022/0/6/0.5', '1:6-18 error date-format'],
    ['seed 18446744073709551616'],
    ['obshistid 1e5', '1:11-14 error not-digits'],
    ['obshistid 00012'],
    [
      'includeobj seed_cat.txt',
      '1:12-16 warning keyword-inside-include-line',
      '1:12-24 error include-missing',
    ],
    ['includeobj bright_stars_230.txt', '1:12-32 error include-missing'],
    ['includeobj my stars.txt', '1:12-14 error include-missing', '1:15-24 warning extra-value'],
    ['# seed 5', '1:3-7 warning keyword-in-comment'],
    ['# nothing of interest'],
    ['filter 2 # the band'],
    // The reader looks for filter before nsnap, and for date before filter.
    ['filter 2 # not nsnap'],
    ['filter 2 # as of this date', '1:23-27 warning keyword-in-comment'],
    ['rottelpos 0 # mjd', '1:15-18 warning keyword-in-comment'],
  ];
  for (const [line, ...found] of cases) {
    it(`${line}: ${found.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(findings(await checkText(`${line}\n`)), found);
    });
  }

  it('shows the filter as it is written where it is none of LSST', async () => {
    for (const [written, shown] of [
      ['0', 'u'],
      ['5.0', 'y'],
      ['i', 'i'],
      ['7', '7'],
      ['2.5', '2.5'],
    ]) {
      assert.equal((await checkText(`filter ${written}\n`)).summary.visit.filter, shown);
    }
    assert.equal((await checkText('seed 1\n')).summary.visit.filter, 'r');
  });

  it('says which values are those of phoSim 3.4', async () => {
    const { visit } = (await checkText('seeing bad\n')).summary;
    const { obshistid, ra, dec, azimuth, altitude, filter, nsnap, vistime, minsource, camconfig, seed } =
      visit;
    assert.deepEqual(
      { obshistid, ra, dec, azimuth, altitude, filter, nsnap, vistime, minsource, camconfig, seed },
      {
        ...{ obshistid: '9999', ra: 0, dec: 0, azimuth: 0, altitude: 89, filter: 'r', nsnap: 2, vistime: 33 },
        ...{ minsource: 1, camconfig: 1, seed: 1000 },
      },
    );
    assert.equal(visit.seeing, 0);
  });

  it('tells the time in UTC', async () => {
    for (const [mjd, utc] of [
      ['59797.2854090', '2022-08-06T06:50:59Z'],
      ['40587', '1970-01-01T00:00:00Z'],
      ['60369.99999', '2024-02-29T23:59:59Z'],
      ['1e300', null],
    ]) {
      assert.equal((await checkText(`mjd ${mjd}\n`)).summary.visit.utc, utc, String(mjd));
    }
  });
});

describe('checkCatalog: fields of the sky', () => {
  const pointed = (more: string, ...places: readonly (readonly [ra: string, dec: string])[]): string =>
    `rightascension 359.5\ndeclination -27.4\n${more}` +
    places.map(([ra, dec], index) => object(index, { 2: ra, 3: dec })).join('');

  const cases: readonly (readonly [what: string, text: string, ...found: string[]])[] = [
    ['sources across 0 h', pointed('', ['0.5', '-27.0'], ['-1', '-28'])],
    ['one source of many in the field', pointed('', ['53', '-27'], ['180', '60'], ['359', '-27'])],
    ['sources elsewhere', pointed('', ['53', '-27'], ['54', '-28']), '1 warning off-field'],
    ['sources elsewhere that need not be there', pointed('minsource 0\n', ['53', '-27'])],
    [
      'fewer sources than a sensor needs',
      pointed('minsource 3\n', ['0', '-27'], ['0.1', '-27']),
      '3 warning too-few-sources',
    ],
    ['as many sources as a sensor needs', pointed('minsource 2\n', ['0', '-27'], ['0.1', '-27'])],
    ['no pointing', object(1)],
    ['a pole', `rightascension 10\ndeclination -89.9\n${object(1, { 2: '190', 3: '-89.9' })}`],
    ['no source', 'rightascension 10\ndeclination -89.9\nminsource 5\n'],
  ];
  for (const [what, text, ...found] of cases) {
    it(`${what}: ${found.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(findings(await checkText(text)), found);
    });
  }

  it('looks at the sources of includes, and says nothing where one is missing', async () => {
    const far = 'rightascension 200\ndeclination 10\nincludeobj a.txt\n';
    const files = { 'far.txt': far, 'gap.txt': `${far}includeobj gone.txt\n`, 'a.txt': object(1) };
    await inFolder(files, async (folder) => {
      assert.deepEqual(findings(await checkCatalog({ path: join(folder, 'far.txt') })), [
        '1 warning off-field',
      ]);
      assert.deepEqual(
        (await checkCatalog({ path: join(folder, 'gap.txt') })).diagnostics.map(({ code }) => code),
        ['include-missing'],
      );
    });
  });
});

describe('checkCatalog: forms of files', () => {
  it('takes a byte order mark away, and says so', async () => {
    for (const text of [HEAD, object(1)]) {
      const report = await checkText(`\ufeff${text}seed x\n`);
      assert.equal(findings(report)[0], '1 warning byte-order-mark');
      assert.equal(report.diagnostics.length, 2);
    }
    assert.deepEqual(findings(await checkText('\ufefffilter 7\n')), [
      '1 warning byte-order-mark',
      '1:8-9 error filter-range',
    ]);
    const marked = Buffer.from(`\ufeff${object(1)}`);
    assert.equal((await checkFile('/f/stars.txt', marked))?.kind, 'instance-catalog');
    assert.equal(
      (await checkFile('/f/commands', Buffer.from('\ufeffzenith_v 1000\nraydensity 0\n')))?.kind,
      'command-file',
    );
  });

  it('reads settings behind objects', async () => {
    const text = `${object(1)}${HEAD}`;
    const report = await checkFile('/f/any.txt', Buffer.from(text));
    assert.deepEqual(report?.diagnostics, []);
    const { summary } = await checkCatalog({ path: '/f/any.txt', content: Buffer.from(text) });
    assert.deepEqual([summary.visit.ra, summary.objects.total], [53, 1]);
  });

  it('names each include as it is written, with what is in it', async () => {
    const files = {
      'cat.txt': `${HEAD}includeobj sub/stars.txt.gz\nincludeobj empty.txt\nincludeobj ./gal.txt\n`,
      'empty.txt': '',
      'gal.txt': '# galaxies\n',
    };
    await inFolder(files, async (folder) => {
      await mkdir(join(folder, 'sub'));
      const packed = gzipSync(object(1) + object(2));
      await writeFile(join(folder, 'sub', 'stars.txt.gz'), packed);
      const { diagnostics, summary } = await checkCatalog({ path: join(folder, 'cat.txt') });
      assert.deepEqual(diagnostics, []);
      assert.deepEqual(
        summary.includes.map(({ path, found, size, objects }) => [path, found, size, objects]),
        [
          ['sub/stars.txt.gz', true, packed.length, 2],
          ['empty.txt', true, 0, 0],
          ['./gal.txt', true, 11, 0],
        ],
      );
    });
  });
});

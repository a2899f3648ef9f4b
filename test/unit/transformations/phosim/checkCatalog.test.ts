import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkCatalog, ReadError } from '../../../../src/transformations/index.ts';
import { checkText, findings, HEAD, inFolder, object } from './catalogs.ts';

describe('checkCatalog: settings', () => {
  const cases: readonly (readonly [line: string, ...found: string[]])[] = [
    ['rightascension 400', '1:16-19 error ra-range'],
    ['rightascension -10'],
    ['Unrefracted_Dec_deg 91', '1:21-23 error dec-range'],
    ['altitude 95', '1:10-12 error altitude-range'],
    ['altitude 15', '1:10-12 warning low-altitude'],
    ['filter 2.5', '1:8-11 error filter-range'],
    ['filter -1', '1:8-10 error filter-range'],
    ['vistime -1', '1:9-11 error vistime-range'],
    ['nsnap 0', '1:7-8 error nsnap-range'],
    ['nsnap 2.0'],
    ['seeing -1.0'],
    ['seeing -2', '1:8-10 error seeing-range'],
    ['seed 1.5', '1:6-9 error not-an-integer'],
    ['camconfig 8', '1:11-12 error camconfig-range'],
    ['moonphase 101', '1:11-14 error moonphase-range'],
    ['mjd nan', '1:5-8 error not-a-number'],
    ['mjd 0x10', '1:5-9 error not-a-number'],
    ['mjd 1e', '1:5-7 error not-a-number'],
    ['obshistid 12a', '1:11-14 error not-digits'],
    ['date 2022/8/6/0.28'],
    ['date 2022-08-06', '1:6-16 error date-format'],
    ['date 2022/13/6', '1:6-15 error date-format'],
    ['SIM_ACTUATOR 0.0 0.0 x 0.0', '1:22-23 error not-a-number'],
    ['vistime', '1:1-8 error missing-value'],
    ['rotelpos 0.0', '1:1-9 warning unknown-command'],
    ['isDithered 0'],
    ['move 5 0.0'],
    ['  filter\t2  # r'],
  ];
  for (const [line, ...found] of cases) {
    it(`${line}: ${found.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(findings(await checkText(`${line}\n`)), found);
    });
  }

  it('guesses what was meant', async () => {
    const { diagnostics } = await checkText('rotelpos 0.0\n');
    assert.match(diagnostics[0]?.message ?? '', /rottelpos/);
  });

  it('knows a setting by all of its names when it comes twice', async () => {
    const report = await checkText('Opsim_filter 1\nseed 1\nfilter 2\nmove 1 0\nmove 2 0\n');
    assert.deepEqual(findings(report), ['3:1-7 warning duplicate-command']);
    assert.equal(report.summary.visit.filter, 'r');
  });

  it('takes the values of phoSim where the catalog has none', async () => {
    const { visit } = (await checkText('filter 5\n')).summary;
    assert.deepEqual([visit.obshistid, visit.filter, visit.nsnap, visit.vistime], ['9999', 'y', 2, 33]);
    assert.ok(visit.defaulted.includes('nsnap') && !visit.defaulted.includes('filter'));
  });

  it('sees header words in comments, which phoSim obeys', async () => {
    const text = `# seeing is bad today\nfilter 2 # red filter\n# harmless\n#includeobj a.txt\n${object(1).trim()} # moonra\n`;
    assert.deepEqual(findings(await checkText(text)), [
      '1:3-9 warning keyword-in-comment',
      '4:2-12 warning keyword-in-comment',
      '5:76-82 warning keyword-in-comment',
    ]);
  });

  it('says that a # without a blank before it is of the value', async () => {
    assert.deepEqual(findings(await checkText('filter 2#red\nseed 1 #x\n#seed\n#x\n')), [
      '1:8-10 warning hash-cuts',
      '3:2-6 warning keyword-in-comment',
    ]);
  });

  it('says when the number in the name is another than that of the visit', async () => {
    const report = await checkCatalog({
      path: '/nowhere/phosim_cat_00000002.txt',
      content: Buffer.from('obshistid 3\n'),
    });
    assert.deepEqual(findings(report), ['1 warning visit-mismatch']);
  });
});

describe('checkCatalog: objects', () => {
  const cases: readonly (readonly [what: string, line: string, ...found: string[]])[] = [
    ['a right line', object(1)],
    ['too few fields', 'object 1 53 -27 20 a.sed 0 0 0 0 0 0\n', '1 error too-few-fields'],
    ['a declination beyond the pole', object(1, { 3: '-95' }), '1:15-18 error dec-range'],
    ['a right ascension beyond a turn', object(1, { 2: '361' }), '1:10-13 error ra-range'],
    ['a word for a redshift', object(1, { 6: 'z' }), '1:46-47 error not-a-number'],
    ['an infinite magnitude', object(1, { 4: 'inf' }), '1:21-24 error not-a-number'],
    ['a model in other letters', object(1, { 12: 'Gauss' }), '1:58-63 warning unknown-spatial-model'],
    ['too few parameters', object(1, { 12: 'gauss' }), '1:58-63 error too-few-model-parameters'],
    [
      'too many parameters',
      object(1, { 12: 'gauss' }, '1 2 none none'),
      '1:64-67 warning too-many-model-parameters',
    ],
    ['either number of sersic', object(1, { 12: 'sersic' }, '1 1 1 0 0 0 4 none none')],
    ['a picture', object(1, { 12: 'stamp_1.fits.gz' }, '0.05 30 none none')],
    ['dust with numbers', object(1, {}, 'CCM 0.1 3.1 calzetti 0.2 4.05')],
    ['a parameter that is none', object(1, { 12: 'gauss' }, 'x none none'), '1:64-65 error not-a-number'],
    [
      'one of several that is none',
      object(1, { 12: 'sersic2d' }, '1 nan 30 4 none none'),
      '1:69-72 error not-a-number',
    ],
    ['a disk in any case', object(1, { 12: 'SERSICDISC' }, '1 1 1 0 0 0 4 none none')],
    ['dust with a word', object(1, {}, 'CCM 0.1 x none'), '1:72-73 error not-a-number'],
    ['dust without numbers', object(1, {}, 'CCM none'), '1:64-67 error too-few-dust-parameters'],
    ['unknown dust', object(1, {}, 'smc none'), '1:64-67 warning unknown-dust-model'],
    ['one dust only', object(1, {}, 'none'), '1 information dust-missing'],
    ['an id beyond a double', object('9007199254740993'), '1:8-24 warning id-precision'],
    ['an id with a word in it', object('seed_1'), '1:8-12 warning keyword-inside-object-line'],
    ['a # that cuts', object(1, {}, 'none none#x'), '1:72-74 warning hash-cuts'],
    ['shear on the edge', object(1, { 7: '0.6', 8: '0.8' }), '1:48-57 error lensing-singular'],
    [
      'a wide character',
      object(1, { 5: 'spektrum_ä.txt', 12: 'blob' }),
      '1:53-57 warning unknown-spatial-model',
    ],
  ];
  for (const [what, line, ...found] of cases) {
    it(`${what}: ${found.join(', ') || 'nothing'}`, async () => {
      assert.deepEqual(findings(await checkText(line)), found);
    });
  }

  it('tells an id that comes again once', async () => {
    const report = await checkText([1, 2, 1, 1, 2].map((id) => object(id)).join(''));
    assert.deepEqual(findings(report), [
      '3:8-9 warning duplicate-object-id',
      '5:8-9 warning duplicate-object-id',
    ]);
  });

  it('counts models, magnitudes, spectra and the sky', async () => {
    const text =
      HEAD +
      object(1, { 2: '359.9', 4: '17.26' }) +
      object(2, { 2: '0.1', 4: '25', 12: 'sersic2d', 5: 'a.sed' }, '1 1 0 4 none none') +
      object(3, { 2: '-0.2', 4: '25.4', 12: 'x.fits' }, '1 0 none none');
    const { objects } = (await checkText(text)).summary;
    assert.deepEqual(objects.byModel, { point: 1, sersic2d: 1, image: 1 });
    assert.deepEqual(objects.magRange, [17.26, 25.4]);
    assert.equal(objects.magnitudes?.from, 17);
    assert.equal(objects.magnitudes.counts.at(-1), 2);
    assert.equal(objects.distinctSeds, 2);
    // Across 0 h the box stays small.
    assert.ok(objects.sky !== null);
    assert.ok(Math.abs(objects.sky.box.raMax - objects.sky.box.raMin - 0.3) < 1e-9);
    assert.equal(
      objects.sky.counts.reduce((sum, count) => sum + count, 0),
      3,
    );
  });
});

describe('checkCatalog: files', () => {
  it('reads includes, gzip too, and says where in them', async () => {
    const files = {
      'cat.txt': `${HEAD}includeobj stars_1.txt\nincludeobj gal.txt.gz\n`,
      'stars_1.txt': object(1) + object(2),
      'gal.txt.gz': gzipSync(object(3) + object(4, { 4: 'x' }) + object(1)),
    };
    await inFolder(files, async (folder) => {
      const { diagnostics, summary } = await checkCatalog({ path: join(folder, 'cat.txt') });
      assert.deepEqual(
        diagnostics.map(({ line, code, file }) => [line, code, file]),
        [
          [2, 'not-a-number', join(folder, 'gal.txt.gz')],
          [3, 'duplicate-object-id', join(folder, 'gal.txt.gz')],
        ],
      );
      assert.deepEqual([summary.objects.total, summary.objects.included], [0, 5]);
      assert.deepEqual(
        summary.includes.map(({ objects }) => objects),
        [2, 3],
      );
    });
  });

  it('says what is wrong with each include', async () => {
    const packed = gzipSync(Array.from({ length: 3000 }, (_, id) => object(id)).join(''));
    const damaged = Buffer.from(packed);
    damaged.fill(0x55, 200, 400);
    const names = ['cut.gz', 'bad.gz', 'plain.gz', 'hidden.txt', 'sub', 'pipe', '.', 'cat.txt', 'plain.gz'];
    const files = {
      'cat.txt': names.map((name) => `includeobj ${name}\n`).join(''),
      'cut.gz': packed.subarray(0, packed.length - 100),
      'bad.gz': damaged,
      'plain.gz': object(7),
      'hidden.txt': packed,
    };
    await inFolder(files, async (folder) => {
      await mkdir(join(folder, 'sub'));
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      const { diagnostics } = await checkCatalog({ path: join(folder, 'cat.txt') });
      const own = diagnostics.filter(({ file }) => file === undefined);
      assert.deepEqual(
        own.map(({ line, severity, code }) => `${line} ${severity} ${code}`),
        [
          '1 error include-truncated',
          '2 error include-damaged',
          '4 error include-misnamed',
          '5 error include-not-file',
          '6 error include-not-file',
          '7 error include-not-file',
          '8 warning include-cycle',
          '9 warning duplicate-include',
        ],
      );
    });
  });

  it('warns of absolute paths, which are not sent along', async () => {
    await inFolder({ 'a.txt': object(1) }, async (folder) => {
      const content = Buffer.from(`includeobj ${join(folder, 'a.txt')}\n`);
      const { diagnostics } = await checkCatalog({ path: join(folder, 'cat.txt'), content });
      assert.deepEqual(
        diagnostics.map(({ line, severity, code }) => `${line} ${severity} ${code}`),
        ['1 warning include-absolute'],
      );
      assert.match(diagnostics[0]?.message ?? '', /Write a\.txt to have it sent\.$/u);
    });
  });

  it('warns of includes outside the folder', async () => {
    await inFolder({ 'a.txt': object(1) }, async (folder) => {
      const content = Buffer.from(
        `includeobj ../a.txt\nincludeobj ${join(folder, 'a.txt')}\nincludeobj ..a/b\n`,
      );
      const { diagnostics } = await checkCatalog({ path: join(folder, 'sub', 'cat.txt'), content });
      assert.deepEqual(
        diagnostics.map(({ line, code }) => `${line} ${code}`),
        ['1 include-outside', '2 duplicate-include', '2 include-outside', '3 include-missing'],
      );
    });
  });

  it('tells what phoSim does not read in an include', async () => {
    const files = {
      'cat.txt': 'includeobj a.txt\nincludeobj b.txt\n',
      'a.txt': `# stars with seeing\n\n${object(1)}filter 2\nseed 1\n`,
      'b.txt': 'includeobj a.txt\n',
    };
    await inFolder(files, async (folder) => {
      const { diagnostics } = await checkCatalog({ path: join(folder, 'cat.txt') });
      assert.deepEqual(
        diagnostics.map(({ line, code }) => `${line} ${code}`),
        ['4 command-in-include', '1 nested-include'],
      );
    });
  });

  it('looks for spectra where a folder is given, and not for those that come with phoSim', async () => {
    await inFolder({ 'there.sed': '' }, async (folder) => {
      const content = Buffer.from(
        object(1, { 5: 'there.sed' }) +
          object(2, { 5: 'gone.sed' }) +
          object(3) +
          object(4, { 5: 'gone.sed' }),
      );
      const { diagnostics, summary } = await checkCatalog({
        path: '/nowhere/c.txt',
        content,
        sedFolder: folder,
      });
      assert.deepEqual(
        diagnostics.map(({ line, column, code }) => [line, column, code]),
        [[2, 26, 'sed-missing']],
      );
      assert.deepEqual(summary.objects.missingSeds, ['gone.sed']);
      const nowhere = join(folder, 'none');
      const none = await checkCatalog({ path: '/nowhere/c.txt', content, sedFolder: nowhere });
      assert.deepEqual(findings(none), ['1 warning sed-folder-missing']);
    });
  });

  it('rejects what cannot be read with the kind of trouble', async () => {
    await inFolder({}, async (folder) => {
      const trouble = async (path: string): Promise<string> => {
        const error: unknown = await checkCatalog({ path }).catch((reason: unknown) => reason);
        assert.ok(error instanceof ReadError);
        return error.trouble;
      };
      assert.equal(await trouble(join(folder, 'none')), 'missing');
      assert.equal(await trouble(folder), 'folder');
    });
  });

  it('ends when told to', async () => {
    const stop = new AbortController();
    const content = Buffer.from(object(1).repeat(20_000));
    const checking = checkText(content, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(checking, /enough/);
  });
});

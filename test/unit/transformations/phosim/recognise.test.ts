import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { checkFile, recogniseCatalog, recogniseCommandFile } from '../../../../src/transformations/index.ts';
import { HEAD, object } from './catalogs.ts';

describe('recogniseCatalog', () => {
  const cases: readonly (readonly [name: string, text: string, role: 'head' | 'objects' | undefined])[] = [
    ['cat', HEAD, 'head'],
    ['flat', 'minsource 0\nvistime 15.0\n', 'head'],
    ['star', `# a star\n\n${HEAD}${object(1)}`, 'head'],
    ['stars.txt', `# stars\n${object(1)}`, 'objects'],
    ['tabs.txt', object(1).replaceAll(' ', '\t'), 'objects'],
    ['short.txt', 'object 1 2 3\n', undefined],
    ['phosim_cat_197356.txt', '', 'head'],
    ['conflict.icat', '<<<<<<< HEAD\nSIM_SEED 1\n', 'head'],
    ['my_InstCat.txt', 'includeobj a.txt\n', 'head'],
    ['objects_first.txt', `${object(1)}${HEAD}`, 'head'],
    ['phosim_cat_1.txt', object(1), 'head'],
    ['instcat_1', `${HEAD}wibble "x" = (3)\n`, 'head'],
    ['instcat_1.lis', 'includeobj "a b.txt"\nfilter r\n', 'head'],
    ['GT.inst', 'M1M3 mirror\ncamera (2)\nfocus 3\nzernike 4\n', undefined],
    ['instcat_notes.txt', 'What to do next:\n- write a catalog\n', undefined],
    ['overrides', 'zenith_v 1000\nraydensity 0\nseed 5\nvistime 15\n', undefined],
    ['make_instcat.py', 'import os\nfilter = 2\n', undefined],
    ['instcat.py', 'filter 2\nseed 1\nprint("x")\n', undefined],
    ['instcat.json', '{"filter": 2}', undefined],
    ['notes.txt', 'filter 2 was used here; seed 5 too\nseed 5\nfilter 1 (red)\n', undefined],
    ['one.txt', 'filter 2\n', undefined],
    ['words.txt', 'filter red\nseed none\n', undefined],
    ['commands.txt', 'zenith_v 1000\nraydensity 0\n', undefined],
    ['config.yaml', 'filter: 2\nseed: 5\n', undefined],
    ['binary.icat', '\0\u0001\0PNG\n\0\0', undefined],
    ['spoiled.icat', 'filter 2\nseed\0 1\n', 'head'],
    ['spoiled_instcat.txt', 'f\0i\0l\0t\0e\0r\0 \x002\0\n\0', 'head'],
    ['instcat.inst', '\0filters\0\n', undefined],
    ['phosim_cat_1.txt', 'filter 2\nseed\0 1\n', 'head'],
  ];
  for (const [name, text, role] of cases) {
    it(`takes ${name} for ${role ?? 'something else'}`, () => {
      assert.equal(recogniseCatalog(`/folder/${name}`, Buffer.from(text)), role);
    });
  }

  it('looks into gzip, whole or cut', () => {
    const packed = gzipSync(Array.from({ length: 5000 }, (_, id) => object(id)).join(''));
    assert.equal(recogniseCatalog('/f/star_cat_1.txt.gz', packed), 'objects');
    assert.equal(recogniseCatalog('/f/star_cat_1.txt.gz', packed.subarray(0, 9000)), 'objects');
    assert.equal(recogniseCatalog('/f/x.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3])), undefined);
  });

  it('does not go through a line of blanks again and again', () => {
    const text = `seed 1\nmjd 2\nx${' '.repeat(60_000)}x\n`;
    const begun = process.cpuUsage();
    assert.equal(recogniseCatalog('/f/table.txt', Buffer.from(text)), 'head');
    assert.ok(process.cpuUsage(begun).user < 2_500_000);
  });

  it('looks at 64 KiB and 200 lines only', () => {
    const long = `${HEAD}${'seed 1\n'.repeat(300)}print(1)\n`;
    assert.equal(recogniseCatalog('/f/cat', Buffer.from(long)), 'head');
    const far = `${'# x\n'.repeat(20_000)}${HEAD}`;
    assert.equal(recogniseCatalog('/f/cat', Buffer.from(far)), undefined);
  });
});

describe('recogniseCommandFile', () => {
  const cases: readonly (readonly [text: string, is: boolean])[] = [
    ['zenith_v 1000\nraydensity 0\n', true],
    ['# quick\nbackalpha 0.1 # fast\ncleareverything\n', true],
    ['raydensity 0\n', true],
    ['zenith_v 1000\nraydensity 0\nseed 5\nnsnap 1\nvistime 15\n', true],
    ['raydensity 0\nseed 5\n', true],
    ['raydensity 0\nwibble 5\n', false],
    ['\ufeffraydensity 0\n', true],
    [`${HEAD}zenith_v 1000\nraydensity 0\n`, false],
    ['izernike 0 1 1e-3\nizernike 0 2 1e-3\nsurfacelink 2 0\n', true],
    [HEAD, false],
    [`centroidfile 1\nfringing 0\n${object(1)}`, false],
    ['fringing is 0\nthe rest (all) too\n', false],
    ['', false],
    ['thread = 4\nseeing = 2\n', false],
    ['zenith_v 1\0\nraydensity 0\n', false],
  ];
  for (const [text, is] of cases) {
    it(`${JSON.stringify(text.slice(0, 30))}: ${is ? 'yes' : 'no'}`, () => {
      assert.equal(recogniseCommandFile(Buffer.from(text)), is);
    });
  }
});

describe('checkFile', () => {
  const kind = async (path: string, text: string): Promise<string | undefined> =>
    (await checkFile(path, Buffer.from(text)))?.kind;

  it('names the kind of a file', async () => {
    assert.equal(await kind('/f/cat', HEAD), 'instance-catalog');
    assert.equal(await kind('/f/cmd', 'zenith_v 1\nblooming 0\n'), 'command-file');
    assert.equal(await kind('/f/a.yaml', '{description: x, tasks: {a: x.A}}\n'), 'pipeline');
    assert.equal(await kind('/f/a.yml', '{qgraphFile: x}\n'), 'bps-submit-file');
    assert.equal(await kind('/f/readme', 'Read me.\n'), undefined);
  });

  it('leaves YAML of other programs alone', async () => {
    const others = [
      "version: '3'\ntasks:\n  build:\n    cmds:\n      - go build\n",
      'version: 2.0.0\ntasks:\n  - label: x\n    type: shell\n',
      '- hosts: all\n  tasks:\n    - debug\n',
      'payload: {a: 1}\n',
      `tasks: 5\n# ${'x'.repeat(600_000)}\n`,
    ];
    for (const text of others) assert.equal(await kind('/f/a.yml', text), undefined, text.slice(0, 40));
  });
});

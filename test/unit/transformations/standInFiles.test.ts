import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { payloadPaths } from './payloadSources.ts';

const SMALL = fileURLToPath(new URL('../../fixtures/samples/instcat_small.txt', import.meta.url));
const STAND_IN = payloadPaths.find((path) => path.endsWith('phosim-standin.py')) ?? '';

/** Cards of a FITS header by name, and the bytes of the data behind it. */
function readFits(path: string): { cards: ReadonlyMap<string, string>; data: number } {
  const bytes = gunzipSync(readFileSync(path));
  const lines = bytes.toString('latin1').match(/[^]{80}/gu) ?? [];
  const end = lines.findIndex((line) => line.trimEnd() === 'END');
  assert.ok(end > 0, 'there is no END');
  for (const line of lines.slice(0, end)) assert.match(line, /^[A-Z0-9_-]{1,8} *(?:= |[a-z])[ -~]*$/u);
  const header = Math.ceil(((end + 1) * 80) / 2880) * 2880;
  const cards = new Map(lines.slice(0, end).map((line) => [line.slice(0, 8).trim(), line.slice(10).trim()]));
  assert.equal(bytes.length % 2880, 0);
  return { cards, data: bytes.length - header };
}

describe('the stand-in for phoSim', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-stand-in-'));
    for (const name of ['out', 'work', 'bin']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(words: readonly string[], catalog = SMALL) {
    const all = [STAND_IN, catalog, '-s', 'R22_S11', '-o', 'out', '-w', 'work', '--pace', '0', ...words];
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
    const { status, stdout, stderr } = spawnSync('python3', all, { cwd: folder, env, encoding: 'utf8' });
    return { status, stdout, stderr };
  }
  const filesIn = (name: string): string[] => readdirSync(join(folder, name)).sort();
  function write(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return name;
  }

  it('says what phoSim says, in its order', () => {
    const { status, stdout, stderr } = run([]);
    assert.deepEqual([status, stderr], [0, '']);
    const texts = [
      'STAND-IN',
      'Atmosphere Creator',
      ...Array.from({ length: 7 }, (_, layer) => `Creating layer ${layer}.`),
      ...['Instrument Configuration', 'Trim Catalog', 'Found 7 source(s) for chip R22_S11.'],
      ...['Photon Raytrace', 'Installing Universe.', 'Creating Air.', 'Generating Turbulence.'],
      ...['Building Optics.', 'Placing Obstructions.', 'Perturbing Design.', 'Electrifying Devices.'],
      ...['Contaminating Surfaces.', 'Diffracting.', 'Astrophysical m=17', 'Astrophysical m=24'],
      ...['Electron to ADC Image Converter', 'Reading out chip R22_S11'],
    ];
    let at = -1;
    for (const text of texts) {
      const next = stdout.indexOf(text, at + 1);
      assert.ok(next > at, `${text} does not follow in\n${stdout}`);
      at = next;
    }
    const counter = /^Astrophysical m=20 +1 +507,967 +\( +(\d+), +(\d+), +(\d+), +(\d+)\) +[\d.]+ +[\d,]+$/mu;
    const [, ...shares] = counter.exec(stdout) ?? [];
    assert.equal(
      shares.reduce((sum, share) => sum + Number(share), 0),
      100,
    );
  });

  it('leaves images that are valid FITS, whatever the settings hold', () => {
    const catalog = write(
      'cat.txt',
      'Opsim_obshistid 00012\nfilter 3\nnsnap 2.0\nvistime 33\nmjd nan\nrightascension +53\nrotskypos 1e-7\nOpsim_altitude 10\n' +
        'object 1 53 -0.1 17 a 0 0 0 0 0 0 point none none\nobject x\nobject 2 53 0 bright a 0 0 0 0 0 0 point\n',
    );
    const command = write(
      'cmd.txt',
      `centroidfile 1\nthroughputfile 1\neventfile 0\nextraid 7\nbody 1 'quoted' ü ${'long '.repeat(30)}\n`,
    );
    assert.equal(run(['-c', command, '--keepscreens=1', '--nothreadatm'], catalog).status, 0);
    const exposures = ['E000', 'E001'];
    const amplifiers = [0, 1].flatMap((row) => [...'01234567'].map((column) => `C${row}${column}`));
    const images = exposures.flatMap((exposure) => [
      `lsst_e_000127_f3_R22_S11_${exposure}.fits.gz`,
      ...amplifiers.map((one) => `lsst_a_000127_f3_R22_S11_${one}_${exposure}.fits.gz`),
    ]);
    const lists = exposures.flatMap((exposure) =>
      ['centroid', 'throughput'].map((kind) => `${kind}_lsst_e_000127_f3_R22_S11_${exposure}.txt`),
    );
    assert.deepEqual(filesIn('out'), [...images, ...lists].sort());
    for (const image of images) {
      const { cards, data } = readFits(join(folder, 'out', image));
      const size = ['NAXIS1', 'NAXIS2'].reduce((product, name) => product * Number(cards.get(name)), 1);
      const bytes = (size * Math.abs(Number(cards.get('BITPIX')))) / 8;
      assert.equal(data, Math.ceil(bytes / 2880) * 2880, image);
      assert.equal(cards.get('SIMPLE'), 'T');
      assert.equal(cards.get('OUTFILE'), `'${image}'`);
    }
    const { cards } = readFits(join(folder, 'out', images[0]!));
    for (const [name, value] of [
      ['BITPIX', '-32'],
      ['OBSID', "'000127  '"],
      ['CHIPID', "'R22_S11 '"],
      ['FILTER', "'i       '"],
      ['FILTNM', '3'],
      ['EXPTIME', '15.0'],
      ['MJD-OBS', "'nan     '"],
      ['RA_DEG', '53'],
      ['AIRMASS', '5.75877'],
      ['ROTANG', '1E-07'],
      ['CTYPE1', "'RA---TAN'"],
      ['PHOV0', "'centroidfile 1'"],
    ]) {
      assert.equal(cards.get(name!), value, name);
    }
    assert.match(cards.get('PHOV4') ?? '', /^'body 1 ''quoted'' \? long .*'$/u);
  });

  it('leaves the work files of each step, and one snap without amplifiers where told', () => {
    assert.equal(run(['-e', '0', '-t', '4', '-p', '2', '--sed', '/x', '-d', '/y']).status, 0);
    assert.deepEqual(filesIn('out'), ['lsst_e_900001_f2_R22_S11_E000.fits.gz']);
    const work = filesIn('work');
    for (const name of [
      ...['obs', 'catlist', 'objectcatalog', 'tracking', 'optics', 'atmosphere'].map(
        (one) => `${one}_900001.pars`,
      ),
      ...['chip', 'readout', 'trimcatalog'].map((one) => `${one}_900001_R22_S11.pars`),
      ...[
        'raytrace_900001_R22_S11_E000.pars',
        'airglowscreen_900001.fits.gz',
        'cloudscreen_900001_0.fits.gz',
      ],
      ...['coarsep', 'finex', 'mediumy', 'largeh'].map((one) => `atmospherescreen_900001_6_${one}.fits.gz`),
    ]) {
      assert.ok(work.includes(name), name);
    }
    assert.ok(!work.some((name) => name.startsWith('e2adc')));
  });

  it('makes the sensors that the catalog asks for, and says nothing of others', () => {
    const corner = write(
      'corner.txt',
      'nsnap 1\ncamconfig 6\nobject 1 0 0 17 a 0 0 0 0 0 0 point none none\n',
    );
    assert.equal(run(['-s', 'R99_S99|R22_S11', '-e', '0'], corner).status, 0);
    assert.deepEqual(filesIn('out'), []);
    assert.equal(run(['-s', 'all', '-e', '0'], corner).status, 0);
    assert.equal(filesIn('out').length, 16);
    assert.ok(filesIn('out').includes('lsst_e_9999_f2_R40_S02_C1_E000.fits.gz'));
  });

  it('is made in segments by checkpoints, each from the pair of the one before', () => {
    const images = () => filesIn('out').length;
    const segment = (count: number) => {
      const command = write('cmd.txt', `checkpointtotal 2\ncheckpointcount ${count}\n`);
      return run(['-c', command, '-e', '0']);
    };
    const broken = segment(1);
    assert.equal(broken.status, 0);
    assert.match(broken.stdout, /^Error reading lsst_e_900001_f2_R22_S11_E000_ckptdt_0\.fits\.gz$/mu);
    assert.match(broken.stderr, /RuntimeError: Error running .*raytrace/u);
    for (const count of [0, 1]) {
      assert.equal(segment(count).status, 0);
      assert.equal(images(), 0);
      const pair = filesIn('work').filter(
        (name) => name.endsWith(`_${count}.fits.gz`) && name.includes('ckpt'),
      );
      assert.equal(pair.length, 2);
    }
    segment(2);
    assert.equal(images(), 1);
  });

  it('writes the steps of a workflow where a grid is asked for, and runs none', () => {
    const alone = run(['-g', 'condor']);
    assert.equal(alone.status, 1);
    assert.match(alone.stderr, /RuntimeError: Error running condor_submit_dag/u);
    const dummy = join(folder, 'bin', 'condor_submit_dag');
    writeFileSync(dummy, '#!/bin/sh\necho "$@" > submitted\n');
    chmodSync(dummy, 0o755);
    assert.equal(run(['-g', 'condor', '--checkpoint=1', '-u', 'vanilla']).status, 0);
    assert.deepEqual(filesIn('out'), []);
    const text = (name: string) => readFileSync(join(folder, 'work', name), 'utf8');
    assert.match(text('submitted'), /^-MaxPre 8 -MaxPost 8 -AutoRescue 0 dag_900001\.dag$/mu);
    const edges = text('dag_900001.dag').match(/^PARENT .*$/gmu);
    assert.deepEqual(edges, [
      'PARENT trim_900001_10 CHILD raytrace_900001_R22_S11_E000_0',
      'PARENT raytrace_900001_R22_S11_E000_0 CHILD raytrace_900001_R22_S11_E000_1',
      'PARENT raytrace_900001_R22_S11_E000_1 CHILD e2adc_900001_R22_S11_E000',
    ]);
    for (const key of ['executable', 'initialdir', 'Universe', 'Input', 'Error', 'Log', 'Output']) {
      assert.match(text('trim_900001_10.submit'), new RegExp(`^${key} = \\S+`, 'mu'));
    }
  });

  const failures: readonly (readonly [what: string, words: readonly string[], code: number, text: RegExp])[] =
    [
      [
        'a command file that is not there',
        ['-c', 'none.txt'],
        1,
        /RuntimeError: none\.txt does not exist\./u,
      ],
      ['a work directory that is not there', ['-w', 'no'], 1, /RuntimeError: no does not exist\./u],
      ['an instrument that it does not know', ['-i', 'decam'], 1, /decam does not exist/u],
      ['a catalog that is too large', ['--fail', 'too-large'], 1, /Cannot split into that many files\./u],
      ['a command file without a last line end', ['-c', 'open.txt'], 0, /No endline character found/u],
    ];
  for (const [what, words, code, text] of failures) {
    it(`fails as phoSim does for ${what}`, () => {
      write('open.txt', 'fringing 0');
      const { status, stdout, stderr } = run(words);
      assert.equal(status, code);
      assert.match(stdout + stderr, text);
      assert.deepEqual(filesIn('out'), []);
      assert.ok(!existsSync(join(STAND_IN, '..', '__pycache__')));
    });
  }
});

import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHarness } from './harness.ts';
import type { Harness } from './harness.ts';

const samples = new URL('../../fixtures/samples/', import.meta.url);

describe('desc-panda check', () => {
  let harness: Harness;

  before(async () => {
    harness = await createHarness();
    for (const name of ['instcat_small.txt', 'instcat_broken.txt', 'physics_commands.txt']) {
      await copyFile(new URL(name, samples), join(harness.folder, name));
    }
  });

  after(() => harness.dispose());

  it('lists findings in columns, then what the file is', async () => {
    const { code, stdout, stderr } = await harness.call(['check', 'instcat_broken.txt']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(code, 1);
    assert.equal(stderr, '');
    assert.match(lines[0] ?? '', /^instcat_broken\.txt:3:13 {3}error {4}dec-range +declination must be /);
    assert.match(lines[4] ?? '', /^instcat_broken\.txt:10:1 {3}warning {2}unknown-command +phoSim knows /);
    assert.equal(lines[12], 'instcat_broken.txt: instance catalog, 7 errors, 5 warnings');
    assert.equal(lines.length, 13);
  });

  it('ends well without errors', async () => {
    const { code, stdout } = await harness.call(['check', 'instcat_small.txt', 'physics_commands.txt']);
    assert.equal(code, 0);
    assert.match(stdout, /instcat_small\.txt: instance catalog, 1 remark\n/);
    assert.match(stdout, /physics_commands\.txt: command file, nothing to remark\n/);
  });

  it('knows task files of the pipeline', async () => {
    await copyFile(new URL('task_demo.xml', samples), join(harness.folder, 'task_demo.xml'));
    await writeFile(join(harness.folder, 'bad.xml'), '<pipeline>\n<task name="a"></pipeline>');
    const { code, stdout } = await harness.call(['check', 'task_demo.xml', 'bad.xml']);
    assert.equal(code, 1);
    assert.match(stdout, /^task_demo\.xml: pipeline task, nothing to remark\n/);
    assert.match(stdout, /\nbad\.xml:2:26 {2}error {2}xml {2}Not well-formed XML: /);
  });

  it('gives the whole result as JSON', async () => {
    const { code, stdout } = await harness.call(['check', 'instcat_small.txt', 'none.txt', '--json']);
    assert.equal(code, 2);
    const { files } = JSON.parse(stdout) as { files: readonly Record<string, unknown>[] };
    const [small, none] = files;
    assert.deepEqual(none, { file: 'none.txt', kind: null, problem: 'there is no such file' });
    assert.equal(small?.kind, 'instance-catalog');
    assert.deepEqual(small.counts, { error: 0, warning: 0, information: 1 });
    assert.deepEqual((small.diagnostics as readonly { code: string }[])[0]?.code, 'model-alias-star');
    assert.deepEqual(Object.keys(small.summary as object), [
      'visit',
      'settings',
      'objects',
      'includes',
      'lines',
    ]);
  });

  it('names included files, looks for spectra, and lets nothing steer the terminal', async () => {
    await mkdir(join(harness.folder, 'seds'));
    await writeFile(
      join(harness.folder, 'cat.icat'),
      'filter 1\nseed 1\nincludeobj sub.txt\nwi\u001b[2Jbble 1\n',
    );
    await writeFile(
      join(harness.folder, 'sub.txt'),
      'object 1 53 -27 20 a.sed 0 0 0 0 0 0 point none none\n',
    );
    const { code, stdout } = await harness.call(['check', 'cat.icat', '--sed', 'seds']);
    assert.equal(code, 1);
    assert.match(stdout, /^sub\.txt:1:20 +error +sed-missing /m);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('tells what a catalog holds', async () => {
    const { code, stdout } = await harness.call(['check', 'instcat_small.txt', '--summary']);
    assert.equal(code, 0);
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
    for (const line of [
      'Visit: 900001',
      'Filter: r',
      'Time: 2022-08-06 06:50:59 UTC (MJD 59797.285409)',
      'Objects: 7 objects: 3 sersic2d, 1 point, 1 star, 1 gauss, 1 movingpoint',
      'Magnitudes: 17.5 to 24.6',
      'Spectra: 1 spectrum',
    ]) {
      assert.ok(lines.includes(line), `${line} is not in\n${stdout}`);
    }
  });

  it('names what it includes, and what is not there', async () => {
    await writeFile(
      join(harness.folder, 'phosim_cat_1.txt'),
      'includeobj sub_1.txt\nincludeobj gone.txt\nfilter 2\n',
    );
    await writeFile(
      join(harness.folder, 'sub_1.txt'),
      'object 1 53 -27 20 a.sed 0 0 0 0 0 0 point none none\n',
    );
    await mkdir(join(harness.folder, 'none'));
    const words = ['check', 'phosim_cat_1.txt', '--summary', '--sed', 'none'];
    const { stdout } = await harness.call(words);
    assert.match(stdout, /Include +sub_1\.txt: 53 B, 1 object\n/);
    assert.match(stdout, /Include +gone\.txt: missing\n/);
    assert.match(stdout, /Spectra +1 spectrum, missing: a\.sed\n/);
    assert.match(stdout, /Visit +9999 \(phoSim’s default\)\n/);
  });

  it('refuses a folder of spectra that is none', async () => {
    const { code, stderr } = await harness.call(['check', 'instcat_small.txt', '--sed', 'instcat_small.txt']);
    assert.equal(code, 2);
    assert.match(stderr, /There is no folder instcat_small\.txt\.\n→ Name the folder/);
  });

  it('goes on behind what it cannot check', async () => {
    await writeFile(join(harness.folder, 'bytes'), Buffer.from([0, 1, 2, 255]));
    const words = ['check', '.', '/dev/zero', 'bytes', 'none.txt', 'instcat_small.txt'];
    const { code, stdout } = await harness.call(words);
    assert.equal(code, 2);
    assert.deepEqual(stdout.split('\n').slice(0, 4), [
      '.: it is a folder',
      '/dev/zero: it is no ordinary file',
      'bytes: it is of no kind that can be checked',
      'none.txt: there is no such file',
    ]);
    assert.match(stdout, /instcat_small\.txt: instance catalog, 1 remark\n/);
  });

  it('asks for files', async () => {
    const { code, stderr } = await harness.call(['check']);
    assert.equal(code, 2);
    assert.match(stderr, /There is nothing to check\.\n→ Name a file/);
  });
});

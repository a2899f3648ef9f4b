import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkFile, checkSubmissionFile } from '../../../../src/transformations/index.ts';

const sample = fileURLToPath(new URL('../../../fixtures/samples/instcat_small.txt', import.meta.url));

describe('the check of a submission file', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-check-'));
    mkdirSync(join(folder, 'shear'));
    copyFileSync(sample, join(folder, 'shear', 'instcat.txt'));
    writeFileSync(join(folder, 'shear', 'noise.py'), 'print(1)\n');
    writeFileSync(join(folder, 'shear', 'rows.csv'), 'a,b\n1,2\n3\n');
    writeFileSync(join(folder, 'beside.txt'), 'x');
  });
  after(() => rmSync(folder, { recursive: true }));

  async function check(...lines: readonly string[]): Promise<readonly string[]> {
    const work = join(folder, 'shear');
    const { diagnostics, counts } = await checkSubmissionFile(lines.join('\n'), {
      folder: work,
      roots: [work],
    });
    assert.equal(counts.error, diagnostics.filter(({ severity }) => severity === 'error').length);
    return diagnostics.map(
      ({ line, column, code, message }) => `${line}:${column} ${code} ${message.replaceAll(folder, '')}`,
    );
  }

  it('says what a dry run would say, at its place', async () => {
    assert.deepEqual(await check('transformation: script', 'file: nois.py', 'inputs: [noise.py, no.txt]'), [
      '2:7 cannot-submit There is no file nois.py (looked for at /shear/nois.py).',
      '3:20 cannot-submit There is no file no.txt (looked for at /shear/no.txt).',
    ]);
    assert.deepEqual(
      await check('transformation: phosim', 'file: instcat.txt', 'parameters: {sensor: [R22_S11, R99_S11]}'),
      ['3:22 cannot-submit There is no such sensor in the LSST focal plane: R99_S11.'],
    );
    assert.deepEqual(await check('transformation: script', 'file: noise.py', 'sweep:', '  table: rows.csv'), [
      '4:10 cannot-submit rows.csv, line 3: The row has 1 value, the table 2 columns.',
    ]);
    assert.deepEqual(
      await check(
        'transformation: script',
        'parameters: {sensor: all}',
        'sweep:',
        '  files: [a.py, noise.py, b.py]',
      ),
      [
        '2:22 cannot-submit script has no parameter sensor: it has none.',
        '4:11 cannot-submit There is no file a.py (looked for at /shear/a.py).',
        '4:27 cannot-submit There is no file b.py (looked for at /shear/b.py).',
      ],
    );
    assert.deepEqual(await check('transformation: script', 'file: ../beside.txt'), [
      '2:7 cannot-submit ../beside.txt lies outside /shear: only files in there are sent.',
    ]);
  });

  it('leaves to the dry run what depends on the profile', async () => {
    assert.deepEqual(await check('transformation: script', 'file: noise.py', 'inputs: [instcat.txt]'), []);
    assert.deepEqual(await check('transformation: phosim', 'file: instcat.txt'), []);
  });

  it('looks at no files while the shape is wrong', async () => {
    const [first, ...more] = await check('transformation: script', 'fil: nois.py', 'file: nois.py');
    assert.match(first ?? '', /^2:1 unknown-key /u);
    assert.deepEqual(more, []);
  });

  it('takes files of folders that it is told of', async () => {
    const path = join(folder, 'shear', 'one.panda.yaml');
    writeFileSync(path, 'transformation: script\nfile: noise.py\ninputs: [../beside.txt]\n');
    assert.equal((await checkFile(path, undefined))?.counts.error, 1);
    const result = await checkFile(path, undefined, { roots: [folder] });
    assert.deepEqual(result?.diagnostics, []);
    assert.equal(result.kind, 'submission-file');
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    const asked = checkSubmissionFile('transformation: hello\n', { folder, roots: [folder] }, { signal });
    await assert.rejects(asked, { name: 'AbortError' });
  });
});

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  submissionFileName,
  submissionFileText,
} from '../../../../src/editor/submitting/submissionFileOf.ts';
import { viewForm, type SubmitForm } from '../../../../src/editor/submitting/submitForm.ts';
import {
  localDisk,
  planSubmission,
  readSubmissionFile,
  type Transformation,
} from '../../../../src/transformations/index.ts';
import { form, script, transformations } from './forms.ts';

describe('the form as a submission file', () => {
  let folder = '';
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'form-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The requests of the form, and those of the file that it is saved as. */
  async function both(
    transformation: Transformation,
    path: string,
    options: SubmitForm['options'],
    at: string,
  ) {
    const file = { path, content: await readFile(path) };
    const reading = await transformation.read(file, options);
    const filled = form({ file, transformation, reading, options });
    const { requests } = viewForm(filled);
    const text = submissionFileText(filled, at);
    const deps = { folder: at, roots: [at, folder], transformations, disk: localDisk };
    const result = await planSubmission(readSubmissionFile(text), deps);
    assert.ok(result.kind === 'plan', JSON.stringify(result.diagnostics));
    return { fromForm: requests, fromFile: [...result.plan.requests], text };
  }

  it('gives the same requests, of a script', async () => {
    const path = join(folder, 'a {b} %RNDM:5.sh');
    await writeFile(path, '#!/bin/sh\necho\n');
    const options = {
      name: 'trial {n}',
      site: 'BNL',
      arguments: ['-e', 'a b', '{x}', '%RNDM:3', 'two\n lines \n'],
      outputs: ['x.fits'],
      resources: { cores: 3, memoryMB: 2500, walltimeSeconds: 61 },
    };
    await mkdir(join(folder, 'below'));
    for (const at of [folder, join(folder, 'below')]) {
      const { fromForm, fromFile, text } = await both(script, path, options, at);
      assert.deepEqual(fromFile, fromForm);
      assert.match(text, /^# Jobs for PanDA/u);
    }
    const bare = await both(script, path, {}, folder);
    assert.deepEqual(bare.fromFile, bare.fromForm);
    assert.match(bare.text, /^file: a \{b\} %RNDM:5\.sh$/mu);
  });

  it('gives the same requests, of a catalog with sensors and a command file', async () => {
    const phosim = transformations.find(({ id }) => id === 'phosim')!;
    const samples = new URL('../../../fixtures/samples/', import.meta.url);
    const path = join(folder, 'phosim_cat_1.txt');
    await copyFile(new URL('instcat_small.txt', samples), path);
    const command = join(folder, 'quick {1}.txt');
    await copyFile(new URL('physics_commands.txt', samples), command);
    const parameters = { sensor: ['R22_S11', 'R10'], command: [command], software: ['/cvmfs/phosim'] };
    const { fromForm, fromFile } = await both(phosim, path, { parameters, sandbox: false }, folder);
    assert.equal(fromForm?.length, 10);
    assert.deepEqual(fromFile, fromForm);
  });

  it('is called after the file', () => {
    assert.equal(submissionFileName('/w/r22.cat'), '/w/r22.panda.yaml');
    assert.equal(submissionFileName('/w/my.script.py'), '/w/my.script.panda.yaml');
    assert.equal(submissionFileName('/w/simulate'), '/w/simulate.panda.yaml');
  });
});

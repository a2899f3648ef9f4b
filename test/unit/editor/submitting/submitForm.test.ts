import assert from 'node:assert/strict';
import { viewForm, type FormView, type SubmitForm } from '../../../../src/editor/submitting/submitForm.ts';
import type { BuildResult } from '../../../../src/transformations/index.ts';
import { form, transformations } from './forms.ts';

const text = ({ lines }: FormView): string[] =>
  lines.map(
    ({ label, description, problem }) => `${label} | ${problem === undefined ? description : `! ${problem}`}`,
  );

describe('the form of a submission', () => {
  it('shows what Enter would do, and everything that can be changed', () => {
    const view = viewForm(form({ options: { arguments: ['-e', 'a b'], outputs: ['x.fits'] } }));
    assert.deepEqual(text(view), [
      'Submit 1 job to SLAC | ',
      'Transformation | script · A script',
      'Name | r22.sh',
      'Profile, site | USDF · SLAC',
      'Resources | 1 core · 2.0 GB · 1 h · 1.0 GB disk',
      "Arguments | -e 'a b'",
      'Outputs | x.fits',
      'Submit as | jobs',
      'Dry run | show exactly what would be sent',
      'Save as | r22.panda.yaml',
    ]);
    assert.equal(view.requests?.length, 1);
  });

  it('says how many files go along, how large they are, and where they go', () => {
    const files = [
      { name: 'r22.sh', path: '/home/ada/r22.sh', size: 200_000 },
      { name: 'a.txt', path: '/home/ada/a.txt', size: 1_000_000 },
    ];
    const reading = { ...form().reading, files };
    const line = (change: Partial<SubmitForm>): string | undefined =>
      text(viewForm(form({ reading, ...change }))).find((one) => one.startsWith('Files'));
    assert.equal(line({ staging: 's3://desc-panda' }), 'Files | 2 files, 1.2 MB, staged in s3://desc-panda');
    assert.equal(line({}), 'Files | 2 files, 1.2 MB, sent along');
  });

  it('says what becomes of it as a task, and what no task can have', () => {
    const task = { attempts: 3, jobs: 20, folder: '/home/ada' };
    const lines = text(viewForm(form({ task, options: { outputs: ['x.fits'] } })));
    assert.equal(lines[0], 'Submit a task of 20 jobs to SLAC | ');
    assert.ok(
      lines.includes('Submit as | a task of 20 jobs · 3 attempts each · with the files of ada'),
      lines.join('\n'),
    );
    const refused = viewForm(form({ task, options: { outputs: ['*.fits'] } }));
    assert.match(
      text(refused).find((line) => line.startsWith('Outputs')) ?? '',
      /! In a task an output is named/,
    );
    assert.equal(refused.requests, undefined);
  });

  it('saves first what is not saved', () => {
    assert.equal(viewForm(form({ unsaved: true })).lines[0]?.label, 'Save and submit 1 job to SLAC');
  });

  it('says on the line it belongs to what is wrong, and offers nothing that cannot work', () => {
    const view = viewForm(form({ options: { arguments: ['a\0b'] } }, ' \n'));
    assert.equal(view.requests, undefined);
    const lines = text(view);
    assert.match(lines[0] ?? '', /^Mend the file first \| The script is empty: r22\.sh/);
    assert.match(lines[1] ?? '', /^Transformation \| ! The script is empty/);
    assert.match(lines[5] ?? '', /^Arguments \| ! .*NUL/i);
    assert.ok(!lines.some((line) => /^(?:Dry run|Save as)/u.test(line)));
  });

  it('shows what few change only when it is asked for, has a value, or is wrong', () => {
    const transformation = transformations.find(({ id }) => id === 'phosim')!;
    const labels = (change: Partial<SubmitForm>): string[] =>
      viewForm(form({ transformation, ...change })).lines.map(({ label }) => label);
    const parameters = { threads: ['8'] };
    const few = labels({ options: { parameters } });
    assert.deepEqual(few.slice(2, 7), ['Sensors', 'Command file', 'Amplifier files', 'Threads', 'Software']);
    assert.ok(few.includes('More options') && !few.includes('Container'));
    const all = labels({ options: { parameters }, allShown: true });
    assert.ok(!all.includes('More options') && all.includes('Container'));
    const problems = [{ where: 'parameters.image', message: 'has a blank' }];
    const build = (): BuildResult => ({ kind: 'problems', problems });
    const wrong = viewForm(form({ transformation, reading: { ...form().reading, build } }));
    assert.ok(text(wrong).includes('Container | ! has a blank'));
  });

  it('knows sites that are not there, and says what one lets jobs wait', () => {
    const unknown = viewForm(form({ options: { site: 'CERN' } }));
    assert.equal(unknown.requests, undefined);
    assert.equal(text(unknown)[3], 'Profile, site | ! there is no site CERN');
    const off = viewForm(form({ options: { site: 'BNL' } }));
    assert.equal(off.requests?.[0]?.site, 'BNL');
    assert.equal(text(off)[3], 'Profile, site | USDF · BNL (brokeroff: jobs may wait there)');
    const none = viewForm(form({ defaultSite: undefined, sites: undefined }));
    assert.match(text(none)[3] ?? '', /! no site is chosen/);
    assert.ok(
      viewForm(form({ options: { site: 'CERN' }, sites: undefined })).requests,
      'checked when submitted',
    );
  });
});

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  notSentText,
  refusedText,
  sortOutcomes,
  unknownText,
} from '../../../src/editor/submitting/outcomeTexts.ts';
import { previewText } from '../../../src/editor/submitting/previewText.ts';
import { requestOfRecord } from '../../../src/editor/submitting/requestOfRecord.ts';
import { submissionFileName, submissionFileText } from '../../../src/editor/submitting/submissionFileOf.ts';
import { viewForm, type FormView, type SubmitForm } from '../../../src/editor/submitting/submitForm.ts';
import {
  buildJobSpec,
  JOB_ATTRIBUTES,
  makeJobName,
  type JobRecord,
  type JobRequest,
  type JobSpec,
  type SiteSpec,
  type SubmitOutcome,
} from '../../../src/panda/index.ts';
import {
  createTransformations,
  localDisk,
  planSubmission,
  readSubmissionFile,
  type BuildResult,
  type Transformation,
} from '../../../src/transformations/index.ts';
import { prepareSubmission } from '../../../src/watch/index.ts';
import { testProfile } from './fakes.ts';

const cacheUrl = (name: string): string => `https://panda.test:25443/cache/${name}`;
const transformations = createTransformations(() => Buffer.from('#!/bin/sh\n'));
const script = transformations.find(({ id }) => id === 'script')!;

function site(name: string, status: string): SiteSpec {
  const nothing = {
    cloud: null,
    coreCount: null,
    maxMemoryMB: null,
    maxWorkDirMB: null,
    maxTimeSeconds: null,
  };
  return { name, status, ...nothing, comment: null, raw: {} };
}

function form(change: Partial<SubmitForm> = {}, content = '#!/bin/sh\necho\n'): SubmitForm {
  const file = { path: '/home/ada/r22.sh', content: Buffer.from(content) };
  return {
    file,
    reading: {
      description: 'A script',
      diagnostics: [],
      files: [],
      build: (options) => script.build(file, options),
    },
    unsaved: false,
    transformation: script,
    options: {},
    profile: 'USDF',
    staging: undefined,
    defaultSite: 'SLAC',
    sites: [site('SLAC', 'online'), site('BNL', 'brokeroff')],
    ...change,
  };
}

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
    const samples = new URL('../../fixtures/samples/', import.meta.url);
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

/** The record that a server would give for a spec. */
function recordOf(spec: JobSpec): JobRecord {
  const empty = Object.fromEntries(JOB_ATTRIBUTES.map(([name]) => [name, null]));
  return {
    ...empty,
    ...spec,
    PandaID: 1,
    jobStatus: 'failed',
    files: [],
    unknown: {},
  } as unknown as JobRecord;
}

function request(change: Partial<JobRequest>): JobRequest {
  return {
    name: 'r22',
    transformation: {
      id: 'script',
      payload: { name: 'run-script-0123456789ab.sh', content: new Uint8Array() },
      tarball: { name: 'jobO.0123456789abcdef.tar.gz', content: new Uint8Array() },
    },
    arguments: [],
    site: 'SLAC',
    resources: { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 },
    outputs: [],
    pipeline: undefined,
    ...change,
  };
}

function read(original: JobRequest): ReturnType<typeof requestOfRecord> {
  const jobName = makeJobName(original.name, 'mp4k2a00aa', 1);
  const context = { profile: testProfile, jobName, jobDefinitionId: 1, cacheUrl };
  return requestOfRecord(recordOf(buildJobSpec(original, context)), cacheUrl);
}

describe('a request read back from the record of its job', () => {
  it('is the request it was', () => {
    const word = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
    const output = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
    const pipeline = fc.record(
      { task: word, processInstance: word, stream: word },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 5 }),
        fc.uniqueArray(output, { maxLength: 3 }),
        fc.option(pipeline, { nil: undefined }),
        fc.boolean(),
        (words, outputs, identity, packed) => {
          const original = request({ arguments: words, outputs, pipeline: identity });
          const { id, payload, tarball } = original.transformation;
          const sent = packed
            ? original
            : { ...original, transformation: { id, payload, tarball: undefined } };
          const back = read(sent);
          assert.ok(back.kind === 'request', JSON.stringify(back));
          assert.deepEqual(back.request, {
            ...sent,
            transformation: 'script',
            payload: payload.name,
            tarball: packed ? tarball?.name : undefined,
          });
        },
      ),
    );
  });

  it('says that its files are told where it is staged', () => {
    const jobParameters = "--manifest 'file:///s/jane/2026-11-23/mi1f9x0k2a/manifests#1' --memory 1 -- a";
    const record = recordOf(
      buildJobSpec(request({}), {
        profile: testProfile,
        jobName: 'r22.mp4k2a00aa.1',
        jobDefinitionId: 1,
        cacheUrl,
      }),
    );
    const back = requestOfRecord({ ...record, jobParameters }, cacheUrl);
    assert.ok(back.kind === 'request');
    assert.deepEqual([back.isStaged, back.request.outputs, back.request.arguments], [true, [], ['a']]);
  });

  it('is not made up where a job is not ours', () => {
    const record = recordOf(
      buildJobSpec(request({}), {
        profile: testProfile,
        jobName: 'r22.mp4k2a00aa.1',
        jobDefinitionId: 1,
        cacheUrl,
      }),
    );
    const reason = (change: Partial<JobRecord>): string => {
      const back = requestOfRecord({ ...record, ...change }, cacheUrl);
      return back.kind === 'none' ? back.reason : 'it is';
    };
    assert.equal(reason({}), 'it is');
    assert.match(reason({ jobName: 'theirs' }), /another program/);
    assert.match(reason({ transformation: 'https://elsewhere/x.sh' }), /transformation is not in the cache/);
    assert.match(reason({ transformation: cacheUrl('../secret') }), /transformation is not in the cache/);
    assert.match(reason({ jobParameters: "--source 'open" }), /parameters/);
    assert.match(reason({ jobParameters: '--other x -- a' }), /parameters/);
    assert.match(
      reason({ jobParameters: '--source https://elsewhere/jobO.1.tar.gz -- a' }),
      /files are not in the cache/,
    );
  });
});

describe('what a preview shows', () => {
  it('is what would be sent, without what is unset', () => {
    const deps = {
      client: { files: { cacheUrl } },
      profile: testProfile,
      clock: { now: () => 1.79e12 },
      random: () => 0.5,
    };
    const prepared = prepareSubmission({ name: 'r22', requests: [request({ arguments: ['a b'] })] }, deps);
    const shown = JSON.parse(previewText(prepared, testProfile, cacheUrl)) as {
      readonly profile: string;
      readonly uploads: readonly { readonly name: string }[];
      readonly jobs: readonly Record<string, unknown>[];
    };
    assert.equal(shown.profile, 'test');
    assert.deepEqual(
      shown.uploads.map(({ name }) => name),
      ['run-script-0123456789ab.sh', 'jobO.0123456789abcdef.tar.gz'],
    );
    assert.match(String(shown.jobs[0]?.jobParameters), /-- 'a b'$/);
    assert.equal(shown.jobs[0]?.jobName, prepared.jobs[0]?.jobName);
    assert.ok(!Object.values(shown.jobs[0] ?? {}).includes(null));
  });

  it('names the files that are staged, and where', () => {
    const profile = { ...testProfile, staging: { kind: 'folder', folder: '/data/staging' } } as const;
    const deps = {
      client: { files: { cacheUrl } },
      profile,
      clock: { now: () => 1.79e12 },
      random: () => 0.5,
    };
    const inputs = [{ name: 'catalog/a.txt', path: '/home/ada/a.txt', size: 12 }];
    const requests = [request({ inputs, outputs: ['image.fits'] })];
    const shown = JSON.parse(
      previewText(prepareSubmission({ name: 'r22', requests }, deps), profile, cacheUrl),
    ) as {
      readonly stagedIn: string;
      readonly staged: readonly object[];
      readonly jobs: readonly Record<string, unknown>[];
    };
    assert.equal(shown.stagedIn, '/data/staging');
    assert.deepEqual(shown.staged, [{ name: 'catalog/a.txt', bytes: 12, from: '/home/ada/a.txt' }]);
    assert.deepEqual(shown.jobs[0]?.stagedOutputs, ['image.fits']);
  });
});

describe('what is said of outcomes', () => {
  const outcome = (kind: 'refused' | 'unknown' | 'notSent', reason: string): SubmitOutcome => ({
    kind,
    jobName: 'a',
    reason,
  });
  const accepted: SubmitOutcome = { kind: 'accepted', jobName: 'b', pandaId: 1, jobsetId: null };

  it('names how many, and why', () => {
    const some = sortOutcomes([
      accepted,
      outcome('refused', 'the name is too long'),
      outcome('refused', 'x'),
    ]);
    assert.equal(refusedText('sweep', some, 3), 'PanDA refused 2 of 3 jobs of sweep: the name is too long.');
    const lost = sortOutcomes([outcome('unknown', 'the connection broke')]);
    assert.match(
      unknownText('sweep', lost),
      /^The answer for a job of sweep was lost: the connection broke\. It may or may not exist\. Look at the monitor/,
    );
    const left = sortOutcomes([outcome('notSent', 'VS Code was closed')]);
    assert.equal(notSentText('sweep', left), 'A job of sweep was not sent: VS Code was closed.');
  });
});

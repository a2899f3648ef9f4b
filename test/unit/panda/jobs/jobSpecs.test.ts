import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  buildJobSpec,
  makeJobName,
  makeSubmissionId,
  manifestInSecret,
  manifestSecretKey,
  parseJobName,
  validateJobSpec,
  validateJobSpecs,
} from '../../../../src/panda/index.ts';
import type { JobContext, JobRequest, JobSpec } from '../../../../src/panda/index.ts';
import { testProfile } from '../fakeServer.ts';

const REQUEST: JobRequest = {
  name: 'my job',
  transformation: {
    id: 'script',
    payload: { name: 'script-0123456789ab.sh', content: new Uint8Array() },
    tarball: { name: 'jobO.00112233445566778899aabbccddeeff.tar.gz', content: new Uint8Array() },
  },
  arguments: ['--seed', '7', "it's $HOME"],
  site: 'BNL-LSST',
  resources: { cores: 2, memoryMB: 4000, diskMB: 1000, walltimeSeconds: 3600 },
  outputs: ['out.fits'],
  pipeline: { task: 'SingleFrame', processInstance: '1201', stream: '0' },
};

function built(changes: Partial<JobRequest> = {}, context: Partial<JobContext> = {}): JobSpec {
  return buildJobSpec(
    { ...REQUEST, ...changes },
    {
      profile: testProfile('https://panda.example.org'),
      jobName: 'my_job.0abcdefghi.1',
      jobDefinitionId: 17,
      cacheUrl: (name) => `https://panda.example.org/cache/${name}`,
      ...context,
    },
  );
}

describe('a job record built from a request', () => {
  it('names everything a payload script and a server need', () => {
    assert.deepEqual(built(), {
      jobDefinitionID: 17,
      jobName: 'my_job.0abcdefghi.1',
      transformation: 'https://panda.example.org/cache/script-0123456789ab.sh',
      jobParameters:
        'PIPELINE_TASK=SingleFrame PIPELINE_PROCESSINSTANCE=1201 PIPELINE_STREAM=0 ' +
        '--source https://panda.example.org/cache/jobO.00112233445566778899aabbccddeeff.tar.gz ' +
        '--memory 4000 --walltime 3600 ' +
        `--output out.fits=my_job.0abcdefghi.1.out.fits -- --seed 7 'it'\\''s $HOME'`,
      processingType: 'script',
      prodSourceLabel: 'user',
      prodUserName: 'Jane Doe',
      VO: 'lsst',
      workingGroup: null,
      cloud: null,
      computingSite: 'BNL-LSST',
      destinationDBlock: 'panda.lsst.user.0abcdefghi',
      destinationSE: 'local',
      coreCount: 2,
      minRamCount: 4000,
      minRamUnit: 'MB',
      maxDiskCount: 1000,
      maxDiskUnit: 'MB',
      maxWalltime: 3600,
      currentPriority: 1000,
      assignedPriority: 1000,
      attemptNr: 0,
      files: [
        { ...file, lfn: 'my_job.0abcdefghi.1.out.fits', type: 'output' },
        { ...file, lfn: 'my_job.0abcdefghi.1.log.tgz', type: 'log' },
      ],
    });
    assert.deepEqual(validateJobSpec(built()), []);
  });

  it('needs neither pipeline nor files nor a site of its own', () => {
    const plain = built({
      pipeline: undefined,
      outputs: [],
      arguments: [],
      site: undefined,
      transformation: { ...REQUEST.transformation, tarball: undefined },
    });
    assert.equal(plain.jobParameters, '--memory 4000 --walltime 3600 --');
    assert.equal(plain.computingSite, 'SITE');
    assert.equal(plain.files.length, 1);
  });

  it('names the manifest of staged files as one word', () => {
    const plain = built({ pipeline: undefined }, { manifest: 'file:///data/a b/manifests#17' });
    assert.match(plain.jobParameters ?? '', / --manifest 'file:\/\/\/data\/a b\/manifests#17' --memory /);
    assert.equal(plain.specialHandling, undefined);
  });

  it('asks for the secrets of its owner where the manifest is behind one', () => {
    const secret = manifestSecretKey('0abcdefghi');
    const spec = built(
      { pipeline: undefined },
      { manifest: manifestInSecret(secret, `alice/it's/$(x):#`, 17) },
    );
    const word = `--manifest 'secret:desc_panda_0abcdefghi:alice/it'\\''s/$(x):##17' --memory`;
    assert.ok(spec.jobParameters?.includes(word), spec.jobParameters ?? '');
    assert.equal(spec.specialHandling, 'us');
    assert.deepEqual(validateJobSpec(spec), []);
  });
});

const file = {
  dataset: 'panda.lsst.user.0abcdefghi',
  destinationDBlock: 'panda.lsst.user.0abcdefghi',
  destinationSE: 'local',
};

describe('the check of a record', () => {
  it('names every problem with its place', () => {
    const problems = validateJobSpec({
      ...built(),
      VO: '',
      prodUserName: null,
      processingType: 'x'.repeat(65),
      workingGroup: 'NULL',
      coreCount: 1.5,
      job_label: 'bogus',
      transformation: 'a\0b',
      cloud: '\ud800',
      files: [
        { lfn: '', type: 'output' },
        { lfn: 'a', type: 'log' },
        { lfn: 'a', type: 'log', scope: 's'.repeat(31) },
      ],
    });
    assert.deepEqual(
      problems.map(({ where }) => where).sort(),
      [
        'VO',
        'cloud',
        'coreCount',
        'files',
        'files[0].lfn',
        'files[2].lfn',
        'files[2].scope',
        'job_label',
        'processingType',
        'prodUserName',
        'transformation',
        'workingGroup',
      ].sort(),
    );
  });

  it('counts characters, not code units, and lets the longest pass', () => {
    assert.deepEqual(validateJobSpec({ ...built(), jobName: '🔭'.repeat(256) }), []);
    assert.equal(validateJobSpec({ ...built(), jobName: '🔭'.repeat(257) }).length, 1);
    assert.deepEqual(validateJobSpec({ ...built(), jobParameters: 'x'.repeat(1_000_000) }), []);
  });

  it('a name that occurs twice in one submission', () => {
    assert.deepEqual(
      validateJobSpecs([built(), built()]).map(({ where }) => where),
      ['jobs[1].jobName'],
    );
  });
});

describe('names of jobs', () => {
  it('come apart as they were put together', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 999_999_999 }),
        (name, time, random, number) => {
          const id = makeSubmissionId(time, () => random);
          const jobName = makeJobName(name, id, number);
          assert.match(jobName, /^[A-Za-z0-9_.-]{1,200}$/);
          const parts = parseJobName(jobName);
          assert.equal(parts?.submissionId, id);
          assert.equal(parts.number, number);
          assert.ok(parts.name.length > 0);
        },
      ),
    );
    assert.deepEqual(parseJobName(makeJobName('a.b c', '0abcdefghi', 12)), {
      name: 'a.b_c',
      submissionId: '0abcdefghi',
      number: 12,
    });
  });

  it('of other programs are left alone', () => {
    for (const name of [
      '',
      'job.1201.SingleFrame.0.alice.18221',
      'a.0ABCDEFGHI.1',
      '.0abcdefghi.1',
      'a.0abcdefghi.01',
      'a.0abcdefghi.0',
    ]) {
      assert.equal(parseJobName(name), null, name);
    }
    assert.throws(() => makeJobName('a', 'short', 1), RangeError);
    assert.throws(() => makeJobName('a', '0abcdefghi', 0), RangeError);
  });

  it('submission ids sort by time', () => {
    const ids = [0, 1, 35, 36, 1_700_000_000_000, 1_700_000_000_001].map((time) =>
      makeSubmissionId(time, () => 0.999),
    );
    assert.deepEqual(ids, [...ids].sort());
    assert.ok(ids.every((id) => /^[a-z0-9]{10}$/.test(id)));
  });
});

import assert from 'node:assert/strict';
import * as disk from 'node:fs/promises';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRecordOfJob, readRecords } from '../../../src/transformations/index.ts';
import { createHarness, golden } from './harness.ts';
import type { Harness } from './harness.ts';

const SWEEP = `transformation: script
file: s.sh
name: 'run {n}'
arguments: ['{n}']
sweep: {parameters: {n: {from: 1, to: 12}}}
`;

interface Submitted {
  readonly id: string;
  readonly jobs: readonly { jobName: string; outcome: string; pandaId: number }[];
}

describe('desc-panda submit FILE.panda.yaml', () => {
  let harness: Harness;
  const file = (name: string, text: string): Promise<void> => writeFile(join(harness.folder, name), text);
  beforeEach(async () => {
    harness = await createHarness();
    await file('s.sh', '#!/bin/sh\necho hi\n');
    await file('sweep.panda.yaml', SWEEP);
  });
  afterEach(() => harness.dispose());

  const json = async <T>(line: string): Promise<T> =>
    JSON.parse((await harness.call(`${line} --json`.split(' '))).stdout) as T;

  it('submits what it describes, and keeps a record', async () => {
    const { id, jobs } = await json<Submitted>('submit sweep.panda.yaml');
    assert.deepEqual(
      jobs.map(({ jobName, outcome }) => [jobName, outcome]),
      Array.from({ length: 12 }, (_, index) => [`run_${index + 1}.${id}.${index + 1}`, 'accepted']),
    );
    const [record] = await readRecords(harness.folder, disk);
    assert.equal(record?.id, id);
    assert.deepEqual(
      record?.pandaIds,
      jobs.map(({ pandaId }) => pandaId),
    );
    assert.equal(record?.file, 'sweep.panda.yaml');
    assert.equal(record?.asked.file, 's.sh');
    assert.equal((await findRecordOfJob(harness.folder, jobs[5]!.pandaId, disk))?.id, id);
    const job = await json<{ parameters: string }>(`job ${jobs[11]!.pandaId}`);
    assert.match(job.parameters, / -- 12$/);
  });

  it('shows with --dry-run what is sent without it, and every file', async () => {
    const { stdout, code } = await harness.call(['submit', 'sweep.panda.yaml', '--dry-run']);
    assert.equal(code, 0);
    assert.match(stdout, /^Would send 12 jobs to /);
    assert.match(stdout, /^run_1\.\w{10}\.1$/m);
    assert.doesNotMatch(stdout, /^run_2\./m);
    assert.match(stdout, /^run_12\.\w{10}\.12$/m);
    assert.match(stdout, /These are the first and the last of 12 jobs; --json shows all\./);
    assert.match(stdout, /^ {2}jobO\.[0-9a-f]{32}\.tar\.gz {2}\d+ B$/m);
    assert.match(stdout, /^ {2}\/.*\/s\.sh {2}18 B$/m);
    const dry = await json<{ jobs: { spec: { jobParameters: string } }[]; files: object[] }>(
      'submit sweep.panda.yaml --dry-run',
    );
    assert.equal(dry.jobs.length, 12);
    assert.deepEqual(dry.files, [{ path: join(harness.folder, 's.sh'), size: 18 }]);
    assert.deepEqual(await readRecords(harness.folder, disk), []);
    const { jobs } = await json<Submitted>('submit sweep.panda.yaml');
    const job = await json<{ parameters: string }>(`job ${jobs[0]!.pandaId}`);
    const parameters = dry.jobs[0]?.spec.jobParameters ?? '';
    assert.equal(golden(job.parameters, harness), golden(parameters, harness));
  });

  it('records what was submitted without a file, too, so that it can be repeated', async () => {
    await harness.call('submit s.sh --memory 1G --name mine -- a {b}'.split(' '));
    const [record] = await readRecords(harness.folder, disk);
    assert.equal(record?.file, null);
    assert.deepEqual(record?.asked.arguments, ['a', '{{b}}']);
    assert.deepEqual([record?.asked.file, record?.asked.name], ['s.sh', 'mine']);
    assert.equal(record?.asked.resources.memoryMB, 1000);
  });

  it('takes paths from the folder of the file, and files of the folder one is in', async () => {
    await mkdir(join(harness.folder, 'below'));
    await file('below/up.panda.yaml', SWEEP.replace('s.sh', '../s.sh'));
    const { jobs } = await json<Submitted>('submit below/up.panda.yaml');
    assert.equal(jobs.length, 12);
    const [record] = await readRecords(harness.folder, disk);
    assert.equal(record?.asked.file, 's.sh');
  });

  it('submits where a record cannot be written, and says so', async () => {
    await file('.panda', 'a file');
    const { code, stderr } = await harness.call(['submit', 's.sh']);
    assert.equal(code, 0);
    assert.match(stderr, /^There is no record of it in .*\.panda: /);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['transformation: script\nfile: none.sh\n', '', /bad\.panda\.yaml, line 2: There is no file none\.sh/],
    ['transformation: scrpt\n', '', /line 1: .*script is probably meant/],
    ['transformation: script\nfile: /etc/hosts\n', '', /line 2: \/etc\/hosts lies outside/],
    ['transformation: hello\n', ' --site X', /says everything that --site could say/],
    ['transformation: hello\n', ' --sensor X', /says everything that --sensor could say/],
    ['transformation: hello\n', ' -- a', /names the arguments/],
    ['transformation: hello\nprofile: nowhere\n', '', /There is no profile nowhere \(bad\.panda\.yaml\)/],
  ];
  for (const [text, options, message] of refused) {
    it(`refuses ${JSON.stringify(text + options)}`, async () => {
      await file('bad.panda.yaml', text);
      const { code, stdout, stderr } = await harness.call(`submit bad.panda.yaml${options}`.split(' '));
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.match(stderr, /\n→ /);
    });
  }

  it('says that there is no such file', async () => {
    const { code, stderr } = await harness.call(['submit', 'none.panda.yaml']);
    assert.equal(code, 2);
    assert.match(stderr, /^none\.panda\.yaml cannot be read\./);
  });

  it('prefers the profile of the command line', async () => {
    await file('p.panda.yaml', 'transformation: hello\nprofile: nowhere\n');
    const { code } = await harness.call('submit p.panda.yaml --profile sandbox'.split(' '));
    assert.equal(code, 0);
  });

  it('goes on with what was stopped half way, and brings the record up to date', async () => {
    const stop = new AbortController();
    await file('large.panda.yaml', 'transformation: hello\nsweep: {repeat: 2500}\n');
    const { code } = await harness.call(['submit', 'large.panda.yaml'], {
      signal: stop.signal,
      onProgress: (text) => {
        if (/Submitting… [1-9]/.test(text)) stop.abort();
      },
    });
    assert.equal(code, 130);
    const [before] = await readRecords(harness.folder, disk);
    assert.ok(before !== undefined);
    assert.ok(before.pandaIds.length > 0 && before.pandaIds.length < 2500, String(before.pandaIds.length));
    const whole = await json<Submitted>(`submissions resume ${before.id}`);
    assert.deepEqual([...new Set(whole.jobs.map(({ outcome }) => outcome))], ['accepted']);
    const [after] = await readRecords(harness.folder, disk);
    assert.equal(new Set(after?.pandaIds).size, 2500);
    assert.ok(before.pandaIds.every((pandaId) => after?.pandaIds.includes(pandaId)));
  });

  it('cannot go on with what is not there', async () => {
    const { code, stderr } = await harness.call(['submissions', 'resume', 'mi1f9x0k2a']);
    assert.equal(code, 2);
    assert.match(stderr, /There is no submission mi1f9x0k2a/);
    await rm(join(harness.folder, 'home', 'submissions'), { recursive: true, force: true });
  });
});

/** The first answer of a submission stands in the journal. */

import assert from 'node:assert/strict';
import { golden } from './harness.ts';
import { useCli } from './useCli.ts';

interface DryRun {
  readonly jobs: readonly { readonly spec: Readonly<Record<string, unknown>> }[];
  readonly cacheFiles: readonly { readonly name: string; readonly size: number }[];
}

describe('desc-panda, in one process', () => {
  const { harness, call, json, submitted } = useCli();

  it('submits, and says where and as what', async () => {
    assert.deepEqual(await call('submit --hello'), {
      code: 0,
      stdout: 'HelloPanda → SANDBOX (profile sandbox)\nSubmitted as PANDAID.\n',
      stderr: '',
    });
  });

  it('shows with --dry-run the record that is sent without it', async () => {
    const options = 'submit s.sh --cores 2 --memory 1G --walltime 2h --name mine --output a.txt';
    const { stdout } = await call(`${options} --dry-run -- a b`);
    for (const line of [
      'Would send 1 job to URL; nothing was sent.',
      'mine.SUBMISSION.1',
      '  transformation     URL/cache/run-script-HASH.sh',
      '  minRamCount        1000',
      '  maxWalltime        7200',
      "  jobParameters      --source URL/cache/jobO.HASH.tar.gz --manifest 'file://HOME/sandbox/staging/panda/DATE/SUBMISSION/manifests#1' --memory 1000 --walltime 7200 -- a b",
      '  output file  a.txt',
      'Staged in HOME/sandbox/staging',
      '  FOLDER/s.sh  18 B',
      '  log file  mine.SUBMISSION.1.log.tgz',
    ]) {
      assert.ok(stdout.split('\n').includes(line), `${line}\nis not in\n${stdout}`);
    }
    assert.deepEqual((await json<{ jobs: unknown[] }>('jobs')).jobs, []);

    const dry = await json<DryRun>('submit s.sh --cores 2 --dry-run');
    const pandaId = await submitted('submit s.sh --cores 2');
    const job = await json<{ parameters: string; resources: Record<string, unknown> }>(`job ${pandaId}`);
    const { spec } = dry.jobs[0]!;
    assert.equal(golden(job.parameters, harness()), golden(String(spec.jobParameters), harness()));
    assert.equal(job.resources.cores, spec.coreCount);
    assert.equal(dry.cacheFiles.length, 2);
  });

  it('lists jobs in aligned columns, the newest first', async () => {
    await call('submit --hello --name 会议数据');
    await call('submit s.sh');
    const { stdout, code } = await harness().call(['jobs']);
    assert.equal(code, 0);
    const lines = stdout.split('\n');
    assert.match(lines[0]!, /^PANDAID {5}STATE {8}NAME {2}SITE {5}RAN {2}SUBMITTED {2}ERROR$/);
    assert.match(lines[1]!, /^\d{10} {2}◔ activated {2}s\.sh {2}SANDBOX {7}(now|\d s ago)$/);
    assert.match(lines[2]!, /^\d{10} {2}◔ activated {2}____ {2}SANDBOX {7}(now|\d s ago)$/);
    assert.equal(lines[3], '2 jobs · 2 activated');
  });

  it('selects jobs by state, words and number', async () => {
    await call('submit --hello');
    const pandaId = await submitted();
    const names = async (line: string): Promise<string[]> =>
      (await json<{ jobs: { name: string }[] }>(line)).jobs.map(({ name }) => name);
    assert.deepEqual(await names('jobs'), ['s.sh', 'HelloPanda']);
    assert.deepEqual(await names('jobs --limit 1'), ['s.sh']);
    assert.deepEqual(await names('jobs --filter hello'), ['HelloPanda']);
    assert.deepEqual(await names(`jobs --filter ${pandaId}`), ['s.sh']);
    assert.deepEqual(await names('jobs --state failed,running'), []);
    assert.deepEqual(await names('jobs --state activated --state failed'), ['s.sh', 'HelloPanda']);
    assert.deepEqual(await call('jobs --filter nothing'), {
      code: 0,
      stdout: 'No job matches.\n',
      stderr: '→ desc-panda jobs shows all\n',
    });
  });

  it('shows a terminal colours, unless NO_COLOR is set, and fits its width', async () => {
    await call('submit --hello --name a-rather-long-name-of-a-job-that-nobody-can-read');
    assert.match((await call('jobs', { columns: 100 })).stdout, /\u001b\[34m◔ activated\u001b\[39m/);
    const plain = await call('jobs', { columns: 100, env: { NO_COLOR: '1' } });
    assert.doesNotMatch(plain.stdout, /\u001b/);
    const narrow = await harness().call(['jobs'], { columns: 62, env: { NO_COLOR: '1' } });
    assert.ok(narrow.stdout.split('\n').every((line) => line.length <= 62));
    assert.match(narrow.stdout, /  a-rather-lon.*…  SANDBOX  /);
  });

  it('shows one job', async () => {
    const pandaId = await submitted();
    const { stdout, code } = await call(`job ${pandaId}`);
    assert.equal(code, 0);
    assert.equal(
      stdout.replace(/AGO|\(DURATION\)/g, 'AGO'),
      `s.sh  ◔ activated

PandaID         PANDAID
Job name        s.sh.SUBMISSION.1
Site            SANDBOX
User            panda
Kind            script
Transformation  URL/cache/run-script-HASH.sh
Submitted       TIME (AGO)
Asked for       1 core · 2.0 GB · 1 h
Monitor         URL/job/PANDAID/

Timeline (UTC)
  TIME  ○ defined    DURATION
  TIME  ◔ activated  DURATION

Files
  log     s.sh.SUBMISSION.1.log.tgz

Parameters
  --source URL/cache/jobO.HASH.tar.gz --manifest 'file://HOME/sandbox/staging/panda/DATE/SUBMISSION/manifests#1' --memory 2000 --walltime 3600 --
`,
    );
  });

  it('cancels after a yes, and says what became of each', async () => {
    const pandaId = await submitted();
    assert.deepEqual(await call(`cancel ${pandaId}`, { answer: 'no' }), {
      code: 4,
      stdout: '',
      stderr: 'Nothing was cancelled.\n',
    });
    const done = await call(`cancel ${pandaId} 99 ${pandaId}`, { answer: 'y' });
    assert.deepEqual(done, {
      code: 4,
      stdout: '⊘ cancelled  PANDAID s.sh\n? not found  99\n',
      stderr: '',
    });
    assert.equal(
      golden(harness().questions.at(-1) ?? '', harness()),
      'Cancel 1 job: s.sh (PANDAID, activated)? [y/N] ',
    );
    assert.deepEqual(
      (await call(`cancel ${pandaId} --yes`)).stdout,
      '⊘ cancelled  PANDAID s.sh  had ended\n',
    );
    assert.deepEqual(
      await json(`cancel ${await submitted()} --yes`)
        .then(JSON.stringify)
        .then((text) => golden(text, harness())),
      '{"jobs":[{"pandaId":PANDAID,"name":"s.sh","state":"cancelled","result":"cancelled"}]}',
    );
  });

  it('does not cancel unasked where there is no terminal', async () => {
    const { code, stderr } = await call(`cancel ${await submitted()}`);
    assert.equal(code, 2);
    assert.equal(stderr, 'This needs a yes, and there is no terminal to ask at.\n→ Say it with --yes\n');
  });

  it('lists sites, what is mine there, and the default', async () => {
    await call('submit --hello');
    assert.equal(
      (await call('sites')).stdout,
      `SITE             STATUS     CORES   MEMORY  TIME  MINE         EVERYBODY
SANDBOX *        ● online       LIMITS  1 activated  1 activated
SANDBOX-OFFLINE  ○ offline      LIMITS
SANDBOX-TEST     ○ test         LIMITS
* default site of the profile
`,
    );
    const { sites } = await json<{ sites: { name: string }[] }>('sites --online');
    assert.deepEqual(
      sites.map(({ name }) => name),
      ['SANDBOX'],
    );
  });

  it('gives errors as JSON with --json', async () => {
    const { code, stdout, stderr } = await call('job 99 --json');
    assert.equal(code, 4);
    assert.equal(stderr, '');
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    assert.deepEqual(Object.keys(error), ['kind', 'message', 'advice', 'exitCode']);
    assert.equal(error.kind, 'notFound');
    assert.equal(error.exitCode, 4);
  });

  it('keeps its JSON shapes', async () => {
    const pandaId = await submitted();
    const keys = (value: unknown): string => Object.keys(value as object).join(' ');
    const jobKeys =
      'pandaId name jobName submissionId taskId state cancelRequested site transformation creationTime startTime endTime modificationTime error attempt';
    const jobs = await json<{ jobs: unknown[] }>('jobs');
    assert.equal(keys(jobs), 'profile asOf total jobs');
    assert.equal(keys(jobs.jobs[0]), jobKeys);
    const job = await json<{ files: unknown[]; timeline: unknown[]; resources: unknown }>(`job ${pandaId}`);
    assert.equal(
      keys(job),
      `${jobKeys} processingType user errors timeline parameters resources files host monitorUrl`,
    );
    assert.equal(keys(job.files[0]), 'lfn type status size checksum');
    assert.equal(keys(job.timeline[0]), 'state subState time host');
    assert.equal(keys(job.resources), 'cores memoryMB diskMB walltimeSeconds cpuSeconds maxRssKB');
    const sites = await json<{ sites: unknown[] }>('sites');
    assert.equal(keys(sites), 'profile defaultSite sites');
    assert.equal(
      keys(sites.sites[0]),
      'name status cloud coreCount maxMemoryMB maxWorkDirMB maxTimeSeconds comment everybody mine',
    );
    const submissions = await json<{ submissions: unknown[] }>('submissions');
    assert.equal(keys(submissions.submissions[0]), 'id name profile submittedAt jobs warnings status');
    assert.equal(keys(await json('sandbox status')), 'running url pid startedAt dataFolder jobs');
    const doctor = await json<{ checks: unknown[] }>('doctor');
    assert.equal(keys(doctor), 'healthy exitCode profile checks');
    assert.equal(keys(doctor.checks[0]), 'section name tried tookMs state detail advice');
  });

  it('prints help for all and for each', async () => {
    for (const words of ['', 'help', '--help', '-h']) {
      const { code, stdout } = await harness().call(words === '' ? [] : [words]);
      assert.equal(code, 0);
      assert.match(stdout, /^Runs jobs with PanDA[^]*Commands:\n {2}submit /);
    }
    for (const line of ['jobs --help', 'help jobs', 'jobs -h']) {
      assert.match((await call(line)).stdout, /^Lists your jobs[^]*-n, --limit N +at most so many/);
    }
  });
});

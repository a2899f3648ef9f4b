import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSubmissionJournal } from '../../../src/watch/index.ts';
import { startSubmissionServer } from '../watch/submissionServer.ts';
import { createHarness, golden } from './harness.ts';
import type { CallOptions, Harness, Printed } from './harness.ts';

interface DryRun {
  readonly jobs: readonly { readonly spec: Readonly<Record<string, unknown>> }[];
  readonly cacheFiles: readonly { readonly name: string; readonly size: number }[];
}

describe('desc-panda, in one process', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await createHarness();
    await writeFile(join(harness.folder, 's.sh'), '#!/bin/sh\necho hi\n');
  });
  afterEach(() => harness.dispose());

  const call = async (line: string, options?: CallOptions): Promise<Printed> => {
    const printed = await harness.call(line.split(' '), options);
    return { ...printed, stdout: golden(printed.stdout, harness), stderr: golden(printed.stderr, harness) };
  };
  const json = async <T>(line: string): Promise<T> =>
    JSON.parse((await harness.call(`${line} --json`.split(' '))).stdout) as T;
  /** The PandaID of a job submitted now. */
  const submitted = async (line = 'submit s.sh'): Promise<number> => {
    const { jobs } = await json<{ jobs: { pandaId: number }[] }>(line);
    return jobs[0]!.pandaId;
  };

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
      '  jobParameters      --source URL/cache/jobO.HASH.tar.gz --memory 1000 --walltime 7200 --output a.txt=mine.SUBMISSION.1.a.txt -- a b',
      '  output file  mine.SUBMISSION.1.a.txt',
      '  log file  mine.SUBMISSION.1.log.tgz',
    ]) {
      assert.ok(stdout.split('\n').includes(line), `${line}\nis not in\n${stdout}`);
    }
    assert.deepEqual((await json<{ jobs: unknown[] }>('jobs')).jobs, []);

    const dry = await json<DryRun>('submit s.sh --cores 2 --dry-run');
    const pandaId = await submitted('submit s.sh --cores 2');
    const job = await json<{ parameters: string; resources: Record<string, unknown> }>(`job ${pandaId}`);
    assert.equal(job.parameters, dry.jobs[0]?.spec.jobParameters);
    assert.equal(job.resources.cores, dry.jobs[0]?.spec.coreCount);
    assert.equal(dry.cacheFiles.length, 2);
  });

  it('lists jobs in aligned columns, the newest first', async () => {
    await call('submit --hello --name 会议数据');
    await call('submit s.sh');
    const { stdout, code } = await harness.call(['jobs']);
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
    const narrow = await harness.call(['jobs'], { columns: 62, env: { NO_COLOR: '1' } });
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
  --source URL/cache/jobO.HASH.tar.gz --memory 2000 --walltime 3600 --
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
      golden(harness.questions.at(-1) ?? '', harness),
      'Cancel 1 job: s.sh (PANDAID, activated)? [y/N] ',
    );
    assert.deepEqual(
      (await call(`cancel ${pandaId} --yes`)).stdout,
      '⊘ cancelled  PANDAID s.sh  had ended\n',
    );
    assert.deepEqual(
      await json(`cancel ${await submitted()} --yes`)
        .then(JSON.stringify)
        .then((text) => golden(text, harness)),
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

  it('examines each hop, and tells no secret', async () => {
    const { code, stdout } = await call('doctor');
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `✓ program      desc-panda 0.0.0, Node …
✓ profile      sandbox (built in): a PanDA on this machine
✓ sandbox      runs since 1970-01-01 00:00, at URL; its data in ~/home/sandbox
✓ server       URL answers as PanDA in N ms
✓ identity     token for lsst, as panda: accepted
✓ sites        3 sites, 1 online; SANDBOX, the default, is online
✓ monitor      URL answers; 0 jobs of panda since yesterday
✓ cache        URL answers
✓ submissions  ~/home/submissions can be written, SPACE free
All is well.
`,
    );
    assert.doesNotMatch((await harness.call(['doctor', '--json'])).stdout, new RegExp(harness.server.token));
  });

  it('says for a profile of the file where each value comes from, and what fails', async () => {
    const profile = {
      server: 'http://127.0.0.1:9',
      vo: 'Rubin',
      authentication: { kind: 'token', tokenVariable: 'MY_TOKEN', origin: 'Rubin' },
    };
    await mkdir(join(harness.folder, 'config', 'desc-panda'), { recursive: true });
    const file = join(harness.folder, 'config', 'desc-panda', 'profiles.json');
    await writeFile(file, JSON.stringify({ default: 'far', profiles: { far: profile } }));
    const expired = `x.${Buffer.from('{"exp":1000}').toString('base64url')}.y`;
    const { code, stdout } = await call('doctor', { env: { MY_TOKEN: expired } });
    assert.equal(code, 3);
    assert.match(
      stdout,
      /✓ profile {6}far \(“default” in ~\/config\/desc-panda\/profiles\.json\), from .*; server http:\/\/127\.0\.0\.1:9; cache http:\/\/127\.0\.0\.1:9 \(by default\); vo Rubin; user panda \(by default\); authentication token for Rubin, as panda\n/,
    );
    assert.match(
      stdout,
      /⊗ server {7}Could not .*: nothing answers there \(ECONNREFUSED\)\.\n +→ Check that the server runs/,
    );
    assert.match(stdout, /○ identity {5}the server does not answer\n/);
    assert.match(stdout, /✓ submissions/);
    assert.match(stdout, /1 of 8 checks failed\.\n$/);
    assert.doesNotMatch(stdout, new RegExp(expired));
  });

  describe('explains', () => {
    const cases: readonly (readonly [line: string, code: number, text: RegExp])[] = [
      ['submit', 2, /^There is nothing to submit\.\n→ Name a script/],
      ['submit missing.sh', 2, /^missing\.sh: there is no such file\.\n→ Check the name/],
      ['submit empty.sh', 2, /^The script is empty: empty\.sh\.\n→ Mend it/],
      ['submit .', 2, /^\.: it is a folder\.\n/],
      [
        'submit s.sh t.sh',
        2,
        /^One file is submitted at a time: t\.sh .*\n→ Put words for the script behind --/,
      ],
      ['submit s.sh --hello', 2, /^With --hello no file is submitted: s\.sh\.\n/],
      [
        'submit s.sh --visit 3',
        2,
        /^desc-panda submit has no option --visit\.\n→ Put words for the payload behind --/,
      ],
      ['submit s.sh --wiat', 2, /^desc-panda submit has no option --wiat\.\n→ Did you mean --wait\n/],
      ['submit s.sh --cores none', 2, /^--cores none: a whole number from 1 on is needed\.\n/],
      ['submit s.sh --memory much', 2, /^--memory much: an amount of memory is needed/],
      ['submit s.sh --site', 2, /^Option '--site <value>' argument missing\.\n/],
      ['submit s.sh --wait=yes', 2, /^Option '-w, --wait' does not take an argument\.\n/],
      ['submit s.sh --site SANDBX', 4, /^There is no site SANDBX\.\n→ Did you mean SANDBOX, .*--force\n$/],
      [
        'submit s.sh --site SANDBOX-OFFLINE',
        4,
        /^Site SANDBOX-OFFLINE is offline .*\n→ Choose one that is online: SANDBOX/,
      ],
      ['submit s.sh --cores 4000', 4, /^The site does not give what is asked for: cores 4000 asked for/],
      ['job', 2, /^desc-panda job needs the PandaID of a job\.\n→ Find it with desc-panda jobs\n$/],
      ['job 1 2', 2, /^desc-panda job takes one PandaID\.\n/],
      ['job abc', 2, /^abc is no PandaID/],
      ['job 99', 4, /^Could not find job 99 at .*: PanDA knows no job of this number\.\n→ /],
      ['logs 99', 4, /^Could not find job 99 at /],
      ['logs 1 --file stdin', 2, /^--file stdin: one of stdout, stderr, pilotlog is needed\.\n/],
      ['jobs s.sh', 2, /^desc-panda jobs takes no s\.sh\.\n→ Use desc-panda jobs --filter s\.sh\n$/],
      ['jobs --state done', 2, /^done is no state of a job\.\n→ States are pending, /],
      ['sandbox', 2, /^What is the sandbox to do\?\n→ Say one of start, stop, status, reset\n$/],
      ['sandbox start --port 99999', 2, /^--port 99999: ports end at 65535\.\n/],
      ['submissions resend abc', 2, /^There is no submission abc of profile sandbox on this machine\.\n/],
      ['submissions again abc', 2, /^desc-panda submissions takes nothing, or an action/],
      [
        'jobs --profile usdf',
        2,
        /^There is no profile usdf \(--profile\)\.\n→ Use one of sandbox, or add it to /,
      ],
      ['sbmit', 2, /^There is no command sbmit\.\n→ Did you mean submit\n$/],
      ['--json jobs', 2, /"error":\{"kind":"usage","message":"The command comes first, before --json\."/],
    ];
    for (const [line, code, text] of cases) {
      it(line, async () => {
        await writeFile(join(harness.folder, 'empty.sh'), ' \n');
        const printed = await call(line);
        assert.match(line.startsWith('--json') ? printed.stdout : printed.stderr, text);
        assert.equal(printed.code, code);
      });
    }

    it('a profiles file that is not JSON, or has mistakes', async () => {
      const folder = join(harness.folder, 'config', 'desc-panda');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'profiles.json'), '{');
      assert.match((await call('jobs')).stderr, /^FOLDER\/config\/desc-panda\/profiles\.json is not JSON: /);
      await writeFile(join(folder, 'profiles.json'), '{"profiles":{"a":{"server":"ftp://x","colour":1}}}');
      assert.match(
        (await call('jobs --profile a')).stderr,
        /^Profile a cannot be used: colour .*; server .*; vo is missing\.\n→ Mend it in FOLDER/,
      );
    });
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
      'pandaId name jobName submissionId state cancelRequested site transformation creationTime startTime endTime modificationTime error attempt';
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
    assert.equal(keys(doctor), 'healthy exitCode checks');
    assert.equal(keys(doctor.checks[0]), 'name state detail advice');
  });

  it('watches: one line a change where there is no terminal, until it is interrupted', async () => {
    const pandaId = await submitted();
    const stop = new AbortController();
    let seen = '';
    const watching = harness.call(['jobs', '--watch'], {
      signal: stop.signal,
      onPrint: (text) => {
        seen += text;
        if (seen.includes('cancelled')) stop.abort();
        else if (seen.includes('activated')) void harness.call(['cancel', String(pandaId), '--yes']);
      },
    });
    const { code, stderr } = await watching;
    assert.equal(code, 130);
    assert.equal(stderr, '');
    assert.equal(golden(seen, harness), 'TIME  ◔ activated  PANDAID s.sh\nTIME  ⊘ cancelled  PANDAID s.sh\n');
  });

  it('waits for the end of a job, and says how to go on when interrupted', async () => {
    const stop = new AbortController();
    const { code, stdout, stderr } = await harness.call(['submit', '--hello', '--wait'], {
      signal: stop.signal,
      onPrint: (text) => {
        if (text.includes('activated')) stop.abort();
      },
    });
    assert.equal(code, 130);
    assert.match(stdout, /○ defined\n.*◔ activated\n$/);
    assert.match(
      golden(stderr, harness),
      /^Job PANDAID goes on\.\n→ desc-panda job PANDAID shows it, .*--follow/,
    );
  });

  it('ends with 1 when the job it waited for was cancelled', async () => {
    const { code, stdout } = await harness.call(['submit', '--hello', '--wait', '--json'], {
      onPrint: (text) => {
        const pandaId = /"event":"state","pandaId":(\d+),"state":"activated"/.exec(text)?.[1];
        if (pandaId !== undefined) void harness.call(['cancel', pandaId, '--yes']);
      },
    });
    assert.equal(code, 1);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; state?: string; exitCode?: number });
    assert.deepEqual(
      events.map(({ event, state = '' }) => `${event} ${state}`.trim()),
      ['submitted', 'state defined', 'state activated', 'state cancelled', 'ended', 'result'],
    );
    assert.equal(events.at(-1)?.exitCode, 1);
  });

  it('empties the submissions of a sandbox that is reset', async () => {
    await call('submit --hello');
    const journal = createSubmissionJournal(join(harness.folder, 'home', 'submissions'));
    assert.equal((await journal.list('sandbox')).entries.length, 1);
    assert.equal((await call('sandbox reset', { answer: 'y' })).stdout, 'Sandbox is empty.\n');
    assert.equal((await journal.list('sandbox')).entries.length, 0);
  });

  it('tells exactly what may have happened when an answer is lost, and sends again when told to', async () => {
    const server = await startSubmissionServer();
    try {
      const profiles = { lossy: { server: server.profile.server, vo: 'lsst', site: 'SANDBOX' } };
      await mkdir(join(harness.folder, 'config', 'desc-panda'), { recursive: true });
      const file = join(harness.folder, 'config', 'desc-panda', 'profiles.json');
      await writeFile(file, JSON.stringify({ profiles }));
      server.mode = () => 'cutBefore';
      const lost = await call('submit --hello --profile lossy --wait');
      assert.equal(lost.code, 5);
      assert.match(
        lost.stderr,
        /^1 job may or may not exist: HelloPanda\.SUBMISSION\.1\. Could not submit 1 job .* Looked up by name: not possible, as this profile has no monitor\.\n→ Look at the monitor .*: desc-panda submissions resend\|forget SUBMISSION\n$/,
      );
      assert.match(
        (await call('submissions --profile lossy')).stdout,
        /SUBMISSION {2}HelloPanda .* 1 unknown\n$/,
      );
      server.mode = () => 'answer';
      const { submissions } = await json<{ submissions: { id: string }[] }>('submissions --profile lossy');
      const id = submissions[0]!.id;
      const again = await harness.call(['submissions', 'resend', id, '--profile', 'lossy']);
      assert.match(again.stdout, /^Submitted as 6900000001\.\n$/);
      assert.equal(again.code, 0);
      assert.deepEqual([...server.stored.values()], [[6_900_000_001]]);
      assert.match((await call('submissions --profile lossy')).stdout, /1 accepted\n$/);
    } finally {
      await server.close();
    }
  });

  it('says that the journal cannot be written, and sends nothing', async () => {
    await writeFile(join(harness.folder, 'home', 'submissions'), 'in the way');
    const { code, stderr } = await call('submit --hello');
    assert.equal(code, 6);
    assert.match(
      stderr,
      /^Could not note the submission down in FOLDER.*: a file stands where .*\. Nothing was sent\.\n→ Move/,
    );
  });

  it('prints help for all and for each, and its version', async () => {
    for (const words of ['', 'help', '--help', '-h']) {
      const { code, stdout } = await harness.call(words === '' ? [] : [words]);
      assert.equal(code, 0);
      assert.match(stdout, /^Runs jobs with PanDA[^]*Commands:\n {2}submit /);
    }
    for (const line of ['jobs --help', 'help jobs', 'jobs -h']) {
      assert.match((await call(line)).stdout, /^Lists your jobs[^]*-n, --limit N +at most so many/);
    }
    assert.equal((await call('--version')).stdout, '0.0.0\n');
  });
});

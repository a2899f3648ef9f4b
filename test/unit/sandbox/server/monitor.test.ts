import assert from 'node:assert/strict';
import { openSandbox, type Sandbox } from './sandbox.ts';

interface JobsPage {
  readonly jobs: readonly Readonly<Record<string, unknown>>[];
  readonly selectionsummary: readonly { field: string; list: { kname: string; kvalue: number }[] }[];
  readonly errsByCount: readonly { error: string; count: number; example_pandaid: number }[];
}

describe('monitor of the sandbox', () => {
  let sandbox: Sandbox;
  let ids: number[];
  let time = Date.UTC(2026, 10, 23, 12);
  before(async () => {
    sandbox = await openSandbox({ now: () => time });
    ids = await sandbox.submit([
      { jobName: 'a.1', jobParameters: 'PIPELINE_TASK=phosim -- 1' },
      { jobName: 'a.2', computingSite: 'SANDBOX-TEST' },
      { jobName: 'b[1]', prodUserName: 'tester' },
    ]);
    sandbox.setUp();
    time += 1000;
    await sandbox.update(ids[0]!, 'running');
    time += 65_000;
    await sandbox.update(ids[0]!, 'failed', {
      trans_exit_code: 3,
      pilot_error_code: 1305,
      pilot_error_diag: 'exit 3',
    });
    time += 1000;
    sandbox.server.background.addOutputs(0);
  });
  after(() => sandbox.close());

  const page = async (query: string): Promise<JobsPage> => {
    const answer = await sandbox.get(`/jobs/?json&${query}`);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text) as JobsPage;
  };
  const names = async (query: string): Promise<unknown[]> =>
    (await page(`${query}&fields=jobname&sortby=pandaid-asc`)).jobs.map(({ jobname }) => jobname);

  it('finds jobs by name, owner, state, site and parameters', async () => {
    assert.deepEqual(await names('jobname=a.1|b[1]'), ['a.1', 'b[1]']);
    assert.deepEqual(await names('jobname=a.1,a.2,nothing'), ['a.1', 'a.2']);
    assert.deepEqual(await names('jobname=a.*'), ['a.1', 'a.2']);
    assert.deepEqual(await names('jobname=b[1]*'), ['b[1]']);
    assert.deepEqual(await names('user=tester'), ['a.1', 'a.2', 'b[1]']);
    assert.deepEqual(await names('produsername=nobody'), []);
    assert.deepEqual(await names('jobstatus=!failed'), ['a.2', 'b[1]']);
    assert.deepEqual(await names('computingsite=SANDBOX-TEST'), ['a.2']);
    assert.deepEqual(await names('jobparam=PIPELINE_TASK%3Dphosim'), ['a.1']);
    assert.deepEqual(await names(`pandaid=${ids[1]}`), ['a.2']);
    assert.deepEqual(await names('limit=1'), ['a.1']);
  });

  it('looks at the last days unless told which jobs', async () => {
    time += 8 * 86_400_000;
    assert.deepEqual(await names('user=tester'), []);
    assert.deepEqual(await names('user=tester&days=9'), ['a.1', 'a.2', 'b[1]']);
    assert.deepEqual(await names('jobname=a.1'), ['a.1']);
    time -= 8 * 86_400_000;
  });

  it('gives only the fields asked for, and counts what it selected', async () => {
    const { jobs, selectionsummary, errsByCount } = await page('fields=pandaid,jobstatus');
    assert.deepEqual(Object.keys(jobs[0] ?? {}), ['pandaid', 'jobstatus']);
    const states = selectionsummary.find(({ field }) => field === 'jobstatus')?.list;
    assert.deepEqual(states, [
      { kname: 'activated', kvalue: 2 },
      { kname: 'failed', kvalue: 1 },
    ]);
    const errors = errsByCount.map(({ error, count, example_pandaid }) => [error, count, example_pandaid]);
    assert.deepEqual(errors, [
      ['trans:3', 1, ids[0]],
      ['pilot:1305', 1, ids[0]],
    ]);
  });

  it('refuses values that cannot be meant', async () => {
    for (const query of ['pandaid=abc', 'jobname=', 'days=many', 'limit=1;DROP']) {
      const answer = await sandbox.get(`/jobs/?json&${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(typeof (JSON.parse(answer.text) as { error: unknown }).error, 'string');
    }
  });

  it('shows one job, by either way', async () => {
    for (const target of [`/job/${ids[0]}/?json`, `/job?pandaid=${ids[0]}&json`]) {
      const { job, files } = JSON.parse((await sandbox.get(target)).text) as {
        job: Readonly<Record<string, unknown>>;
        files: readonly Readonly<Record<string, unknown>>[];
      };
      assert.deepEqual([job.jobname, job.jobstatus, job.resourcetype], ['a.1', 'failed', 'SCORE']);
      assert.deepEqual(
        files.map(({ lfn, type }) => [lfn, type]),
        [['a.1.job.log.tgz', 'log']],
      );
    }
    const none = await sandbox.get('/job/99/?json');
    assert.deepEqual([none.status, none.headers['content-type']], [200, 'text/html; charset=iso-8859-1']);
  });

  it('tells the states a job went through', async () => {
    const history = JSON.parse((await sandbox.get(`/jobstatuslog/${ids[0]}/?json`)).text) as {
      jobstatus: string;
      duration: string;
    }[];
    assert.deepEqual(
      history.map(({ jobstatus, duration }) => [jobstatus, duration]),
      [
        ['defined', '0:00:00:00'],
        ['activated', '0:00:00:01'],
        ['running', '0:00:01:05'],
        ['holding', '0:00:00:01'],
        ['failed', '---'],
      ],
    );
  });

  it('describes the errors that pilots and servers give', async () => {
    const answer = await sandbox.get('/api/joberrordescriptions/?json');
    const { error_descriptions: all } = JSON.parse(answer.text) as {
      error_descriptions: { component: string; code: number; description: string }[];
    };
    const payload = all.find(({ component, code }) => component === 'pilot' && code === 1305);
    assert.ok(payload !== undefined && payload.description !== '');
  });

  it('lists its queues', async () => {
    const sites = JSON.parse((await sandbox.get('/sites/?json')).text) as { name: string; status: string }[];
    assert.deepEqual(
      sites.map(({ name, status }) => [name, status]),
      [
        ['SANDBOX', 'online'],
        ['SANDBOX-TEST', 'test'],
        ['SANDBOX-OFFLINE', 'offline'],
      ],
    );
    const site = JSON.parse((await sandbox.get('/site/SANDBOX/?json')).text) as {
      param: string;
      value: unknown;
    }[];
    assert.ok(site.some(({ param, value }) => param === 'status' && value === 'online'));
    assert.equal((await sandbox.get('/site/NOWHERE/?json')).status, 404);
  });
});

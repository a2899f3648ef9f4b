import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { doAfter } from './doAfter.ts';
import { curl } from './programs/curl.ts';
import { startSandbox } from './sandbox.ts';
import type { RunningSandbox } from './sandbox.ts';
import { usePrograms } from './usePrograms.ts';

interface Fetched {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** As it was shown in 2013: the state of jobs as JSON, at a terminal. */
describe("the sandbox's monitor with curl", () => {
  const pathOf = usePrograms(curl);
  const later = doAfter();
  let sandbox: RunningSandbox;
  let finished: number;
  let failed: number;

  before(async () => {
    sandbox = await startSandbox(later);
    finished = await hello();
    failed = await hello('--', '--code', '3');
  });

  /** Runs HelloPanda to its end. */
  const hello = async (...words: readonly string[]): Promise<number> => {
    // Its exit code tells how the job ended.
    await sandbox.panda('submit', '--wait', '--hello', ...words).catch(() => undefined);
    const listed = JSON.parse(await sandbox.panda('jobs', '--json')) as { jobs: { pandaId: number }[] };
    return Math.max(...listed.jobs.map(({ pandaId }) => pandaId));
  };

  const fetched = (target: string, ...words: readonly string[]): Promise<Fetched> => {
    const authorization = `Authorization: Bearer ${sandbox.connection.token}`;
    return fetchedBy(target, '--header', authorization, '--header', 'Origin: lsst', ...words);
  };

  const fetchedBy = async (target: string, ...words: readonly string[]): Promise<Fetched> => {
    const said = ['--silent', '--show-error', '--write-out', '\n%{http_code} %{content_type}'];
    const all = [...said, ...words, sandbox.connection.url + target];
    const { stdout } = await promisify(execFile)(pathOf(curl), all);
    const end = stdout.lastIndexOf('\n');
    const [status, type = ''] = stdout.slice(end + 1).split(' ');
    return { status: Number(status), type, body: stdout.slice(0, end) };
  };

  /** The answer, as another reader of JSON understands it. */
  const read = async (target: string, ...words: readonly string[]): Promise<unknown> => {
    const { status, type, body } = await fetched(target, ...words);
    assert.deepEqual([status, type], [200, 'application/json'], body);
    const reading = promisify(execFile)('python3', ['-m', 'json.tool', '--compact']);
    reading.child.stdin?.end(body);
    return JSON.parse((await reading).stdout);
  };

  it('tells of one job, asked in each of its ways', async () => {
    const json = ['--header', 'Accept: application/json'];
    const ways: [string, string[]][] = [
      [`/job?pandaid=${failed}&json`, []],
      [`/job/${failed}/?json`, []],
      [`/job?pandaid=${failed}`, json],
      [`/job/${failed}/`, json],
      [`/job/${failed}/`, ['--header', 'Accept: text/json']],
    ];
    for (const [target, words] of ways) {
      const { job } = (await read(target, ...words)) as { job: Readonly<Record<string, unknown>> };
      assert.deepEqual(
        [job.pandaid, job.jobstatus, job.transexitcode, job.piloterrorcode],
        [failed, 'failed', '3', 1305],
        target,
      );
    }
  });

  it('gives no JSON to who asks for anything', async () => {
    for (const words of [[], ['--header', 'Accept: application/json, text/html']]) {
      assert.match((await fetched(`/job/${finished}/`, ...words)).type, /^text\/html/u);
    }
  });

  it('tells of all jobs, and of those in a state', async () => {
    const statesOf = async (query: string): Promise<unknown> => {
      const target = `/jobs/?json&fields=pandaid,jobstatus&sortby=pandaid-asc${query}`;
      const { jobs } = (await read(target)) as { jobs: { pandaid: number; jobstatus: string }[] };
      return jobs.map(({ pandaid, jobstatus }) => [pandaid, jobstatus]);
    };
    const both = [
      [finished, 'finished'],
      [failed, 'failed'],
    ];
    assert.deepEqual(await statesOf(''), both);
    assert.deepEqual(await statesOf('&jobstatus=failed'), both.slice(1));
    const form = ['--data', `pandaid=${finished}|${failed}`, '--data', 'json=1'];
    const { jobs } = (await read('/jobs/', ...form)) as { jobs: unknown[] };
    assert.equal(jobs.length, 2);
  });

  it('tells the states it went through, and follows to its log', async () => {
    const states = (await read(`/jobstatuslog/${finished}/?json`)) as { jobstatus: string }[];
    assert.deepEqual([states[0]?.jobstatus, states.at(-1)?.jobstatus], ['defined', 'finished']);
    const log = await fetched(`/filebrowser/?pandaid=${finished}&json&filename=payload.stdout`, '--location');
    assert.equal(log.status, 200);
    assert.match(log.body, /Hello/u);
  });

  it('lets nobody in without the token', async () => {
    const refused = await fetchedBy(`/job/${finished}/?json`);
    assert.equal(refused.status, 401, refused.body);
  });
});

import assert from 'node:assert/strict';
import { PandaError } from '../../../../src/panda/index.ts';
import type { MonitorApi } from '../../../../src/panda/index.ts';
import { plain, startFakeServer } from '../fakeServer.ts';
import type { FakeServer } from '../fakeServer.ts';

describe('the monitor', () => {
  let server: FakeServer;
  /** Another origin than PanDA's server, as on every real deployment. */
  let monitor: MonitorApi;
  beforeEach(async () => {
    server = await startFakeServer();
    monitor = of(server.client({ server: 'http://127.0.0.1:9' }));
  });
  afterEach(() => server.close());

  const of = (client: { monitor: MonitorApi | undefined }): MonitorApi => {
    assert.ok(client.monitor !== undefined);
    return client.monitor;
  };
  const row = (pandaid: number, jobname = `job.${pandaid}`): object => ({
    pandaid,
    jobname,
    jobstatus: 'running',
    computingsite: 'BNL-LSST',
    creationtime: '2026-11-23T02:44:49',
    modificationtime: '2026-11-23 02:44:50',
  });

  it('lists the jobs of a user, newest first, asking for what it needs', async () => {
    server.answer = (_asked, response) =>
      plain(response, 200, JSON.stringify({ jobs: [row(1), row(3), row(2), { jobname: 'x' }] }));
    const jobs = await monitor.jobsOfUser('Jane Doe', { days: 3, limit: 50 });
    assert.deepEqual(
      jobs.map(({ pandaId }) => pandaId),
      [3, 2, 1],
    );
    assert.deepEqual(jobs[0], {
      pandaId: 3,
      jobName: 'job.3',
      state: 'running',
      site: 'BNL-LSST',
      creationTime: Date.UTC(2026, 10, 23, 2, 44, 49),
      modificationTime: Date.UTC(2026, 10, 23, 2, 44, 50),
    });
    const asked = server.asked[0];
    assert.equal(asked?.path, '/jobs/');
    assert.ok(asked.query.has('json'));
    assert.equal(asked.query.get('produsername'), 'Jane Doe');
    assert.equal(asked.query.get('days'), '3');
    assert.equal(asked.query.get('limit'), '50');
    assert.ok(asked.query.get('fields')?.split(',').includes('pandaid'));
    assert.equal(asked.headers.authorization, undefined);
  });

  it('finds jobs by name, many of them, in lists that fit in a request line, past the cache', async () => {
    server.answer = (asked, response) => {
      const names = asked.query.get('jobname')?.split('|') ?? [];
      plain(
        response,
        200,
        JSON.stringify({ jobs: names.map((name) => row(Number(name.split('.')[1]), name)) }),
      );
    };
    const names = Array.from({ length: 1_000 }, (_, index) => `name.${index + 1}.${'x'.repeat(40)}`);
    const progress: number[] = [];
    const found = await monitor.jobsByName(names, { onProgress: (done) => progress.push(done) });
    assert.deepEqual(
      found.map(({ jobName }) => jobName),
      names,
    );
    assert.ok(server.asked.length > 1);
    assert.ok(server.asked.every(({ query }) => query.toString().length < 6_000 && query.has('timestamp')));
    assert.equal(progress.at(-1), 1_000);
  });

  it('does not ask for names that mean lists or wildcards', async () => {
    for (const name of ['', 'a*', 'a|b', 'a,b', '!a']) {
      await assert.rejects(monitor.jobsByName([name]), { kind: 'rejected' });
    }
    assert.equal(server.asked.length, 0);
  });

  it('tells the states a job went through, in order of time', async () => {
    server.answer = (_asked, response) =>
      plain(
        response,
        200,
        JSON.stringify([
          {
            jobstatus: 'running',
            modificationtime: '2026-11-23 02:44:52',
            modificationhost: 'node1',
            jobsubstatus: '',
          },
          { jobstatus: 'defined', modificationtime: '2026-11-23T02:44:50' },
          { jobstatus: 'odd' },
        ]),
      );
    assert.deepEqual(await monitor.stateHistory(7), [
      { state: 'defined', subState: null, time: Date.UTC(2026, 10, 23, 2, 44, 50), host: null },
      { state: 'running', subState: null, time: Date.UTC(2026, 10, 23, 2, 44, 52), host: 'node1' },
    ]);
    assert.equal(server.asked[0]?.path, '/jobstatuslog/7/');
    assert.equal(monitor.jobUrl(7), `${server.url}/job/7/`);
  });

  it('lists the files of a job, reached as the monitor is', async () => {
    server.answer = (_asked, response) =>
      plain(
        response,
        200,
        JSON.stringify({
          error: '',
          files: [
            {
              name: 'a b',
              dirname: 'logs',
              size: 12,
              modification: '2026-11-23 02:44:50',
              media_link: 'host/media/a%20b',
            },
            { name: '../x', dirname: null, size: '7', media_link: 'https://other/x' },
            { name: 'here', media_link: '/media/here' },
            { name: 'there', media_link: '//there:8443/media/there' },
            { name: 'no link', size: 1 },
            { name: 'no address', media_link: '[' },
            'odd',
          ],
        }),
      );
    assert.deepEqual(await monitor.filesOfJob(7), [
      {
        name: 'a b',
        folder: 'logs',
        size: 12,
        modified: Date.UTC(2026, 10, 23, 2, 44, 50),
        url: 'http://host/media/a%20b',
      },
      { name: '../x', folder: '', size: null, modified: null, url: 'https://other/x' },
      { name: 'here', folder: '', size: null, modified: null, url: `${server.url}/media/here` },
      { name: 'there', folder: '', size: null, modified: null, url: 'http://there:8443/media/there' },
    ]);
    assert.equal(server.asked[0]?.path, '/filebrowser/');
    assert.equal(server.asked[0]?.query.get('pandaid'), '7');
    server.answer = (_asked, response) => plain(response, 200, '{"error": "gs is <b>not</b> for us"}');
    await assert.rejects(monitor.filesOfJob(7), { kind: 'rejected' });
    for (const text of ['[]', '{}', '{"files": 3}']) {
      server.answer = (_asked, response) => plain(response, 200, text);
      await assert.rejects(monitor.filesOfJob(7), { kind: 'protocol' });
    }
  });

  it('shows the token where it is wanted, and stays with it', async () => {
    server.answer = (asked, response) =>
      asked.headers.authorization === undefined
        ? void response.writeHead(302, { Location: '/login' }).end()
        : plain(response, 200, '{"jobs": []}');
    await monitor.jobsOfUser('me');
    await monitor.jobsOfUser('me');
    assert.deepEqual(
      server.asked.map(({ headers }) => headers.authorization !== undefined),
      [false, true, true],
    );
  });

  it('a sign-in page after all, a web page, JSON of another shape', async () => {
    server.answer = (_asked, response) => void response.writeHead(302, { Location: '/login' }).end();
    await assert.rejects(monitor.jobsOfUser('me'), { kind: 'unauthorised' });
    server.answer = (_asked, response) => plain(response, 200, '<html><title>Job not found</title></html>');
    await assert.rejects(monitor.stateHistory(7), /web page came back instead of data \(“Job not found”\)/);
    for (const text of ['[]', '{}', '{"jobs": 3}']) {
      server.answer = (_asked, response) => plain(response, 200, text);
      await assert.rejects(monitor.jobsOfUser('me'), { kind: 'protocol' });
    }
    const moved = 'https://new.example.org:8443/jobs/?json';
    server.answer = (_asked, response) => void response.writeHead(301, { Location: moved }).end();
    await assert.rejects(monitor.jobsOfUser('me'), {
      kind: 'protocol',
      cameBack: /points to https:.*new\.example/,
    });
  });

  it('understands the JSON of Python, with numbers that are none', async () => {
    const text = `{"n": -Infinity, "jobs": [${JSON.stringify(row(7, 'a "NaN", \\'))}, NaN, {"pandaid": NaN}]}`;
    server.answer = (_asked, response) => plain(response, 200, text);
    const jobs = await monitor.jobsOfUser('me');
    assert.deepEqual(
      jobs.map(({ pandaId, jobName }) => [pandaId, jobName]),
      [[7, 'a "NaN", \\']],
    );
  });

  it('does not come back at once where that is what it is told', async () => {
    for (const wish of ['0', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      const waits: number[] = [];
      monitor = of(server.client({}, { random: () => 0.5, delay: async (ms) => void waits.push(ms) }));
      server.answer = (_asked, response) => void response.writeHead(429, { 'Retry-After': wish }).end();
      await assert.rejects(monitor.jobsOfUser('me'), { status: 429 });
      assert.deepEqual(waits, [2_000, 4_000], wish);
    }
  });

  it('waits as long as it is told when it asked too often, but not for ever', async () => {
    const waits: number[] = [];
    monitor = of(server.client({}, { delay: async (ms) => void waits.push(ms) }));
    server.answer = (_asked, response) =>
      server.asked.length === 1
        ? void response.writeHead(429, { 'Retry-After': '7' }).end('{"error": "enough"}')
        : plain(response, 200, '{"jobs": []}');
    await monitor.jobsOfUser('me');
    assert.deepEqual(waits, [7_000]);
    server.answer = (_asked, response) => void response.writeHead(429, { 'Retry-After': '86400' }).end();
    const asked = server.asked.length;
    await assert.rejects(monitor.jobsOfUser('me'), (error: unknown) => {
      assert.ok(error instanceof PandaError && error.status === 429);
      return true;
    });
    await assert.rejects(monitor.jobsOfUser('me'), /is left alone until \d\d:\d\d:\d\d UTC/);
    assert.equal(server.asked.length, asked + 1);
    assert.equal(waits.length, 1);
  });

  it('asks one thing at a time', async () => {
    let under = 0;
    server.answer = (_asked, response) => {
      assert.equal(++under, 1);
      setImmediate(() => {
        under--;
        plain(response, 200, '{"jobs": []}');
      });
    };
    await Promise.all([monitor.jobsOfUser('a'), monitor.jobsOfUser('b'), monitor.jobsOfUser('c')]);
    assert.equal(server.asked.length, 3);
  });

  it('is not there where the profile names none', () => {
    assert.equal(server.client({ monitor: undefined }).monitor, undefined);
  });
});

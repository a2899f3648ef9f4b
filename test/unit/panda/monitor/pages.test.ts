import assert from 'node:assert/strict';
import type { MonitorApi } from '../../../../src/panda/index.ts';
import { plain, startFakeServer } from '../fakeServer.ts';
import type { FakeServer } from '../fakeServer.ts';

describe('pages of the monitor', () => {
  let server: FakeServer;
  let monitor: MonitorApi;
  beforeEach(async () => {
    server = await startFakeServer();
    const client = server.client({ server: 'http://127.0.0.1:9' });
    assert.ok(client.monitor !== undefined);
    monitor = client.monitor;
  });
  afterEach(() => server.close());
  const answer = (value: unknown): void => {
    server.answer = (_asked, response) =>
      plain(response, 200, typeof value === 'string' ? value : JSON.stringify(value));
  };

  it('gives a job as the server would, with its files and its worker', async () => {
    answer({
      job: {
        pandaid: 7,
        jobname: 'a.b.1',
        jobstatus: 'failed',
        resourcetype: 'SCORE',
        jeditaskid: '12',
        creationtime: '2026-11-23 02:44:50',
        piloterrorcode: 1305,
        duration: '0:0:00:05',
        harvesterInfo: { workerid: 5, harvesterid: 'h', batchlog: 'javascript:1', diagmessage: '' },
      },
      files: [{ lfn: 'out', type: 'output', fsize: 12 }, 'odd'],
      dsfiles: [],
    });
    const { record, worker } = await monitor.job(7);
    assert.equal(server.asked[0]?.path, '/job/');
    assert.equal(server.asked[0]?.query.get('pandaid'), '7');
    assert.equal(record.PandaID, 7);
    assert.equal(record.jobStatus, 'failed');
    assert.equal(record.resource_type, 'SCORE');
    assert.equal(record.jediTaskID, 12);
    assert.equal(record.pilotErrorCode, 1305);
    assert.equal(record.creationTime, Date.UTC(2026, 10, 23, 2, 44, 50));
    assert.deepEqual(
      record.files.map(({ lfn, fsize }) => [lfn, fsize]),
      [['out', 12]],
    );
    assert.deepEqual(worker, {
      id: 5,
      harvester: 'h',
      computingElement: null,
      batchLog: null,
      diagnostics: null,
    });
  });

  it('knows no job or task where a web page comes, and another page for what it is', async () => {
    answer('<html><title>Job not found</title></html>');
    await assert.rejects(monitor.job(7), { kind: 'notFound', cameBack: 'the monitor knows no such job' });
    await assert.rejects(monitor.task(7), { kind: 'notFound' });
    await assert.rejects(monitor.workflows(), { kind: 'protocol' });
    for (const odd of [{}, [], { job: { pandaid: 8, jobstatus: 'failed' } }, { job: 'x' }]) {
      answer(odd);
      await assert.rejects(monitor.job(7), { kind: 'protocol' });
    }
  });

  it('finds old jobs in windows of whole days, and cuts the list to what was asked', async () => {
    const row = (pandaid: number, time: string): object => ({
      pandaid,
      jobname: `j${pandaid}`,
      jobstatus: 'failed',
      modificationtime: time,
    });
    answer({ jobs: [row(1, '2020-11-01 00:00:00'), row(2, '2020-11-02 12:00:00'), row(3, '2020-11-03')] });
    const from = Date.UTC(2020, 10, 2, 6);
    const to = Date.UTC(2020, 10, 3, 6);
    const query = { user: 'Jane', taskId: 5, states: ['failed', 'closed'], from, to, limit: 10 };
    const found = await monitor.findJobs(query);
    assert.deepEqual(
      found.map(({ pandaId }) => pandaId),
      [3, 2],
    );
    const asked = Object.fromEntries(server.asked[0]?.query ?? []);
    assert.equal(asked.date_from, '2020-11-02');
    assert.equal(asked.date_to, '2020-11-04');
    assert.equal(asked.jobstatus, 'failed|closed');
    assert.equal(asked.mode, 'nodrop');
    // Later jobs of the last day take no place in the list.
    assert.equal(asked.limit, '10000');
    const days = 200 * 366 * 86_400_000;
    await monitor.findJobs({ ...query, from: from + days, to: to + days });
    assert.equal(server.asked[1]?.query.get('limit'), '10');
    const year = 366 * 86_400_000;
    for (const bad of [
      { from, to: from - 1, limit: 1 },
      { from, to: from + 2 * year, limit: 1 },
      { from, to, limit: 1e6 },
    ]) {
      await assert.rejects(monitor.findJobs(bad), RangeError);
    }
    assert.equal(server.asked.length, 2);
  });

  it('gives descriptions of errors without markup', async () => {
    answer({
      error_descriptions: [
        { component: 'pilot', code: 1305, acronym: 'X', description: 'Bad <b>payload</b>', category: 'user' },
        { component: 'exeerrorcode', code: '68', diagnostics: 'Setup' },
        { component: 'ddm', code: 'x', description: 'no number' },
        { component: 'sup', code: 1 },
      ],
    });
    assert.deepEqual(await monitor.errorDescriptions(), [
      { component: 'pilot', code: 1305, acronym: 'X', description: 'Bad payload', category: 'user' },
      { component: 'exe', code: 68, acronym: '', description: 'Setup', category: null },
    ]);
  });

  it('gives a task and workflows', async () => {
    answer({
      task: {
        jeditaskid: 9,
        taskname: 'user.jane.x/',
        status: 'finished',
        errordialog: '<a href="x">3 jobs</a> failed',
        dsinfo: { nfiles: 10, nfilesfinished: 7, nfilesfailed: 3 },
      },
      taskparams: {},
      datasets: [],
    });
    const { state, message, inputs } = await monitor.task(9);
    assert.deepEqual(
      [state, message, inputs],
      ['finished', '3 jobs failed', { total: 10, finished: 7, failed: 3 }],
    );
    assert.equal(monitor.taskUrl(9), `${server.url}/task/9/`);
    assert.equal(monitor.workflowUrl(9), `${server.url}/idds/?requestid=9`);
    answer([
      { request_id: 3, r_name: 'a', r_status: 'Finished', total_tasks: 2, finished_files: 99.5 },
      { request_id: 4, tasks_statuses: { Running: 2, Odd: 'x' }, finished_files: 1e9 },
      { r_name: 'no id' },
    ]);
    const { workflows: flows } = await monitor.workflows();
    assert.deepEqual(
      flows.map(({ requestId, taskStates, finishedShare }) => [requestId, taskStates, finishedShare]),
      [
        [4, { Running: 2 }, 1],
        [3, {}, 0.995],
      ],
    );
  });

  it('takes the last output of a job in debug mode from its web page', async () => {
    const page = (inside: string): string => `<html><title>PanDA job 7</title><div>
      <div class="card-divider"><p>Job debug stdout</p></div>
      <div class="card-section scrollable">${inside}</div></div><pre>other</pre></html>`;
    answer(page('<pre class="wrap">1 &lt; 2 &amp;amp; &#x27;x&#x27;\nlast\n</pre>'));
    assert.equal(await monitor.debugTail(7), "1 < 2 &amp; 'x'\nlast\n");
    const [asked] = server.asked;
    assert.equal(asked?.path, '/job/7/');
    assert.equal(asked.query.get('showdebug'), '1');
    assert.ok(!asked.query.has('json'));
    assert.equal(asked.headers.accept, 'text/html');
    answer(page('<p> <b>Debug mode:</b> no debug stdout can be found.</p>'));
    assert.equal(await monitor.debugTail(7), '');
    answer('<html>No such job<pre>text</pre></html>');
    assert.equal(await monitor.debugTail(7), '');
  });

  it('wants a sign-in for a web page where the monitor does', async () => {
    server.answer = (_asked, response) => void response.writeHead(302, { Location: '/login' }).end();
    await assert.rejects(monitor.debugTail(7), { kind: 'unauthorised' });
    server.answer = (_asked, response) => plain(response, 404, '<html><title>Not found</title></html>');
    await assert.rejects(monitor.debugTail(7), { name: 'PandaError' });
  });
});

import assert from 'node:assert/strict';
import { openSandbox, type Sandbox } from './sandbox.ts';

describe('jobs of the sandbox', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.close());

  it('go from submission to their end', async () => {
    const [id = 0] = await sandbox.submit([{ jobName: 'whole' }], ['out.txt']);
    assert.equal((await sandbox.describeJob(id)).jobStatus, 'defined');
    sandbox.setUp();
    const [job] = await sandbox.acquire({ prod_source_label: 'user', node: 'slot1@here' });
    assert.deepEqual([job?.PandaID, job?.outFiles], [id, 'whole.job.log.tgz,whole.out.txt']);
    await sandbox.update(id, 'running', { pilot_id: 'http://127.0.0.1/storage/1/pilotlog.txt|sandbox|PR|x' });
    const facts = { guid: 'g', fsize: 3, adler32: '01020304' };
    const report = JSON.stringify({ 'whole.job.log.tgz': facts, 'whole.out.txt': facts });
    await sandbox.update(id, 'finished', { job_output_report: report, trans_exit_code: 0 });
    assert.equal((await sandbox.describeJob(id)).jobStatus, 'holding');
    sandbox.server.background.addOutputs(0);
    const { jobStatus, transExitCode, outputFileBytes } = await sandbox.describeJob(id);
    assert.deepEqual([jobStatus, transExitCode, outputFileBytes], ['finished', '0', 3]);
  });

  it('are handed out by priority and age, each once, where they fit', async () => {
    const managed = { prodSourceLabel: 'managed', taskID: 1 };
    const ids = await sandbox.submit([
      { ...managed, jobName: 'low', currentPriority: 10 },
      { ...managed, jobName: 'high', currentPriority: 900 },
      { ...managed, jobName: 'low too', currentPriority: 10 },
      { ...managed, jobName: 'big', currentPriority: 5, minRamCount: 9000, coreCount: 8, maxDiskCount: 700 },
      { ...managed, jobName: 'elsewhere', computingSite: 'SANDBOX-OFFLINE' },
    ]);
    sandbox.setUp();
    const taken = async (more: object): Promise<unknown[]> =>
      (await sandbox.acquire({ prod_source_label: 'managed', n_jobs: 9, ...more })).map(
        ({ PandaID }) => PandaID,
      );
    assert.deepEqual(await taken({ prod_source_label: 'user' }), []);
    assert.deepEqual(await taken({ memory: 100, n_jobs: 1 }), [ids[1]]);
    assert.deepEqual(await taken({ disk_space: 100 }), [ids[0], ids[2]]);
    assert.deepEqual(await taken({ resource_type: 'SCORE' }), []);
    assert.deepEqual(await taken({}), [ids[3]]);
    assert.deepEqual(await taken({}), []);
  });

  it('are handed to the sandbox’s own pilot whatever their label, also at the test queue', async () => {
    const labels = ['user', 'panda', 'managed', 'test', 'ptest'];
    for (const prodSourceLabel of labels) {
      await sandbox.submit([{ jobName: prodSourceLabel, prodSourceLabel, computingSite: 'SANDBOX-TEST' }]);
    }
    sandbox.setUp();
    const jobs = await sandbox.acquire({ site_name: 'SANDBOX-TEST', n_jobs: 9 });
    assert.deepEqual(jobs.map(({ jobName }) => jobName).sort(), [...labels].sort());
  });

  it('belong to the holder of the token, whatever name they carry', async () => {
    const ids = await sandbox.submit([{ jobName: 'x', prodUserName: 'somebody else' }]);
    assert.deepEqual((await sandbox.call('job/kill', { job_ids: ids })).data, [true]);
  });

  it('run on after a kill until the pilot obeys', async () => {
    const ids = await sandbox.submit([{ jobName: 'x' }]);
    sandbox.setUp();
    const [id = 0] = ids;
    await sandbox.update(id, 'running');
    assert.deepEqual((await sandbox.call('job/kill', { job_ids: ids })).data, [true]);
    assert.deepEqual((await sandbox.call(`job/get_status?job_ids=${id}`)).data, [
      { status: 'running', command: 'tobekilled' },
    ]);
    assert.deepEqual((await sandbox.update(id, 'running')).data, { StatusCode: 0, command: 'tobekilled' });
    await sandbox.update(id, 'failed', { pilot_error_code: 1144 });
    sandbox.server.background.addOutputs(0);
    assert.equal((await sandbox.describeJob(id)).jobStatus, 'cancelled');
  });

  it('get ids that no later sandbox gives again', async () => {
    let time = Date.UTC(2026, 10, 23, 12);
    const other = await openSandbox({ now: () => time });
    const [first = 0] = await other.submit([{ jobName: 'x' }]);
    assert.equal(first, Math.floor(time / 1000));
    await other.close();
    time += 60_000;
    const reset = await openSandbox({ now: () => time });
    const [later = 0] = await reset.submit([{ jobName: 'x' }]);
    await reset.close();
    assert.ok(later > first);
  });

  it('are cut to 5000 in one call', async () => {
    const ids = await sandbox.submit(
      Array.from({ length: 5001 }, (_item, index) => ({ jobName: `j${index}` })),
    );
    assert.equal(new Set(ids).size, 5000);
  });

  it('are refused one by one where a column cannot hold a value', async () => {
    const { data } = await sandbox.call('job/submit', {
      jobs: JSON.stringify([]),
    });
    assert.equal(data, null);
    const ids = await sandbox.submit([
      { jobName: 'n'.repeat(257) },
      { jobName: 'n'.repeat(256) },
      { jobName: 'é'.repeat(256) },
      { jobName: 'x', minRamCount: 'much' },
      { jobName: 'x', minRamCount: 1e300 },
    ]);
    assert.deepEqual(
      ids.map((id) => typeof id),
      ['string', 'number', 'number', 'string', 'string'],
    );
    assert.deepEqual(ids[0], 'NULL');
  });

  it('keep what pilots say, cut to its column', async () => {
    const [id = 0] = await sandbox.submit([{ jobName: 'x' }]);
    sandbox.setUp();
    await sandbox.update(id, 'running', {
      pilot_error_diag: 'd'.repeat(600),
      avg_rss: 12.9,
      tot_rchar: 4096,
    });
    const { pilotErrorDiag, avgRSS, totRCHAR } = await sandbox.describeJob(id);
    assert.deepEqual([String(pilotErrorDiag).length, avgRSS, totRCHAR], [500, 12, 4]);
  });

  it('answer 500 with a plain sentence when the database fails, and go on afterwards', async () => {
    const told: string[] = [];
    const other = await openSandbox({
      onError: (what) => told.push(what),
      now: () => {
        throw Object.assign(new Error('database or disk is full at /secret/path'), { errcode: 13 });
      },
    });
    const answer = await other.post('/api/v1/job/submit', { jobs: '[[[]]]' });
    assert.deepEqual([answer.status, answer.text], [500, 'ERROR : no space is left on the disk']);
    assert.equal(told.length, 1);
    assert.ok((await other.call('system/is_alive')).success);
    await other.close();
  });
});

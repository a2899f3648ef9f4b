import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Identity } from '../../../../src/sandbox/server/identity.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { caller } from './storedJobs.ts';

const VALUE = 'https://s3.example.org/m?X-Amz-Signature=abc';

describe('secrets of users, in the sandbox', () => {
  let sandbox: Sandbox;
  let folder: string;
  let who: Identity;

  const open = (): Promise<Sandbox> =>
    openSandbox({ dataFolder: folder, authenticate: () => ({ kind: 'known', identity: who }) });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-creds-'));
    who = caller('tester', { production: true, ownsEverything: true });
    sandbox = await open();
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  const set = (key: unknown, value: unknown) => sandbox.call('creds/set_user_secrets', { key, value });
  const texts = async (query = ''): Promise<unknown> =>
    (await sandbox.call(`creds/get_user_secrets${query}`)).data;

  it('are kept for the person behind a name, through a restart', async () => {
    who = caller('/DC=org/CN=Alice Adams 12345');
    await set('A', 'one');
    await set('B', 'ü "quoted" \\ \u007f');
    await set('A', 'two');
    await sandbox.close();
    sandbox = await open();
    who = caller('Alice Adams/CN=nickname:aa');
    assert.equal(await texts(), '{"A": "two", "B": "\\u00fc \\"quoted\\" \\\\ \\u007f"}');
    who = caller('alice adams');
    assert.equal(await texts(), '{}');
  });

  it('are named, removed one by one, or all', async () => {
    for (const key of ['A', 'B', 'C', '___file___:D', '__proto__']) await set(key, 'x');
    assert.equal(await texts('?keys=A&keys=nobody'), '{"A": "x"}');
    assert.equal(await texts('?keys=A,C'), '{"A": "x", "C": "x"}');
    assert.equal(await texts('?keys='), await texts());
    await set('A', null);
    await set('D', null);
    assert.deepEqual(await set('nobody', null), { success: true, message: 'OK', data: null });
    assert.equal(await texts(), '{"B": "x", "C": "x", "__proto__": "x"}');
    await sandbox.call('creds/set_user_secrets', {});
    assert.equal(await texts(), '{}');
  });

  it('that are no texts are refused without being shown', async () => {
    const { success, message } = await set('A', { secret: VALUE });
    assert.deepEqual([success, message], [false, "Type error: 'value' must be of type str, got dict."]);
  });

  it('go along with jobs that use them, whoever’s they are', async () => {
    await set('A', VALUE);
    who = caller('Bob Brown');
    await set('A', 'of Bob');
    who = caller('tester', { production: true, ownsEverything: true });
    await sandbox.submit([
      { jobName: 'uses', specialHandling: 'us' },
      { jobName: 'uses too', specialHandling: 'x,us,y' },
      { jobName: 'plain' },
      { jobName: 'other word', specialHandling: 'bus' },
    ]);
    await sandbox.submit([{ jobName: 'of Bob', specialHandling: 'us', prodUserName: 'Bob Brown' }]);
    await sandbox.submit([{ jobName: 'of nobody', specialHandling: 'us', prodUserName: 'nobody' }]);
    sandbox.setUp();
    const jobs = await sandbox.acquire({ prod_source_label: 'user', n_jobs: 9 });
    assert.deepEqual(Object.fromEntries(jobs.map((job) => [job.jobName, job.secrets])), {
      uses: `{"A": "${VALUE}"}`,
      'uses too': `{"A": "${VALUE}"}`,
      plain: undefined,
      'other word': undefined,
      'of Bob': '{"A": "of Bob"}',
      // On a real server it would have none; here every job is the one user's.
      'of nobody': `{"A": "${VALUE}"}`,
    });
  });

  it('are still used when debugging is turned off', async () => {
    const [id = 0] = await sandbox.submit([{ jobName: 'x', specialHandling: 'us' }]);
    sandbox.setUp();
    await sandbox.call('job/set_debug_mode', { job_id: id, mode: false });
    assert.equal((await sandbox.describeJob(id)).specialHandling, 'us');
  });

  it('are shown by nothing else', async () => {
    await set('A', VALUE);
    const [id = 0] = await sandbox.submit([{ jobName: 'x', specialHandling: 'us' }]);
    sandbox.setUp();
    assert.equal((await sandbox.acquire({ prod_source_label: 'user' })).length, 1);
    await sandbox.update(id, 'running');
    await sandbox.call('job/set_debug_mode', { job_id: id, mode: true });
    const pages = [
      '/jobs/?json',
      `/job/${id}/?json`,
      `/jobstatuslog/${id}/?json`,
      `/filebrowser/?json&pandaid=${id}`,
      `/storage/${id}/panda_secrets.json`,
      '/panda.db',
      `/api/v1/job/generate_offline_execution_script?job_id=${id}`,
      `/api/v1/job/get_status?job_ids=${id}`,
      '/api/v1/system/get_attributes',
      '/api/v1/creds/get_proxy',
    ];
    const shown = await Promise.all(pages.map(async (page) => (await sandbox.get(page)).text));
    shown.push(JSON.stringify(await sandbox.describeJob(id)));
    shown.push(JSON.stringify(await sandbox.update(id, 'running')));
    assert.equal(shown.filter((text) => text.includes(String(id))).length >= 4, true, 'they are of the job');
    assert.ok(!shown.join('\n').includes('X-Amz'));
    await sandbox.close();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const { name, parentPath } of entries.filter((entry) => entry.isFile())) {
      const text = await readFile(path.join(parentPath, name), 'latin1');
      assert.equal(text.includes('X-Amz'), name.startsWith('panda.db'), name);
    }
    sandbox = await open();
  });
});

import assert from 'node:assert/strict';
import { createPandaClient, type MonitorApi, type PandaClient } from '../../../../src/panda/index.ts';
import { sandboxProfile } from '../../../../src/sandbox/index.ts';
import { openTaskSandbox, scriptTask, type TaskSandbox } from './taskSandbox.ts';

type Row = Readonly<Record<string, unknown>>;

describe('tasks in the monitor of the sandbox', () => {
  let sandbox: TaskSandbox;
  let client: PandaClient;
  let monitor: MonitorApi;
  let id: number;
  before(async () => {
    sandbox = await openTaskSandbox();
    const { url, token } = sandbox.server;
    client = createPandaClient(sandboxProfile({ url, token, pid: 1, startedAt: 0 }, 'tester'));
    assert.ok(client.monitor !== undefined);
    monitor = client.monitor;
    id = await sandbox.submitTask(scriptTask({ taskName: 'user.tester.one/' }));
    sandbox.step(4);
    await sandbox.endAll(id, 'finished');
    sandbox.step();
    await sandbox.submitTask(scriptTask({ taskName: 'user.tester.two/' }));
    sandbox.step(4);
  });
  after(async () => {
    client.dispose();
    await sandbox.close();
  });

  const get = async (target: string): Promise<unknown> => {
    const { status, text } = await sandbox.get(target);
    assert.equal(status, 200, text);
    return JSON.parse(text);
  };
  const names = async (query: string): Promise<unknown[]> =>
    ((await get(`/tasks/?json&${query}`)) as Row[]).map(({ taskname }) => taskname);

  it('show one, as our client reads it', async () => {
    const task = await monitor.task(id);
    assert.deepEqual(
      [task.name, task.state, task.user, task.inputs],
      ['user.tester.one/', 'done', 'tester', { total: 3, finished: 3, failed: 0 }],
    );
    assert.ok(task.creationTime !== null && task.endTime !== null && task.endTime >= task.creationTime);
    const page = (await get(`/task/${id}/?json`)) as { task: Row; taskparams: Row; datasets: Row[] };
    assert.equal(page.taskparams.taskName, 'user.tester.one/');
    assert.deepEqual([page.task.jeditaskid, page.task.raw_task_params], [id, undefined]);
    const counts = page.datasets.flatMap(({ nfilesfinished }) => nfilesfinished ?? []);
    assert.deepEqual(counts, [3]);
  });

  it('are found by name, owner and state', async () => {
    assert.deepEqual(await names(''), ['user.tester.two/', 'user.tester.one/']);
    assert.deepEqual(await names('taskname=user.*.one/'), ['user.tester.one/']);
    assert.deepEqual(await names('username=tester&status=running'), ['user.tester.two/']);
    assert.deepEqual(await names('username=nobody'), []);
    assert.deepEqual(await names(`jeditaskid=${id}`), ['user.tester.one/']);
    assert.deepEqual(await names('limit=1'), ['user.tester.two/']);
    assert.equal((await sandbox.get('/tasks/?json&jeditaskid=x')).status, 400);
  });

  it('tell the states they went through', async () => {
    const states = ((await get(`/taskstatuslog/${id}/?json`)) as Row[]).map(({ status }) => status);
    assert.deepEqual([states[0], states.at(-1)], ['registered', 'done']);
  });

  it('that are not there, or no tasks, are a page of the web', async () => {
    const { status, headers } = await sandbox.get('/task/99/?json');
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=iso-8859-1']);
    await assert.rejects(monitor.task(99), /task/u);
    assert.deepEqual((await monitor.workflows()).workflows, []);
  });
});

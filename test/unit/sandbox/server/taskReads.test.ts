import assert from 'node:assert/strict';
import { openTaskSandbox, startTask, type TaskSandbox, type TaskMap } from './taskSandbox.ts';

describe('what the sandbox tells of tasks', () => {
  let sandbox: TaskSandbox;
  beforeEach(async () => {
    sandbox = await openTaskSandbox();
  });
  afterEach(() => sandbox.close());
  const started = (changes: TaskMap = {}): Promise<number> => startTask(sandbox, changes);

  it('lists tasks by time, label and attributes', async () => {
    const id = await started();
    await started({ taskName: 'user.tester.t2/', prodSourceLabel: 'test' });
    const listed = await sandbox.call('task/get_tasks_modified_since?since=2020-01-01%2000:00:00&full=true');
    const [summary, ...more] = Object.values(listed.data as Record<string, TaskMap>);
    assert.equal(more.length, 0);
    assert.deepEqual(
      [summary?.jediTaskID, summary?.taskName, summary?.outDS, summary?.statistics],
      [id, 'user.tester.t1/', 'user.tester.t1_out.txt/', 'queued*3'],
    );
    const find = async (filters: object): Promise<unknown[]> => {
      const text = encodeURIComponent(JSON.stringify(filters));
      const { data } = await sandbox.call(`task/get_tasks_detailed_info_since?filters=${text}`);
      return (data as TaskMap[] | null)?.map(({ taskName }) => taskName) ?? [];
    };
    assert.deepEqual(await find({}), ['user.tester.t1/', 'user.tester.t2/']);
    assert.deepEqual(await find({ jediTaskID: String(id) }), ['user.tester.t1/']);
    assert.deepEqual(await find({ status: 'running|done', taskName: 'user.*t2' }), ['user.tester.t2/']);
    assert.deepEqual(await find({ userName: 'somebody' }), []);
    assert.deepEqual(await find({ taskName: 'user.tester.t2*' }), ['user.tester.t1/', 'user.tester.t2/']);
    assert.deepEqual(await find({ taskName: '*t2' }), [], 'no pattern at all');
    assert.deepEqual(await find({ status: '(a+)+$' }), [], 'no pattern that could take for ever');
    assert.deepEqual(await find({ nonsense: '1' }), []);
  });

  it('names its inputs and outputs', async () => {
    const id = await started();
    const { data } = await sandbox.call(`task/get_datasets_and_files?task_id=${id}&dataset_types=output`);
    const [dataset] = data as { dataset: { name: string }; files: { lfn: string }[] }[];
    assert.equal(dataset?.dataset.name, 'user.tester.t1_out.txt/');
    assert.equal(dataset.files.length, 3);
    const inputs = await sandbox.call(`task/get_datasets_and_files?task_id=${id}`);
    assert.deepEqual(
      (inputs.data as { dataset: { name: string }; files: unknown[] }[]).map(({ dataset: { name } }) => name),
      ['pseudo_dataset', 'seq_number'],
    );
  });
});

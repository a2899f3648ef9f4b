import assert from 'node:assert/strict';
import type { PandaClient, TaskParameters } from '../../../../src/panda/index.ts';
import { queryPairs, type Recorded } from '../../transcripts/recordings.ts';
import type { Replay } from '../replay.ts';

/** The client's calls about tasks by the path they go to. */
export const taskReplays: Readonly<Record<string, (recorded: Recorded) => Replay>> = {
  'task/submit': () => ({
    call: (client) => client.tasks.submit(validTask),
    check: (result, recorded) =>
      assert.deepEqual(result, {
        kind: 'accepted',
        taskId: dataOf(recorded),
        message: messageOf(recorded),
      }),
  }),
  'task/get_status': (recorded) => ({
    call: (client) => client.tasks.getStatus(taskIdOf(recorded)),
    check: (result) => assert.equal(result, dataOf(recorded)),
    ...nullWhereUnknown(recorded),
  }),
  'task/get_details': (recorded) => ({
    call: (client) =>
      client.tasks.getDetails(taskIdOf(recorded), {
        withState: asks(recorded, 'include_status'),
        withCommandLine: asks(recorded, 'include_parameters'),
      }),
    check: (result) => {
      const { inDS, outDS, PandaID, mergePandaID } = dataOf(recorded) as Record<string, unknown>;
      assert.deepEqual([inDS, outDS], ['', '']);
      assert.deepEqual(result, {
        taskId: taskIdOf(recorded),
        state: null,
        inputDatasets: [],
        outputDatasets: [],
        inputs: {},
        pandaIds: PandaID,
        mergePandaIds: mergePandaID,
        commandLine: null,
      });
    },
    ...nullWhereUnknown(recorded),
  }),
  'task/get_task_parameters': (recorded) => ({
    call: (client) => client.tasks.getTaskParameters(taskIdOf(recorded)),
    check: (result) => assert.deepEqual(result, dataOf(recorded)),
    ...nullWhereUnknown(recorded),
  }),
  'task/get_job_ids': (recorded) => ({
    call: (client) => client.tasks.getJobIds(taskIdOf(recorded)),
    check: (result) => assert.deepEqual(result, dataOf(recorded)),
  }),
  'task/get_job_descriptions': (recorded) => ({
    call: (client) => client.tasks.getJobDescriptions(taskIdOf(recorded)),
    check: (result) => assert.deepEqual(result, { jobs: dataOf(recorded), isCut: false }),
  }),
  'task/get_tasks_modified_since': () => ({
    call: (client) => client.tasks.getTasksModifiedSince(0),
    check: (result, recorded) => {
      assert.deepEqual(dataOf(recorded), {});
      assert.deepEqual(result, []);
    },
  }),
  'task/kill_unfinished_jobs': (recorded) => ({
    call: (client) => client.tasks.killUnfinishedJobs(taskIdOf(recorded)),
    check: (result) => assert.deepEqual(result, dataOf(recorded)),
  }),
  'task/kill': command((tasks, id) => tasks.kill(id)),
  'task/finish': command((tasks, id) => tasks.finish(id)),
  'task/retry': command((tasks, id, { new_parameters: newParameters }) =>
    tasks.retry(
      id,
      newParameters === undefined
        ? {}
        : { newParameters: newParameters as Readonly<Record<string, unknown>> },
    ),
  ),
  'task/pause': command((tasks, id) => tasks.pause(id)),
  'task/resume': command((tasks, id) => tasks.resume(id)),
  'task/reload_input': command((tasks, id) => tasks.reloadInput(id)),
  'task/increase_attempts': command((tasks, id, { increase }) =>
    tasks.increaseAttempts(id, Number(increase)),
  ),
};

/** A task that the client does not refuse by itself. */
const validTask: TaskParameters = {
  taskName: 'user.jane.replay/',
  vo: 'lsst',
  prodSourceLabel: 'user',
  processingType: 'replay',
  architecture: '',
  transUses: '',
  transHome: null,
  jobParameters: [{ type: 'constant', value: 'echo hello' }],
};

function command(
  call: (
    tasks: PandaClient['tasks'],
    id: number,
    body: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>,
): (recorded: Recorded) => Replay {
  return (recorded) => ({
    call: (client) => call(client.tasks, taskIdOf(recorded), bodyOf(recorded)),
    check: (result) => assert.deepEqual(result, { taskId: taskIdOf(recorded), message: messageOf(recorded) }),
  });
}

function nullWhereUnknown(recorded: Recorded): { readonly refusalResult?: null } {
  return messageOf(recorded).startsWith('Task not found') ? { refusalResult: null } : {};
}

function asks({ request }: Recorded, name: string): boolean {
  return queryPairs(request).some(([key, value]) => key === name && value === 'true');
}

function taskIdOf(recorded: Recorded): number {
  const asked = queryPairs(recorded.request).find(([name]) => name === 'task_id')?.[1];
  const id = asked ?? bodyOf(recorded).task_id;
  return typeof id === 'number' ? id : 1;
}

function bodyOf({ request }: Recorded): Readonly<Record<string, unknown>> {
  return typeof request.body === 'object' && request.body !== null
    ? (request.body as Record<string, unknown>)
    : {};
}

function dataOf({ response }: Recorded): unknown {
  return (response.body as { data: unknown }).data;
}

function messageOf({ response }: Recorded): string {
  return (response.body as { message: string }).message;
}

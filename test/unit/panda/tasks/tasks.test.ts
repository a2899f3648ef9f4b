import assert from 'node:assert/strict';
import {
  InvalidTaskError,
  isFinalTask,
  PandaError,
  takesCommand,
  TASK_STATES,
  taskCommandRule,
  taskPhase,
  taskStateOrder,
  validateTaskParameters,
} from '../../../../src/panda/index.ts';
import type { PandaClient, TaskParameters } from '../../../../src/panda/index.ts';
import { no, ok, plain, startFakeServer } from '../fakeServer.ts';
import type { FakeServer } from '../fakeServer.ts';

const TASK: TaskParameters = {
  taskName: 'user.jane.t1/',
  uniqueTaskName: true,
  vo: 'lsst',
  prodSourceLabel: 'user',
  processingType: 'test-jedi-run',
  architecture: '',
  transUses: '',
  transHome: null,
  nEvents: 3,
  jobParameters: [{ type: 'constant', value: '-j ""' }],
};

describe('tasks', () => {
  let server: FakeServer;
  let tasks: PandaClient['tasks'];
  beforeEach(async () => {
    server = await startFakeServer();
    ({ tasks } = server.client());
  });
  afterEach(() => server.close());

  const errorOf = async (call: Promise<unknown>): Promise<PandaError> => {
    const error: unknown = await call.then(
      () => assert.fail('it did not reject'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PandaError, String(error));
    return error;
  };

  describe('submit', () => {
    it('tells a new task from one that is there, and from one that is run again', async () => {
      const answers: [boolean, string, unknown][] = [
        [true, 'succeeded. new jediTaskID=7', 7],
        [
          false,
          'jediTaskID=7 is already queued for outDS=user.jane.t1/. You cannot submit duplicated tasks. ',
          1,
        ],
        [false, 'jediTaskID=7 is in the running state for outDS=user.jane.t1/. You can re-submit', 2],
        [true, 'reactivation accepted. jediTaskID=7 (currently in done state) will be re-executed', 7],
      ];
      const kinds: string[] = [];
      for (const [success, message, data] of answers) {
        server.answer = (_asked, response) =>
          success ? ok(response, data, message) : no(response, message, data);
        const outcome = await tasks.submit(TASK, { parentTaskId: 5 });
        assert.equal(outcome.taskId, 7);
        kinds.push(outcome.kind);
      }
      assert.deepEqual(kinds, ['accepted', 'duplicate', 'duplicate', 'incremental']);
      assert.deepEqual(JSON.parse(server.asked[0]!.text), { task_parameters: TASK, parent_tid: 5 });
    });

    it('says what a refusal means', async () => {
      const advice: string[] = [];
      for (const code of [4, 10, 11]) {
        server.answer = (_asked, response) => no(response, 'failed to register task', code);
        const error = await errorOf(tasks.submit(TASK));
        assert.equal(error.kind, 'rejected');
        assert.equal(error.mayHaveActed, false);
        advice.push(error.advice);
      }
      assert.equal(new Set(advice).size, 3);
    });

    it('an answer without an id, and a lost one, leave open what happened', async () => {
      server.answer = (_asked, response) => ok(response, null, 'succeeded');
      assert.equal((await errorOf(tasks.submit(TASK))).mayHaveActed, true);
      server.answer = (_asked, response) => void response.destroy();
      assert.equal((await errorOf(tasks.submit(TASK))).mayHaveActed, true);
      assert.equal(server.asked.length, 2);
    });

    it('sends nothing that would be refused, and names every problem', async () => {
      const long = `user.jane.${'x'.repeat(130)}/`;
      const bad = {
        ...TASK,
        taskName: '',
        vo: 'a name too long for a VO',
        transHome: undefined as unknown as null,
        maxAttempt: 51,
        nEvents: 0,
        log: { type: 'template', param_type: 'log', value: 'ü.log', dataset: long },
        jobParameters: [
          { type: 'constant', value: 'a\0b' },
          { type: 'template', value: '${X}', param_type: 'strange' as 'log', dataset: 'x' },
          { type: 'template', value: 'x', param_type: 'output' },
        ],
      } as const satisfies TaskParameters;
      const error = await errorOf(tasks.submit(bad));
      assert.ok(error instanceof InvalidTaskError);
      assert.deepEqual(
        error.problems.map(({ where }) => where),
        [
          'taskName',
          'transHome',
          'vo',
          'nEvents',
          'maxAttempt',
          'jobParameters[0].value',
          'jobParameters[1].param_type',
          'jobParameters[2].dataset',
          'log.dataset',
          'log.value',
        ],
      );
      assert.equal((await errorOf(tasks.submit(TASK, { parentTaskId: -1 }))).kind, 'rejected');
      assert.equal(server.asked.length, 0);
      assert.deepEqual(validateTaskParameters({ ...TASK, jobParameters: [] }), [
        { where: 'jobParameters', message: 'are missing' },
      ]);
    });
  });

  describe('reads', () => {
    it('a state, or null for a task that is not known', async () => {
      server.answer = (_asked, response) => ok(response, 'brandnew');
      assert.equal(await tasks.getStatus(7), 'brandnew');
      server.answer = (_asked, response) => no(response, 'Task not found');
      assert.equal(await tasks.getStatus(7), null);
      assert.equal(await tasks.getTaskParameters(7), null);
      server.answer = (_asked, response) => no(response, 'Task not found or error retrieving the details');
      assert.equal(await tasks.getDetails(7, { withState: true }), null);
      server.answer = (_asked, response) => no(response, 'SSL secure connection is required');
      assert.equal((await errorOf(tasks.getStatus(7))).kind, 'unauthorised');
    });

    it('details: data sets, and what became of the inputs', async () => {
      server.answer = (_asked, response) =>
        ok(response, {
          inDS: 'a,b',
          outDS: 'user.jane.t1.log/',
          statistics: 'tobedone*2,finished*1,failed*1,finished*2,odd,x*y,none*0',
          PandaID: [12, 11],
          mergeStatus: null,
          mergePandaID: [],
          status: 'running',
          cliParams: 'prun --exec x',
        });
      assert.deepEqual(await tasks.getDetails(7, { withState: true, withCommandLine: true }), {
        taskId: 7,
        state: 'running',
        inputDatasets: ['a', 'b'],
        outputDatasets: ['user.jane.t1.log/'],
        inputs: { tobedone: 2, finished: 3, failed: 1 },
        pandaIds: [12, 11],
        mergePandaIds: [],
        commandLine: 'prun --exec x',
      });
      assert.deepEqual(
        [...server.asked[0]!.query],
        [
          ['task_id', '7'],
          ['include_parameters', 'true'],
          ['include_status', 'true'],
        ],
      );
    });

    it('jobs of a task, and says where the server may have left some out', async () => {
      const job = { PandaID: 11, jobStatus: 'failed', jobDuration: 3.5, Files: [] };
      server.answer = (_asked, response) => ok(response, [job]);
      const { jobs, isCut } = await tasks.getJobDescriptions(7, { unsuccessfulOnly: true });
      assert.deepEqual([jobs[0]?.PandaID, jobs[0]?.unknown, isCut], [11, { jobDuration: 3.5 }, false]);
      assert.equal(server.asked[0]?.query.get('unsuccessful_only'), 'true');
      server.answer = (_asked, response) => ok(response, Array<unknown>(5500).fill(job));
      assert.equal((await tasks.getJobDescriptions(7)).isCut, true);
    });

    it('tasks since a time, by id, with details where they are asked for', async () => {
      const task = {
        jediTaskID: 9,
        modificationTime: { __datetime__: '2026-11-23T02:44:50.081320' },
        creationDate: { __datetime__: '2026-11-23T02:44:49' },
        status: 'done',
        processingType: 'test-jedi-run',
        reqID: 9,
        site: null,
        cloud: 'US',
        taskName: 'user.jane.t2/',
      };
      const digest = { inDS: 'seq_number', outDS: '', statistics: 'finished*3', cliParams: '' };
      server.answer = (_asked, response) =>
        ok(response, { 9: { ...task, ...digest }, 8: { ...task, jediTaskID: 8 } });
      const list = await tasks.getTasksModifiedSince(Date.UTC(2026, 10, 23, 1, 2, 3, 999), {
        owner: 'Jane Doe',
        prodSourceLabel: 'test',
        withDetails: true,
        minTaskId: 3,
      });
      assert.deepEqual(
        list.map(({ taskId, details }) => [taskId, details]),
        [
          [8, null],
          [
            9,
            { inputDatasets: ['seq_number'], outputDatasets: [], inputs: { finished: 3 }, commandLine: null },
          ],
        ],
      );
      assert.equal(list[1]?.modificationTime, Date.UTC(2026, 10, 23, 2, 44, 50, 81));
      assert.deepEqual(Object.fromEntries(server.asked[0]!.query), {
        since: '2026-11-23 01:02:03',
        dn: 'Jane Doe',
        full: 'true',
        min_task_id: '3',
        prod_source_label: 'test',
      });
    });

    it('answers of another shape are refused', async () => {
      const calls: (() => Promise<unknown>)[] = [
        () => tasks.getStatus(7),
        () => tasks.getDetails(7),
        () => tasks.getTaskParameters(7),
        () => tasks.getJobIds(7),
        () => tasks.getJobDescriptions(7),
        () => tasks.getTasksModifiedSince(0),
        () => tasks.killUnfinishedJobs(7),
      ];
      for (const data of [null, 7, [{}], ['x'], [-1], [1.5], [null]]) {
        server.answer = (_asked, response) => ok(response, data);
        for (const call of calls) assert.equal((await errorOf(call())).kind, 'protocol');
      }
      server.answer = (_asked, response) => plain(response, 200, '{"success": true, "data": {"PandaID": [1');
      assert.equal((await errorOf(tasks.getDetails(7))).kind, 'protocol');
    });

    it('what is no id of a task is not asked for', async () => {
      for (const id of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
        await assert.rejects(async () => tasks.getStatus(id), PandaError);
        await assert.rejects(async () => tasks.kill(id), PandaError);
        await assert.rejects(async () => tasks.killUnfinishedJobs(id), PandaError);
      }
      await assert.rejects(async () => tasks.getTasksModifiedSince(Number.NaN), PandaError);
      assert.equal(server.asked.length, 0);
    });
  });

  describe('commands', () => {
    const REGISTERED = 'command=kill is registered for task ID 7. will be executed in a few minutes';

    it('resolve when the server has taken them down', async () => {
      server.answer = (_asked, response) => ok(response, 0, REGISTERED);
      const taken = { taskId: 7, message: REGISTERED };
      assert.deepEqual(await tasks.kill(7), taken);
      assert.deepEqual(await tasks.finish(7, { soft: true }), taken);
      assert.deepEqual(await tasks.retry(7, { noChildRetry: true }), taken);
      assert.deepEqual(await tasks.increaseAttempts(7, 2), taken);
      assert.deepEqual(
        server.asked.map(({ path, text }) => [
          path.replace('/api/v1/task/', ''),
          JSON.parse(text) as unknown,
        ]),
        [
          ['kill', { task_id: 7 }],
          ['finish', { task_id: 7, soft: true }],
          ['retry', { task_id: 7, no_child_retry: true }],
          ['increase_attempts', { task_id: 7, increase: 2 }],
        ],
      );
    });

    it('a retry is judged by its code, as success is always true', async () => {
      for (const data of [1, 2, 4, null]) {
        server.answer = (_asked, response) => ok(response, data, 'no');
        await errorOf(tasks.retry(7));
      }
      server.answer = (_asked, response) => ok(response, 3, 'reactivation accepted. jediTaskID=8 (currently');
      await errorOf(tasks.retry(7));
      assert.equal((await tasks.retry(7, { newParameters: { ramCount: 4000 } })).taskId, 8);
    });

    it('refusals say what the user can do', async () => {
      const told = async (
        message: string,
        data: unknown,
        call: () => Promise<unknown>,
      ): Promise<PandaError> => {
        server.answer = (_asked, response) => no(response, message, data);
        return errorOf(call());
      };
      const unknown = await told('jediTaskID=7 not found', 2, () => tasks.kill(7));
      assert.equal(unknown.kind, 'notFound');
      assert.match(unknown.advice, /not taken it up yet/u);
      const owner = await told('not the task owner or no production role', null, () => tasks.kill(7));
      assert.equal(owner.kind, 'unauthorised');
      assert.match(owner.advice, /not taken it up yet/u);
      const state = await told(
        'Command rejected: the retry command is not accepted if the task is in done status ',
        4,
        () => tasks.retry(7),
      );
      assert.match(state.advice, /Wait until the task is finished, failed/u);
      const role = await told('production or pilot role required', null, () => tasks.pause(7));
      assert.equal(role.kind, 'unauthorised');
      const merge = await told('new parameter conversion failed with Expecting value', 1, () =>
        tasks.retry(7, { newParameters: { site: 'X' } }),
      );
      assert.match(merge.advice, /not taken it up yet/u);
    });

    it('ends jobs of a task', async () => {
      server.answer = (_asked, response) => ok(response, [true, false]);
      assert.deepEqual(await tasks.killUnfinishedJobs(7, { code: 9 }), [true, false]);
      assert.deepEqual(JSON.parse(server.asked[0]!.text), { task_id: 7, code: 9 });
    });
  });

  describe('states', () => {
    it('each has a phase and a place; five are final', () => {
      assert.deepEqual(TASK_STATES.filter(isFinalTask), ['done', 'finished', 'failed', 'aborted', 'broken']);
      assert.ok(
        TASK_STATES.every((state, index) => taskPhase(state) !== null && taskStateOrder(state) === index),
      );
      assert.deepEqual([taskPhase('brandnew'), isFinalTask('brandnew')], [null, false]);
      assert.equal(taskStateOrder('brandnew'), TASK_STATES.length);
    });

    it('commands need certain states, and some the production role', () => {
      assert.ok(takesCommand('running', 'kill') && takesCommand('paused', 'kill'));
      assert.ok(!takesCommand('done', 'kill') && !takesCommand('done', 'retry'));
      assert.ok(takesCommand('done', 'reloadInput') && takesCommand('running', 'retry'));
      assert.ok(takesCommand('brandnew', 'retry'));
      assert.ok(taskCommandRule('retry').productionStates.has('exhausted'));
      assert.ok(!taskCommandRule('retry').productionStates.has('failed'));
      assert.ok(taskCommandRule('pause').productionStates.has('running'));
    });
  });
});

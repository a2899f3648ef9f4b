import assert from 'node:assert/strict';
import { isEnded, openTaskSandbox, scriptTask, type TaskMap, type TaskSandbox } from './taskSandbox.ts';

/** Steps from a submission to jobs: taken up, defined, inputs laid out, jobs made. */
const TO_JOBS = 4;

describe('the sandbox’s task engine', () => {
  let sandbox: TaskSandbox;
  beforeEach(async () => {
    sandbox = await openTaskSandbox();
  });
  afterEach(() => sandbox.close());

  async function started(changes: TaskMap = {}): Promise<number> {
    const id = await sandbox.submitTask(scriptTask(changes));
    sandbox.step(TO_JOBS);
    return id;
  }

  it('knows a task only when it has taken it up, and then leads it to its end', async () => {
    const id = await sandbox.submitTask(scriptTask());
    assert.ok(id > 10_000_000, 'clients take lower numbers for ids of requests');
    const seen: (string | null)[] = [await sandbox.status(id)];
    for (let step = 0; step < TO_JOBS; step++) {
      sandbox.step();
      seen.push(await sandbox.status(id));
    }
    assert.deepEqual(seen, [null, 'registered', 'defined', 'ready', 'running']);
    assert.equal((await sandbox.details(id)).statistics, 'activated*3');
    await sandbox.endAll(id, 'finished');
    sandbox.step();
    assert.equal(await sandbox.status(id), 'done');
    assert.equal(sandbox.server.tasks.step(), undefined, 'nothing is left to do');
    const info = await sandbox.info(id);
    assert.deepEqual(
      [info.nFiles, info.nFilesFinished, info.pctFinished, info.superStatus],
      [3, 3, 100, 'done'],
    );
  });

  it('waits a moment before it takes a task up', async () => {
    let now = 1_800_000_000_000;
    const slow = await openTaskSandbox({ taskDelay: 1000, now: () => now });
    try {
      const id = await slow.submitTask(scriptTask());
      slow.step();
      assert.equal(await slow.status(id), null);
      now += 1000;
      slow.step();
      assert.equal(await slow.status(id), 'registered');
      const late = await slow.submitTask(scriptTask({ taskName: 'user.tester.t2/' }));
      now -= 10_000;
      slow.step();
      assert.equal(await slow.status(late), 'registered', 'a clock that was put back keeps nothing waiting');
    } finally {
      await slow.close();
    }
  });

  it('makes jobs as the task engine does', async () => {
    const id = await started({ ramCount: 1000, ramCountUnit: 'MBPerCore', coreCount: 2, maxWalltime: 2 });
    const jobs = await sandbox.jobsOf(id);
    const [first] = jobs;
    assert.equal(
      first?.jobParameters,
      `-j "" --sourceURL ${sandbox.server.url} -r . -a jobO.x.tar.gz -o "{'out.txt': 'user.tester.${id}._000001.out.txt'}" -p "./run.sh%206"`,
    );
    assert.equal(first.transformation, `${sandbox.server.url}/trf/user/runGen-00-00-02`);
    assert.deepEqual(
      jobs.map(({ jobParameters }) => /%20(\d+)"$/u.exec(jobParameters)?.[1]),
      ['6', '7', '8'],
    );
    assert.deepEqual(
      first.Files.map(({ type, lfn, dataset }) => [type, lfn, dataset]),
      [
        ['pseudo_input', 'pseudo_lfn', 'pseudo_dataset'],
        ['output', `user.tester.${id}._000001.out.txt`, 'user.tester.t1_out.txt/'],
        ['log', `user.tester.t1.log.${id}.000001.log.tgz`, 'user.tester.t1.log/'],
      ],
    );
    const { jediTaskID, reqID, jobsetID, minRamCount, coreCount, maxWalltime, prodUserName, jobName } = first;
    assert.deepEqual(
      { jediTaskID, reqID, jobsetID, minRamCount, coreCount, maxWalltime, prodUserName, jobName },
      {
        jediTaskID: id,
        reqID: id,
        jobsetID: id,
        minRamCount: 2000,
        coreCount: 2,
        maxWalltime: 7200,
        prodUserName: 'tester',
        jobName: `user.tester.t1/.${first.PandaID}`,
      },
    );
  });

  it('tries what failed again, as a new job, until it may no more', async () => {
    const id = await started({ nEvents: 2, maxAttempt: 2 });
    const [a, b] = await sandbox.jobsOf(id);
    await sandbox.end(a!, 'failed');
    await sandbox.end(b!, 'finished');
    sandbox.step(2);
    const [, , again] = await sandbox.jobsOf(id);
    assert.equal(again?.attemptNr, 1);
    assert.equal(again.parentID, a!.PandaID);
    assert.equal(again.jobName, a!.jobName, 'attempts are named after the first one');
    assert.match(
      again.jobParameters,
      /_000003\.out\.txt.*%206"$/u,
      'the same number, outputs of another name',
    );
    await sandbox.end(again, 'failed');
    sandbox.step();
    assert.equal(await sandbox.status(id), 'finished');
    assert.equal((await sandbox.jobsOf(id)).length, 3);
    assert.equal((await sandbox.details(id)).statistics, 'finished*1,failed*1');
  });

  it('ends failed where nothing was processed, and exhausted where that was asked for', async () => {
    const failing = await started({ maxAttempt: 1, nEvents: 2 });
    const waiting = await started({
      taskName: 'user.tester.t2/',
      maxAttempt: 1,
      nEvents: 2,
      useExhausted: true,
    });
    await sandbox.endAll(failing, 'failed');
    const [a, b] = await sandbox.jobsOf(waiting);
    await sandbox.end(a!, 'finished');
    await sandbox.end(b!, 'failed');
    sandbox.step();
    assert.equal(await sandbox.status(failing), 'failed');
    assert.equal(await sandbox.status(waiting), 'exhausted');
    assert.equal(sandbox.server.tasks.step(), undefined);
    await sandbox.command('retry', waiting);
    sandbox.step(3);
    assert.equal(await sandbox.status(waiting), 'running');
  });

  it('splits lists of files, and numbers of events', async () => {
    const files = ['root://h//a', 'root://h//b', 'root://h//c'];
    const items = (scriptTask().jobParameters as TaskMap[]).slice(0, 4);
    const id = await started({
      nEvents: undefined,
      nEventsPerJob: undefined,
      pfnList: files,
      nFiles: 3,
      nFilesPerJob: 2,
      jobParameters: [
        ...items,
        { type: 'constant', value: '-i "${IN/T}"' },
        { type: 'constant', value: '${IN/L} ${SN} ${ATTEMPTNR}' },
      ],
    });
    assert.deepEqual(
      (await sandbox.jobsOf(id)).map(({ jobParameters }) => jobParameters.split('.tar.gz ')[1]),
      [
        `-i "['root://h//a', 'root://h//b']" root://h//a,root://h//b 1 0`,
        `-i "['root://h//c']" root://h//c 2 0`,
      ],
    );
    const events = await started({
      taskName: 'user.tester.t2/',
      nEvents: 25,
      nEventsPerJob: 10,
      jobParameters: [
        {
          type: 'template',
          param_type: 'number',
          value: '${MAXEVENTS} ${SKIPEVENTS} ${FIRSTEVENT}',
          offset: 100,
        },
      ],
    });
    assert.deepEqual(
      (await sandbox.jobsOf(events)).map(({ jobParameters }) => jobParameters),
      ['10 0 101', '10 10 111', '5 20 121'],
    );
  });

  it('says why a task is broken, or waits', async () => {
    const input = { type: 'template', param_type: 'input', value: '${IN}', dataset: 'mc.x' };
    const incomplete = Object.fromEntries(
      Object.entries(scriptTask({ taskName: 'user.tester.a/' })).filter(([name]) => name !== 'architecture'),
    );
    const cases: [TaskMap, string, RegExp][] = [
      [incomplete, 'broken', /architecture is missing/u],
      [
        scriptTask({ taskName: 'user.tester.b/', jobParameters: [input] }),
        'broken',
        /unknown input dataset "mc\.x"/u,
      ],
      [scriptTask({ taskName: 'user.tester.c/', buildSpec: {} }), 'broken', /build jobs/u],
      [
        scriptTask({
          taskName: 'user.tester.d/',
          jobParameters: [{ type: 'constant', value: '${SEQNUMBER}' }],
        }),
        'broken',
        /unresolved \$\{SEQNUMBER\}/u,
      ],
      [scriptTask({ taskName: 'user.tester.e/', nEvents: 1e9 }), 'broken', /Too many file record/u],
      [scriptTask({ taskName: 'user.tester.f/', site: 'NOWHERE' }), 'pending', /no queue NOWHERE/u],
      [scriptTask({ taskName: 'user.tester.g/', site: 'SANDBOX-OFFLINE' }), 'pending', /is offline/u],
      [scriptTask({ taskName: 'user.tester.h/', jobParameters: 'x' }), 'broken', /no pieces/u],
    ];
    for (const [map, status, dialog] of cases) {
      const id = await sandbox.submitTask(map);
      sandbox.step(TO_JOBS);
      const info = await sandbox.info(id);
      assert.equal(info.status, status, String(info.taskName));
      assert.match(String(info.errorDialog), dialog);
      assert.deepEqual(await sandbox.jobsOf(id), []);
    }
  });

  it('chooses a queue where none is named', async () => {
    const id = await started({ site: null });
    assert.equal((await sandbox.jobsOf(id))[0]?.computingSite, 'SANDBOX');
    const none = await started({ taskName: 'user.tester.t2/', site: null, excludedSite: ['SANDBOX'] });
    assert.equal(await sandbox.status(none), 'pending');
    await sandbox.command('reassign', none, { site: 'SANDBOX-TEST' });
    sandbox.step(4);
    assert.equal(await sandbox.status(none), 'running');
    assert.equal((await sandbox.jobsOf(none))[0]?.computingSite, 'SANDBOX-TEST');
  });

  describe('commands', () => {
    it('are taken down, and carried out later', async () => {
      const id = await started();
      const taken = await sandbox.command('kill', id);
      assert.deepEqual(taken, {
        success: true,
        message: `command=kill is registered for task ID ${id}. will be executed in a few minutes`,
        data: 0,
      });
      assert.equal(await sandbox.status(id), 'running');
      sandbox.step();
      assert.equal(await sandbox.status(id), 'aborting');
    });

    it('kill ends all jobs, running ones with their pilot’s next word', async () => {
      const id = await started();
      const [running] = await sandbox.jobsOf(id);
      await sandbox.update(running!.PandaID, 'running');
      await sandbox.command('kill', id);
      sandbox.step(3);
      assert.equal(await sandbox.status(id), 'aborting');
      const states = (await sandbox.jobsOf(id)).map(({ jobStatus }) => jobStatus);
      assert.deepEqual(states, ['running', 'cancelled', 'cancelled']);
      const { data } = await sandbox.update(running!.PandaID, 'failed', { pilot_error_code: 1144 });
      assert.deepEqual(data, { StatusCode: 0, command: 'tobekilled' });
      sandbox.server.background.addOutputs(0);
      sandbox.step(3);
      assert.equal(await sandbox.status(id), 'aborted');
      assert.equal((await sandbox.jobsOf(id)).length, 3, 'nothing is tried again');
      const again = await sandbox.command('kill', id);
      assert.deepEqual([again.success, again.data], [false, 4]);
      assert.match(again.message, /^Command rejected: the kill command is not accepted/u);
    });

    it('finish ends a task with what is done; a soft one lets running jobs end', async () => {
      for (const soft of [false, true]) {
        const id = await started({ taskName: `user.tester.${soft ? 'soft' : 'hard'}/` });
        const [done, running] = await sandbox.jobsOf(id);
        await sandbox.end(done!, 'finished');
        await sandbox.update(running!.PandaID, 'running');
        await sandbox.command('finish', id, { soft });
        sandbox.step(3);
        assert.equal(await sandbox.status(id), 'finishing');
        const after = await sandbox.jobsOf(id);
        assert.equal(after[1]?.commandToPilot, soft ? null : 'tobekilled');
        assert.ok(isEnded(after[2]!), 'what has not begun never will');
        await sandbox.end(after[1], soft ? 'finished' : 'failed');
        sandbox.step(3);
        assert.equal(await sandbox.status(id), 'finished');
        assert.equal(
          (await sandbox.details(id)).statistics,
          soft ? 'finished*2,failed*1' : 'finished*1,failed*2',
        );
      }
    });

    it('retry runs what failed again', async () => {
      const id = await started({ maxAttempt: 1 });
      const [done] = await sandbox.jobsOf(id);
      await sandbox.end(done!, 'finished');
      await sandbox.endAll(id, 'failed');
      sandbox.step();
      assert.equal(await sandbox.status(id), 'finished');
      assert.deepEqual(
        [(await sandbox.command('retry', id)).data, await sandbox.status(id)],
        [0, 'finished'],
      );
      sandbox.step(3);
      assert.equal(await sandbox.status(id), 'running');
      assert.equal((await sandbox.jobsOf(id)).length, 5);
      await sandbox.endAll(id, 'finished');
      sandbox.step();
      assert.equal(await sandbox.status(id), 'done');
      assert.equal((await sandbox.info(id)).attemptNr, 1);
      const refused = await sandbox.command('retry', id);
      assert.deepEqual([refused.success, refused.data], [true, 4]);
    });

    it('retry of a task at work gives its failed inputs more attempts', async () => {
      const id = await started({ maxAttempt: 1, nEvents: 2 });
      await sandbox.end((await sandbox.jobsOf(id))[0]!, 'failed');
      sandbox.step();
      assert.equal((await sandbox.jobsOf(id)).length, 2);
      const { data, message } = await sandbox.command('retry', id);
      assert.equal(data, 0);
      assert.equal(message, 'retry has been triggered for failed jobs while the task is still running');
      sandbox.step();
      assert.equal((await sandbox.jobsOf(id)).length, 3);
    });

    it('retry with new parameters, and reload, take in what is new', async () => {
      const id = await started();
      await sandbox.endAll(id, 'finished');
      sandbox.step();
      const { data, message } = await sandbox.command('retry', id, {
        new_parameters: { nEvents: 5, ramCount: 3000, taskName: 'user.tester.t1/' },
      });
      assert.equal(data, 3);
      assert.match(
        message,
        new RegExp(`^reactivation accepted. jediTaskID=${id} \\(currently in done state\\)`, 'u'),
      );
      sandbox.step(5);
      const jobs = await sandbox.jobsOf(id);
      assert.deepEqual([jobs.length, jobs.at(-1)?.minRamCount], [5, 3000]);
      assert.match(jobs.at(-1)?.jobParameters ?? '', /%2010"$/u);
      await sandbox.endAll(id, 'finished');
      sandbox.step();
      assert.equal((await sandbox.command('reload_input', id)).data, 0);
      sandbox.step(5);
      assert.equal(await sandbox.status(id), 'done', 'there is nothing new');
      assert.equal((await sandbox.jobsOf(id)).length, 5);
      const bad = await sandbox.command('retry', id, { new_parameters: '{' });
      assert.deepEqual([bad.success, bad.data], [true, 1]);
      assert.match(bad.message, /^new parameter conversion failed with Expecting/u);
    });

    it('a submission of the same name is refused while the task is at work, and runs it again afterwards', async () => {
      const id = await sandbox.submitTask(scriptTask());
      const submit = () => sandbox.call('task/submit', { task_parameters: scriptTask({ nEvents: 4 }) });
      const queued = await submit();
      assert.deepEqual([queued.success, queued.data], [false, 1]);
      assert.match(
        queued.message,
        new RegExp(`^jediTaskID=${id} is already queued for outDS=user.tester.t1/`, 'u'),
      );
      sandbox.step(TO_JOBS);
      assert.deepEqual([(await submit()).data], [2]);
      await sandbox.endAll(id, 'finished');
      sandbox.step();
      const again = await submit();
      assert.deepEqual([again.success, again.data], [true, id]);
      sandbox.step(5);
      assert.equal((await sandbox.jobsOf(id)).length, 4);
    });

    it('pause makes no more jobs until resume', async () => {
      const id = await started({ nEvents: 300 });
      assert.equal((await sandbox.jobsOf(id)).length, 250, 'one step makes no more');
      await sandbox.command('pause', id);
      sandbox.step(3);
      assert.equal(await sandbox.status(id), 'paused');
      assert.equal((await sandbox.jobsOf(id)).length, 250);
      await sandbox.command('resume', id);
      sandbox.step(2);
      assert.equal(await sandbox.status(id), 'running');
      assert.equal((await sandbox.jobsOf(id)).length, 300);
      assert.equal((await sandbox.command('resume', id)).data, 4);
    });

    it('the last one counts: a kill while a task is finishing', async () => {
      const id = await started();
      await sandbox.update((await sandbox.jobsOf(id))[0]!.PandaID, 'running');
      await sandbox.command('finish', id);
      sandbox.step(2);
      assert.equal(await sandbox.status(id), 'finishing');
      await sandbox.command('kill', id);
      sandbox.step();
      assert.equal(await sandbox.status(id), 'aborting');
      await sandbox.end((await sandbox.jobsOf(id))[0]!, 'failed');
      sandbox.step(3);
      assert.equal(await sandbox.status(id), 'aborted');
    });

    it('others: more attempts, priority, attributes, jobs, reactivation', async () => {
      const id = await started({ maxAttempt: 1 });
      assert.equal(
        (await sandbox.command('increase_attempts', id, { increase: 2 })).message,
        'increased attemptNr for 0 inputs (0 reactivated)',
      );
      await sandbox.command('change_priority', id, { priority: 7 });
      assert.ok((await sandbox.jobsOf(id)).every(({ currentPriority }) => currentPriority === 7));
      await sandbox.command('change_attribute', id, { attribute_name: 'ramCount', value: 4000 });
      assert.deepEqual((await sandbox.command('kill_unfinished_jobs', id)).data, [true, true, true]);
      sandbox.step();
      assert.equal(await sandbox.status(id), 'failed');
      assert.equal(
        (await sandbox.command('reactivate', id)).message,
        `updated 3 inputs and task ${id} was reactivated `,
      );
      sandbox.step(2);
      assert.equal((await sandbox.jobsOf(id)).at(-1)?.minRamCount, 4000);
    });
  });

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

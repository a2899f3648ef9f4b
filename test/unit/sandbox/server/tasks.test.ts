import assert from 'node:assert/strict';
import {
  openTaskSandbox,
  scriptTask,
  startTask,
  TO_JOBS,
  type TaskSandbox,
  type TaskMap,
} from './taskSandbox.ts';

describe('the sandbox’s task engine', () => {
  let sandbox: TaskSandbox;
  beforeEach(async () => {
    sandbox = await openTaskSandbox();
  });
  afterEach(() => sandbox.close());
  const started = (changes: TaskMap = {}): Promise<number> => startTask(sandbox, changes);

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
    assert.equal(again.parentID, null, 'as the task engine leaves it');
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
});

import assert from 'node:assert/strict';
import {
  isEnded,
  openTaskSandbox,
  scriptTask,
  startTask,
  TO_JOBS,
  type TaskSandbox,
  type TaskMap,
} from './taskSandbox.ts';

describe('commands to tasks of the sandbox', () => {
  let sandbox: TaskSandbox;
  beforeEach(async () => {
    sandbox = await openTaskSandbox();
  });
  afterEach(() => sandbox.close());
  const started = (changes: TaskMap = {}): Promise<number> => startTask(sandbox, changes);

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
    assert.deepEqual([(await sandbox.command('retry', id)).data, await sandbox.status(id)], [0, 'finished']);
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

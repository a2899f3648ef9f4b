import assert from 'node:assert/strict';
import { TASK_STATES, takesCommand } from '../../../src/panda/index.ts';
import { JobTree, TREE_DEFAULTS } from '../../../src/editor/jobs/jobTree.ts';
import { lookOf } from '../../../src/editor/jobs/jobLook.ts';
import { taskTokens } from '../../../src/editor/jobs/taskLook.ts';
import { readChanges } from '../../../src/editor/tasks/readChanges.ts';
import { createJobStore, currentCounts } from '../../../src/watch/index.ts';
import type { Task } from '../../../src/watch/index.ts';
import { treeText } from './treeText.ts';

const NAME = 'user.jane.shear.mi1f9x0k2a/';
const KEY = 'submission:mi1f9x0k2a/7';
const now = 100_000;

function task(taskId: number, state: string | null, taskName = NAME): Task {
  const label = 'shear';
  const times = { creationTime: 0, modificationTime: 0 };
  return { taskId, taskName, label, state, site: 'SITE', inputs: {}, ...times };
}

/** A store with jobs of task 7: five first attempts, of which two failed and were tried again. */
function storeOfTask() {
  const store = createJobStore();
  const job = (pandaId: number, state: string, more = {}) => ({
    ...{ pandaId, jobName: `${NAME}.${pandaId}`, taskId: 7, state, startTime: 0, endTime: 5000 },
    ...more,
  });
  const earlier = { superseded: true, error: 'trans:3' };
  store.apply([
    ...[job(1, 'finished'), job(2, 'finished'), job(3, 'running'), job(4, 'failed', earlier)],
    ...[job(5, 'failed', earlier), job(6, 'finished'), job(8, 'failed', { error: 'trans:3' })],
  ]);
  store.apply([{ pandaId: 20, jobName: 'hello.mi1f9x0k2b.1', state: 'finished' }]);
  return store;
}

describe('tasks in the job tree', () => {
  it('stand among submissions by their time, with earlier attempts apart', () => {
    const tree = new JobTree(storeOfTask(), TREE_DEFAULTS, { tasks: new Map([[7, task(7, 'running')]]) });
    const text = treeText(tree, new Set([KEY, `${KEY}/earlier`]), now);
    assert.equal(
      text,
      [
        'pass(testing.iconPassed) hello |  | job resubmittable monitor submission',
        'play(charts.blue) shear | task running · 5 jobs · 1 failed · 1 running · 3 finished | task monitor submission taskKill taskFinish taskRetry taskRetryWith taskKillUnfinished taskIncrease taskPause',
        '  error(testing.iconFailed) Job 8 | failed · trans:3 · 5 s | job log outputs files monitor',
        '  pass(testing.iconPassed) Job 6 | 5 s | job log outputs files monitor',
        '  (3 rows like these)',
        '  history(descriptionForeground) Earlier attempts | 2 jobs · 2 failed | group',
        '    error(testing.iconFailed) Job 5 | failed · trans:3 · 5 s | job log outputs files monitor',
        '    error(testing.iconFailed) Job 4 | failed · trans:3 · 5 s | job log outputs files monitor',
      ].join('\n'),
    );
  });

  it('count a failure that was tried again no more', () => {
    const store = storeOfTask();
    assert.deepEqual(store.counts, { failed: 3, finished: 4, running: 1 });
    assert.deepEqual(currentCounts(store), { failed: 1, finished: 4, running: 1 });
  });

  it('are there before they have jobs, and are drawn again when they change', () => {
    const store = createJobStore();
    const tasks = new Map([[7, task(7, null)]]);
    const tree = new JobTree(store, TREE_DEFAULTS, { tasks });
    assert.equal(
      treeText(tree, new Set(), now),
      'circle-outline(descriptionForeground) shear | task submitted | task monitor submission',
    );
    tasks.set(7, task(7, 'running'));
    const [row] = tree.children();
    assert.deepEqual(tree.updateTasks([7]), [row]);
    tasks.set(9, task(9, 'registered', 'user.jane.other.mi1f9x0k2c/'));
    assert.equal(tree.updateTasks([9]), 'all');
    assert.equal(tree.findTask(7), row);
    tree.configure({ filter: 'nothing like it' });
    assert.equal(tree.isEmpty, true);
  });

  it('tell a job that is tried again apart as soon as that is known', () => {
    const store = storeOfTask();
    const tree = new JobTree(store, TREE_DEFAULTS, { tasks: new Map([[7, task(7, 'running')]]) });
    const node = tree.children().find(({ id }) => id === KEY);
    assert.ok(node?.kind === 'group');
    tree.children(node);
    assert.equal(tree.earlierAttempts(node), 2);
    store.onDidChange((change) => assert.deepEqual(tree.update(change), [node]));
    store.apply([{ pandaId: 8, superseded: true }]);
    assert.equal(tree.earlierAttempts(node), 3);
    assert.match(
      lookOf(node, tree, { now, monitor: true, datacat: false, outputsHere: true }).description,
      /4 jobs · 1 running/,
    );
  });

  it('with 10,000 jobs are drawn as fast as submissions', () => {
    const store = createJobStore();
    const tree = new JobTree(store, TREE_DEFAULTS, { tasks: new Map([[7, task(7, 'running')]]) });
    const jobs = Array.from({ length: 20_000 }, (_, index) => ({
      ...{ pandaId: index + 1, jobName: `${NAME}.${index % 10_000}`, taskId: 7, state: 'failed' },
      superseded: index < 10_000,
    }));
    const begun = process.cpuUsage();
    store.apply(jobs);
    tree.configure({});
    const [node] = tree.children();
    tree.children(node);
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 2_000_000, `${user} µs`);
    assert.ok(node?.kind === 'group');
    assert.deepEqual([tree.size(node), tree.earlierAttempts(node)], [10_000, 10_000]);
  });
});

describe('what menus offer of a task', () => {
  it('is what its state takes', () => {
    for (const state of TASK_STATES) {
      assert.equal(taskTokens(task(1, state)).includes('taskKill'), takesCommand(state, 'kill'), state);
    }
    assert.deepEqual(taskTokens(task(1, null)), []);
    assert.deepEqual(taskTokens(task(1, 'done')), ['taskRetryWith', 'taskReload']);
  });
});

describe('other parameters of a retry', () => {
  it('are read as JSON where they are, else as text', () => {
    assert.deepEqual(readChanges('ramCount=4000 excludedSite=null site="a b"'), {
      ...{ ramCount: 4000, excludedSite: null, site: 'a b' },
    });
    for (const wrong of [
      '',
      'a',
      '=1',
      'x="a',
      'nope=1',
      'ramCount=abc',
      'ramCount=0',
      'site=7',
      'avoidVP=yes',
    ])
      assert.equal(typeof readChanges(wrong), 'string', wrong);
  });
});

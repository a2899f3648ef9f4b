import assert from 'node:assert/strict';
import type { TaskSummary } from '../../../../src/panda/index.ts';
import { createJobStore, createTaskWatch } from '../../../../src/watch/index.ts';
import type { TaskNote, TaskWatch } from '../../../../src/watch/index.ts';
import { FakeClock } from '../fakeClock.ts';

const NAME = 'user.jane.shear.mi1f9x0k2a/';

function summary(taskId: number, state: string, change: Partial<TaskSummary> = {}): TaskSummary {
  return {
    ...{ taskId, name: NAME, state, requestId: taskId, site: 'SITE', cloud: null, processingType: 'script' },
    ...{ creationTime: 1000, modificationTime: 2000 },
    details: { inputDatasets: [], outputDatasets: [], inputs: { finished: 1 }, commandLine: null },
    ...change,
  };
}

/** A watch of a server that lists these tasks with these jobs. */
function watching() {
  const clock = new FakeClock();
  const store = createJobStore();
  const asked: string[] = [];
  const tracked: number[] = [];
  const server = { tasks: [] as TaskSummary[], jobs: new Map<number, number[]>(), notes: [] as TaskNote[] };
  const watch = createTaskWatch({
    client: {
      tasks: {
        getTasksModifiedSince: async (since) => {
          asked.push(`since ${since}`);
          return server.tasks.filter(({ modificationTime }) => (modificationTime ?? 0) >= since);
        },
        getJobIds: async (taskId) => {
          asked.push(`jobs ${taskId}`);
          return server.jobs.get(taskId) ?? [];
        },
      },
    },
    store,
    poller: { track: (pandaIds) => void tracked.push(...pandaIds) },
    journal: {
      list: async () => ({ entries: server.notes.map((note) => ({ note, isRunning: false })), problems: [] }),
    },
    profile: { name: 'test', prodSourceLabel: 'user' },
    clock,
    random: () => 0.5,
  });
  clock.wallTime = 10_000;
  return { clock, store, asked, tracked, server, watch };
}

function note(taskId: number): TaskNote {
  const parameters = { taskName: NAME, site: 'SITE' } as unknown as TaskNote['parameters'];
  return {
    ...{ version: 1, id: 'mi1f9x0k2a', profile: 'test', server: 's', name: 'my shear', submittedAt: 9000 },
    ...{ parameters, archive: 'jobO.x.tar.gz', owner: null },
    outcome: { kind: 'accepted', taskId },
  };
}

const states = ({ tasks }: TaskWatch): unknown[] =>
  [...tasks.values()].map(({ taskId, state }) => [taskId, state]);

describe('the watch over tasks', () => {
  it('lists tasks, follows the jobs of those at work, and leaves those of ended ones until asked', async () => {
    const { watch, server, asked, tracked } = watching();
    server.tasks = [summary(1, 'done'), summary(2, 'running')];
    server.jobs.set(1, [11]).set(2, [21, 22]);
    await watch.refresh();
    assert.deepEqual(states(watch), [
      [1, 'done'],
      [2, 'running'],
    ]);
    assert.deepEqual(tracked, [21, 22]);
    await watch.loadJobs(1);
    assert.deepEqual(tracked, [21, 22, 11]);
    await watch.loadJobs(1);
    assert.equal(asked.filter((what) => what === 'jobs 1').length, 1);
    watch.dispose();
  });

  it('asks only for what changed since, and looks for jobs of those', async () => {
    const { watch, server, asked, clock } = watching();
    server.tasks = [summary(2, 'running')];
    await watch.refresh();
    asked.length = 0;
    await watch.refresh();
    assert.deepEqual(asked, ['since 2000'], 'nothing changed, so that no jobs are looked for');
    server.tasks = [summary(2, 'done', { modificationTime: 3000 })];
    const changed: (readonly number[])[] = [];
    watch.onDidChange((taskIds) => changed.push(taskIds));
    await watch.refresh();
    assert.deepEqual(asked, ['since 2000', 'since 2000', 'jobs 2']);
    assert.deepEqual(changed, [[2]]);
    clock.wallTime += 60_000;
    await watch.refresh();
    assert.deepEqual(asked.slice(3), ['since 3000'], 'an ended task makes no more jobs');
    watch.dispose();
  });

  it('looks now and then for jobs of a task at work of which nothing changed', async () => {
    const { watch, server, asked, clock } = watching();
    server.tasks = [summary(2, 'running')];
    await watch.refresh();
    clock.wallTime += 31_000;
    asked.length = 0;
    await watch.refresh();
    assert.deepEqual(asked, ['since 2000', 'jobs 2']);
    watch.dispose();
  });

  it('looks often for the effect of a command, also of an ended task', async () => {
    const { watch, server, asked, clock } = watching();
    server.tasks = [summary(1, 'finished')];
    watch.start();
    await watch.refresh();
    const idle = clock.untilNext;
    watch.commanded([1]);
    assert.ok((clock.untilNext ?? 0) < 5000 && (idle ?? 0) > 30_000, `${clock.untilNext} ${idle}`);
    server.tasks = [summary(1, 'running', { modificationTime: 3000 })];
    await watch.refresh();
    assert.equal(asked.at(-1), 'jobs 1');
    watch.dispose();
  });

  it('shows what was submitted before PanDA lists it', async () => {
    const { watch, server } = watching();
    watch.submitted(note(5));
    assert.deepEqual(states(watch), [[5, null]]);
    assert.equal(watch.tasks.get(5)?.label, 'my shear');
    server.notes = [note(5), { ...note(6), outcome: { kind: 'unknown', reason: '' } }];
    server.tasks = [summary(5, 'registered')];
    await watch.refresh();
    assert.deepEqual(states(watch), [[5, 'registered']]);
    watch.dispose();
  });
});

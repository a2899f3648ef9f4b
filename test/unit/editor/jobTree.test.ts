import assert from 'node:assert/strict';
import { JobTree, TREE_DEFAULTS, type JobNode } from '../../../src/editor/jobs/jobTree.ts';
import { createJobStore, type JobStore, type JobUpdate, type StoreChange } from '../../../src/watch/index.ts';
import { rowText, treeText } from './treeText.ts';

const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const visit = 'mp4k2a00aa';
const sweep = 'mp4k2b00bb';
const hello = 'mp4k2c00cc';

/** A task of 10,000 jobs in mixed states, a submission of five, and one of a single job. */
function mixedStore(): JobStore {
  const store = createJobStore();
  const updates: JobUpdate[] = [];
  for (let number = 1; number <= 10_000; number += 1) updates.push(jobOfVisit(number));
  for (let number = 1; number <= 5; number += 1) {
    const state = number === 1 ? 'failed' : number === 2 ? 'running' : 'finished';
    updates.push({
      ...common(20_000 + number, state),
      jobName: `sweep.${sweep}.${number}`,
      error: state === 'failed' ? 'trans:3' : null,
    });
  }
  updates.push({ ...common(30_001, 'activated'), jobName: `HelloPanda.${hello}.1` });
  store.apply(updates);
  store.nameSubmission(visit, 'phoSim visit 900001');
  return store;
}

function jobOfVisit(number: number): JobUpdate {
  const state =
    number % 1000 === 0
      ? 'failed'
      : number % 100 === 0
        ? 'running'
        : number % 10 === 0
          ? 'activated'
          : 'finished';
  const error = state === 'failed' ? (number % 3000 === 0 ? 'pilot:1305' : 'trans:20') : null;
  return { ...common(number, state), jobName: `R22_S${number}.${visit}.${number}`, error };
}

function common(pandaId: number, state: string): JobUpdate {
  const started = state !== 'activated';
  const over = state === 'finished' || state === 'failed';
  return {
    pandaId,
    state,
    site: pandaId % 2 === 0 ? 'BNL-LSST' : 'SLAC-LSST',
    creationTime: now - 3_600_000,
    startTime: started ? now - 600_000 : null,
    endTime: over ? now - 600_000 + 192_000 : null,
    modificationTime: now - 14_000,
    attempt: 1,
  };
}

/** Applies updates and returns what the tree would draw again, as text. */
function fired(store: JobStore, tree: JobTree, change: () => void): string {
  const changes: StoreChange[] = [];
  const subscription = store.onDidChange((one) => changes.push(one));
  change();
  subscription.dispose();
  const texts = changes.map((one) => {
    const touched = tree.update(one);
    return touched === 'all' ? 'all' : touched.map((node) => rowText(tree, node, now)).join('\n');
  });
  return texts.join('\n--\n');
}

function node(tree: JobTree, nodes: readonly JobNode[], label: string): JobNode {
  const found = nodes.find((one) => rowText(tree, one, now).includes(` ${label} |`));
  assert.ok(found, `no row ${label}`);
  return found;
}

describe('the job tree', () => {
  it('shows 10,000 jobs in mixed states, and draws only what changed again', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    const task = node(tree, tree.children(), 'phoSim visit 900001');
    const failed = node(tree, tree.children(task), 'failed');
    const running = node(tree, tree.children(task), 'running');
    const five = node(tree, tree.children(), 'sweep');
    const expanded = new Set([task.id, failed.id, running.id, five.id]);

    assert.equal(
      treeText(tree, expanded, now),
      [
        'clock(charts.blue) HelloPanda | activated · SLAC-LSST | job cancellable monitor submission',
        'error(testing.iconFailed) sweep | 5 jobs · 1 failed · 1 running · 3 finished | group cancellable resubmittable submission',
        '  pass(testing.iconPassed) sweep 5 | SLAC-LSST · 3 m 12 s | job resubmittable log outputs files monitor submission',
        '  pass(testing.iconPassed) sweep 4 | BNL-LSST · 3 m 12 s | job resubmittable log outputs files monitor submission',
        '  (3 rows like these)',
        'error(testing.iconFailed) phoSim visit 900001 | 10,000 jobs · 10 failed · 90 running · 900 activated · 9,000 finished | group cancellable resubmittable submission',
        '  error(testing.iconFailed) failed | 10 · trans:20 ×7, pilot:1305 ×3 | group resubmittable submission',
        '    error(testing.iconFailed) R22_S10000 | failed · BNL-LSST · trans:20 · 3 m 12 s | job resubmittable log outputs files monitor submission',
        '    error(testing.iconFailed) R22_S9000 | failed · BNL-LSST · pilot:1305 · 3 m 12 s | job resubmittable log outputs files monitor submission',
        '    (8 rows like these)',
        '  play(charts.blue) running | 90 | group cancellable submission',
        '    play(charts.blue) R22_S9900 | running · BNL-LSST · 10 m | job cancellable monitor submission',
        '    play(charts.blue) R22_S9800 | running · BNL-LSST · 10 m | job cancellable monitor submission',
        '    (88 rows like these)',
        '  clock(charts.blue) activated | 900 | group cancellable submission',
        '  pass(testing.iconPassed) finished | 9,000 | group submission',
      ].join('\n'),
    );

    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 9900, state: 'finished', endTime: now }])),
      'error(testing.iconFailed) phoSim visit 900001 | 10,000 jobs · 10 failed · 89 running · 900 activated · 9,001 finished | group cancellable resubmittable submission',
    );
    treeText(tree, expanded, now);
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 9800, site: 'USDF' }])),
      'play(charts.blue) R22_S9800 | running · USDF · 10 m | job cancellable monitor submission',
    );
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 20_002, cancelRequested: true }])),
      'error(testing.iconFailed) sweep | 5 jobs · 1 failed · 1 running · 3 finished · 1 cancel requested | group resubmittable submission',
    );
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 30_001, state: 'running', startTime: now - 4000 }])),
      'play(charts.blue) HelloPanda | running · SLAC-LSST · 4 s | job cancellable monitor submission',
    );
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 5, site: 'USDF' }])),
      '',
      'a job that is on no page that was fetched draws nothing',
    );
  });

  it('sums up errors again when the error of a failed job changes', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    const task = node(tree, tree.children(), 'phoSim visit 900001');
    treeText(tree, new Set([task.id, `${task.id}/failed`]), now);
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 9000, error: 'trans:20' }])),
      'error(testing.iconFailed) failed | 10 · trans:20 ×8, pilot:1305 ×2 | group resubmittable submission',
    );
  });

  it('keeps nodes and ids over a change, so that expansion and selection survive', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    const task = node(tree, tree.children(), 'phoSim visit 900001');
    const failed = node(tree, tree.children(task), 'failed');
    const rows = tree.children(failed);
    fired(store, tree, () => store.apply([{ pandaId: 9900, state: 'failed', error: 'trans:1' }]));
    assert.equal(node(tree, tree.children(), 'phoSim visit 900001'), task);
    assert.equal(node(tree, tree.children(task), 'failed'), failed);
    const after = tree.children(failed);
    assert.deepEqual(
      after.filter((row) => !rows.includes(row)).map(({ id }) => id),
      [`${failed.id}/job:9900`],
    );
  });

  it('fires both groups of a job that changes its state, when grouped by state', () => {
    const store = mixedStore();
    const tree = new JobTree(store, { ...TREE_DEFAULTS, grouping: 'state' });
    for (const group of tree.children()) tree.children(group);
    assert.equal(
      fired(store, tree, () => store.apply([{ pandaId: 9900, state: 'failed', error: 'trans:1' }])),
      [
        'error(testing.iconFailed) failed | 12 · trans:20 ×7, pilot:1305 ×3, trans:1 ×1, … | group resubmittable',
        'play(charts.blue) running | 90 | group cancellable',
      ].join('\n'),
    );
  });

  it('fetches everything anew when a submission comes', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    tree.children();
    assert.equal(
      fired(store, tree, () => store.apply([{ ...common(40_001, 'defined'), jobName: 'new.mp4k2d00dd.1' }])),
      'all',
    );
  });

  it('pages: 200 rows at first, then 200 more', () => {
    const store = mixedStore();
    const tree = new JobTree(store, { ...TREE_DEFAULTS, grouping: 'state' });
    const finished = node(tree, tree.children(), 'finished');
    const page = tree.children(finished);
    assert.equal(page.length, 201);
    const more = page.at(-1);
    assert.ok(more?.kind === 'more');
    assert.equal(rowText(tree, more, now), 'ellipsis() Load more | 200 of 9,003 | more');
    assert.equal(tree.loadMore(more), finished);
    assert.equal(tree.children(finished).length, 401);
    assert.equal(rowText(tree, more, now), 'ellipsis() Load more | 400 of 9,003 | more');
  });

  it('pages submissions, too', () => {
    const store = createJobStore();
    const jobs = Array.from({ length: 450 }, (_, index) => {
      const id = `mp4k${String(index).padStart(6, '0')}`;
      return { ...common(index + 1, 'finished'), jobName: `one.${id}.1` };
    });
    store.apply(jobs);
    const tree = new JobTree(store, TREE_DEFAULTS);
    const roots = tree.children();
    assert.equal(roots.length, 201);
    const more = roots.at(-1);
    assert.ok(more?.kind === 'more');
    assert.equal(tree.loadMore(more), undefined);
    assert.equal(tree.children().length, 401);
  });

  it('shows only what matches a filter, and says when that is nothing', async () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    await store.prepareFilter('trans:3');
    tree.configure({ filter: 'trans:3' });
    assert.equal(
      treeText(tree, new Set(), now),
      'error(testing.iconFailed) sweep | failed · SLAC-LSST · trans:3 · 3 m 12 s | job resubmittable log outputs files monitor submission',
    );
    await store.prepareFilter('nothing like it');
    tree.configure({ filter: 'nothing like it' });
    assert.equal(tree.isEmpty, true);
    assert.deepEqual(tree.children(), []);
  });

  it('names all jobs below a row, for commands that act on groups', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    const task = node(tree, tree.children(), 'phoSim visit 900001');
    assert.equal(tree.jobsBelow(task, Infinity).length, 10_000);
    const failed = node(tree, tree.children(task), 'failed');
    assert.deepEqual(tree.jobsBelow(failed, 3), [10_000, 9000, 8000]);
  });

  it('tells which rows show passing time', () => {
    const store = mixedStore();
    const tree = new JobTree(store, TREE_DEFAULTS);
    tree.children(node(tree, tree.children(), 'sweep'));
    assert.deepEqual(
      tree.rowsInMotion().map(({ pandaId }) => pandaId),
      [20_002],
    );
  });
});

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createJobStore } from '../../../../src/watch/index.ts';
import type { JobGroup, JobUpdate, StoreChange } from '../../../../src/watch/index.ts';
import { groupings, groupsOf, ModelStore, plain } from './jobStoreModel.ts';

const day = 86_400_000;
const submissions = ['mp4k2a0000', 'mp4k2b0000', 'mp4k2c0000'];
const filters = ['', 'failed', 'R22 site', '69', 'ünï', 'k2a0000.1', 'TRANS:3  running', 'nothing like it'];

const pandaId = fc.oneof(fc.integer({ min: 6901, max: 6930 }), fc.constantFrom(0, 2 ** 40, 2 ** 53 - 1));

const jobNameOf = (id: number, [name, submission]: readonly [string, string | null]): string =>
  submission === null ? name : `${name}.${submission}.${(id % 1000) + 1}`;

const update: fc.Arbitrary<JobUpdate> = fc
  .record(
    {
      jobName: fc.tuple(
        fc.constantFrom('R22_S11', 'r22_s12', 'Ünïcode', 'a.b', '__proto__'),
        fc.constantFrom(...submissions, null),
      ),
      state: fc.constantFrom(
        'defined',
        'activated',
        'running',
        'finished',
        'failed',
        'new_state',
        '__proto__',
      ),
      cancelRequested: fc.boolean(),
      site: fc.constantFrom(null, 'SITE_A', 'site_b', 'ünï'),
      transformation: fc.constantFrom(null, 'hello', 'script'),
      creationTime: fc.constantFrom(null, 0, -1, 1.79e12, 1.79e12 + day, 1.79e12 + 0.5),
      startTime: fc.constantFrom(null, 1.79e12),
      endTime: fc.constantFrom(null, 1.79e12 + 5),
      modificationTime: fc.constantFrom(null, 1.79e12 + 7),
      error: fc.constantFrom(null, 'trans:3', 'pilot:1305'),
      attempt: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: [] },
  )
  .chain(({ jobName, ...rest }) =>
    pandaId.map((id) => ({
      pandaId: id,
      ...rest,
      ...(jobName === undefined ? {} : { jobName: jobNameOf(id, jobName) }),
    })),
  );

type Command =
  | { readonly kind: 'apply'; readonly updates: readonly JobUpdate[] }
  | { readonly kind: 'remove'; readonly pandaIds: readonly number[] }
  | { readonly kind: 'name'; readonly submission: string; readonly name: string }
  | { readonly kind: 'look'; readonly filter: string };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('apply' as const), updates: uniqueUpdates() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), pandaIds: fc.array(pandaId) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('name' as const),
      submission: fc.constantFrom(...submissions),
      name: fc.constantFrom('visit 900001', 'visit 900002'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('look' as const), filter: fc.constantFrom(...filters) }),
  },
);

function uniqueUpdates(): fc.Arbitrary<JobUpdate[]> {
  return fc.oneof(
    fc.tuple(update).map((one) => [...one]),
    fc.uniqueArray(update, { selector: (one) => one.pandaId, maxLength: 12 }),
  );
}

/** Does the same to a store and to its model, and compares what the store said with what is different. */
function step(store: ReturnType<typeof createJobStore>, model: ModelStore, command: Command): void {
  const events: StoreChange[] = [];
  const subscription = store.onDidChange((change) => events.push(change));
  const before = groupTexts(model);
  let expected: Omit<StoreChange, 'groups'> = { added: [], changed: [], removed: [] };
  if (command.kind === 'apply') {
    store.apply(command.updates);
    expected = { ...model.apply(command.updates), removed: [] };
  } else if (command.kind === 'remove') {
    store.remove(command.pandaIds);
    expected = { added: [], changed: [], removed: model.remove(command.pandaIds) };
  } else if (command.kind === 'name') {
    store.nameSubmission(command.submission, command.name);
    model.names.set(command.submission, command.name);
  } else {
    for (const grouping of groupings) store.groups(grouping, command.filter);
  }
  subscription.dispose();

  const after = groupTexts(model);
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
    (id) => before.get(id) !== after.get(id),
  );
  const [event] = events;
  assert.ok(events.length <= 1);
  const { groups, ...ids } = event ?? { added: [], changed: [], removed: [], groups: [] };
  assert.deepEqual(ids, expected);
  // Where several jobs change at once, counts may end where they began; a first job may be renamed to the same label.
  const single = command.kind !== 'apply' || (command.updates.length === 1 && !command.updates[0]?.jobName);
  const unexpected = single ? groups.filter((id) => !differing.includes(id)) : [];
  assert.deepEqual([differing.filter((id) => !groups.includes(id)), unexpected], [[], []]);
  assert.equal(new Set(groups).size, groups.length);
}

function groupTexts(model: ModelStore): Map<string, string> {
  const all = groupings.flatMap((grouping) => model.groups(grouping, ''));
  return new Map(all.map((group) => [group.id, JSON.stringify(group)]));
}

describe('job store', () => {
  it('is what a plain model is, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const store = createJobStore();
        const model = new ModelStore();
        for (const one of commands) step(store, model, one);

        assert.equal(store.size, model.jobs.size);
        for (const [id, job] of model.jobs) {
          const found = store.get(id);
          assert.ok(found);
          assert.deepEqual(plain(found), job);
        }
        const unfinished = model
          .newestFirst('')
          .filter((job) => !['finished', 'failed'].includes(job.state))
          .map((job) => job.pandaId);
        assert.deepEqual(store.unfinished(), unfinished);
        for (const grouping of groupings) {
          for (const filter of filters) {
            assert.deepEqual(groupsOf(store, grouping, filter), model.groups(grouping, filter));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('answers pages of members, also of one state', () => {
    const store = createJobStore();
    const ids = Array.from({ length: 1000 }, (_, index) => 7000 + index);
    store.apply(ids.map((id) => ({ pandaId: id, site: 'A', state: id % 4 === 0 ? 'failed' : 'running' })));
    const group = only(store.groups('site', ''));
    assert.deepEqual(store.members(group, '', 0, 3), [7999, 7998, 7997]);
    assert.deepEqual(store.members(group, '', 998, 100), [7001, 7000]);
    assert.deepEqual(store.members(group, '', 2000, 100), []);
    assert.deepEqual(store.members(group, '', 1, 2, 'failed'), [7992, 7988]);
    assert.deepEqual(store.members(group, 'running', 0, 2), [7999, 7998]);
    assert.deepEqual(store.members(group, '', 0, 2, 'closed'), []);
    store.apply([
      { pandaId: 7996, state: 'failed' },
      { pandaId: 7999, state: 'failed' },
    ]);
    assert.deepEqual(store.members(group, '', 0, 2, 'failed'), [7999, 7996]);
  });

  it('keeps its order when jobs come late and out of order', () => {
    const store = createJobStore();
    const ids = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5003);
    for (let from = 0; from < ids.length; from += 700) {
      store.apply(ids.slice(from, from + 700).map((id) => ({ pandaId: id, state: 'running' })));
      assert.equal(store.unfinished().length, store.size);
    }
    store.remove(ids.filter((id) => id % 3 === 0));
    const left = ids.filter((id) => id % 3 !== 0).sort((a, b) => b - a);
    assert.deepEqual(store.unfinished(), left);
    for (const id of ids) assert.equal(store.get(id)?.pandaId, id % 3 === 0 ? undefined : id);
  });

  it('shows what happens to a job through the same view, and refuses to read one that is gone', () => {
    const store = createJobStore();
    store.apply([
      { pandaId: 1, state: 'running', jobName: 'one' },
      { pandaId: 2, jobName: 'two' },
    ]);
    const job = store.get(1);
    assert.equal(job?.state, 'running');
    store.apply([{ pandaId: 1, state: 'failed', error: 'trans:3' }]);
    assert.deepEqual([job?.state, job?.error], ['failed', 'trans:3']);
    store.remove([1]);
    store.apply([{ pandaId: 3, jobName: 'three' }]);
    assert.throws(() => job?.name, /no longer known/u);
    store.apply([{ pandaId: 4 }, { pandaId: 1, state: 'closed' }]);
    assert.equal(job?.state, 'closed');
    assert.equal(store.get(4)?.name, '4');
  });

  it('never leaves a final state and clears what waits for it', () => {
    const store = createJobStore();
    store.apply([{ pandaId: 1, state: 'running', cancelRequested: true }]);
    assert.equal(store.get(1)?.cancelRequested, true);
    store.apply([{ pandaId: 1, state: 'cancelled', endTime: 5 }]);
    assert.equal(store.get(1)?.cancelRequested, false);
    store.apply([{ pandaId: 1, state: 'running', endTime: null }]);
    store.apply([
      { pandaId: 1, state: 'failed' },
      { pandaId: 1, cancelRequested: true },
    ]);
    assert.deepEqual(
      [store.get(1)?.state, store.get(1)?.endTime, store.get(1)?.cancelRequested],
      ['cancelled', 5, false],
    );
  });

  it('refuses what is no PandaID', () => {
    const store = createJobStore();
    for (const pandaId of [NaN, -1, 1.5, 2 ** 60]) {
      assert.throws(() => store.apply([{ pandaId }]), RangeError);
    }
    assert.equal(store.size, 0);
  });

  it('tells of the name of a submission once, and only where there is one', () => {
    const store = createJobStore();
    const changes: StoreChange[] = [];
    store.onDidChange((change) => changes.push(change));
    store.nameSubmission('mp4k2a0000', 'early');
    assert.equal(changes.length, 0);
    store.apply([{ pandaId: 1, jobName: 'R22.mp4k2a0000.1' }]);
    assert.equal(only(store.groups('submission', '')).label, 'early');
    store.nameSubmission('mp4k2a0000', 'late');
    store.nameSubmission('mp4k2a0000', 'late');
    assert.equal(only(store.groups('submission', '')).label, 'late');
    assert.deepEqual(
      changes.map((change) => change.groups.filter((id) => id.startsWith('submission'))),
      [['submission:mp4k2a0000'], ['submission:mp4k2a0000']],
    );
  });
});

describe('filter of the job store', () => {
  const count = 90_000;
  const jobs = (): JobUpdate[] =>
    Array.from({ length: count }, (_, index) => ({
      pandaId: 1_000_000 + index,
      jobName: `visit${index % 100}_R${index}`,
      state: index % 3 === 0 ? 'failed' : 'running',
      site: `SITE${index % 7}`,
    }));

  it('stays true to jobs that change while it is prepared and afterwards', async () => {
    const store = createJobStore();
    store.apply(jobs());
    const prepared = store.prepareFilter('failed site3 visit7');
    let turns = 0;
    const settled = prepared.then(() => true);
    while (!(await Promise.race([settled, new Promise((go) => setImmediate(go, false))]))) {
      turns += 1;
      if (turns > 20) continue;
      // One that was gone through, one that was not yet, a new one, and one that goes.
      store.apply([
        { pandaId: 1_000_000 + turns, state: 'failed', site: 'SITE3', jobName: 'visit7' },
        { pandaId: 1_000_000 + count - turns, state: 'failed', site: 'SITE3', jobName: 'visit7' },
        { pandaId: 2_000_000 + turns, state: 'failed', site: 'SITE3', jobName: 'visit7' },
      ]);
      store.remove([1_000_000 + 100 + turns]);
    }
    assert.ok(turns > 1, 'a filter of many jobs leaves others their turn');
    compareWithFresh(store, 'failed site3 visit7');
    store.apply([{ pandaId: 1_000_050, state: 'failed', site: 'SITE3', jobName: 'visit7' }]);
    compareWithFresh(store, 'failed site3 visit7');
  });

  it('ends with the reason of its signal', async () => {
    const store = createJobStore();
    store.apply(jobs());
    const reason = new Error('the filter changed');
    const abort = new AbortController();
    const prepared = store.prepareFilter('nothing like it', { signal: abort.signal });
    abort.abort(reason);
    await assert.rejects(prepared, reason);
    await assert.rejects(store.prepareFilter('nothing like it', { signal: abort.signal }), reason);
    assert.deepEqual(store.groups('state', 'nothing like it'), []);
    assert.equal(store.groups('state', 'running')[0]?.size, (count * 2) / 3);
  });

  function compareWithFresh(store: ReturnType<typeof createJobStore>, filter: string): void {
    const fresh = createJobStore();
    const all = store.groups('state', '').flatMap((group) => store.members(group, '', 0, group.size));
    fresh.apply(all.map((id) => plain(store.get(id) ?? assert.fail())));
    for (const grouping of groupings) {
      assert.deepEqual(groupsOf(store, grouping, filter), groupsOf(fresh, grouping, filter));
    }
  }
});

function only(groups: readonly JobGroup[]): JobGroup {
  assert.equal(groups.length, 1);
  return groups[0] ?? assert.fail();
}

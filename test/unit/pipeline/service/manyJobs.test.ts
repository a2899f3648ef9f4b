import assert from 'node:assert/strict';
import { placeOf } from '../../../../src/pipeline/service/identity.ts';
import { CALL, openServiceWorld } from './serviceWorld.ts';
import type { ServiceWorld } from './serviceWorld.ts';

describe('many jobs of the pipeline', () => {
  let world: ServiceWorld;
  beforeEach(async () => {
    world = await openServiceWorld();
  });
  afterEach(() => world.dispose());

  const FIRST_ID = 7_000_000_000;

  /** Jobs that PanDA took, noted all together. */
  function accept(count: number): Promise<void> {
    const { journal, panda } = world;
    panda.stored.set(
      'phosim',
      Array.from({ length: count }, (_, index) => FIRST_ID + index),
    );
    return journal.together(() => {
      for (let index = 0; index < count; index += 1) {
        const identity = { task: 'phosim', instance: String(index), stream: '1', execution: '' };
        const place = placeOf({ env: new Map() }, identity);
        const job = { identity, place, digest: 'x', directory: '/x', workingDirectory: null, logFile: 'x' };
        const { number } = journal.receive('glast', job, index);
        journal.change(number, { step: 'accepted', submitted: 1, pandaId: FIRST_ID + index });
      }
    });
  }

  it('are all asked for, and noted, though others have their turn between', async () => {
    world.panda.describeJob = (id) => ({ jobStatus: id % 2 === 0 ? 'finished' : 'running' });
    await accept(600);
    const ids = Array.from({ length: 600 }, (_, index) => String(FIRST_ID + index));
    const found = await world.service.handlers.arrayStatus(ids, CALL);
    const expected = ids.map((id) => (Number(id) % 2 === 0 ? 'DONE' : 'RUNNING'));
    assert.deepEqual(
      ids.map((id) => found.get(id)?.status),
      expected,
    );
    assert.equal(world.journal.unended('glast', 0, 1000).length, 300);
    assert.equal(world.journal.unended('glast', 100, 20).length, 20);
  });

  it('are told anew where something else is noted of one', async () => {
    world.panda.describeJob = () => ({ jobStatus: 'running' });
    await accept(2);
    const { handlers, poll } = world.service;
    const statuses = async () =>
      [...(await handlers.arrayStatus([String(FIRST_ID), String(FIRST_ID + 1)], CALL)).values()].map(
        (status) => `${status?.status} ${status?.comment}`,
      );
    assert.deepEqual(await statuses(), ['RUNNING running', 'RUNNING running']);
    world.journal.change(1, { cancelRequested: 1 });
    assert.deepEqual(await statuses(), ['RUNNING running, cancel requested', 'RUNNING running']);
    world.panda.describeJob = (id) => ({ jobStatus: id === FIRST_ID ? 'cancelled' : 'running' });
    poll.invalidate();
    assert.deepEqual(await statuses(), ['FAILED cancelled', 'RUNNING running']);
    const removed = world.journal.removeEnded(Infinity, 10).map(({ number }) => number);
    assert.deepEqual(removed, [1]);
    assert.equal((await handlers.arrayStatus([String(FIRST_ID)], CALL)).get(String(FIRST_ID)), null);
  });
});

import assert from 'node:assert/strict';
import { JOB_STATES } from '../../../../src/panda/index.ts';
import {
  JavaThrowable,
  JOB_CONTROL_EXCEPTION,
  NO_SUCH_JOB_EXCEPTION,
} from '../../../../src/pipeline/rmi/index.ts';
import { statusOfState } from '../../../../src/pipeline/service/facts.ts';
import { CALL, jobOf, openServiceWorld } from './serviceWorld.ts';
import type { ServiceWorld } from './serviceWorld.ts';

describe("PanDA's states", () => {
  it('have one name each in the pipeline', () => {
    const groups: Record<string, string[]> = {};
    for (const state of [...JOB_STATES, 'brand new']) (groups[statusOfState(state)] ??= []).push(state);
    assert.deepEqual(groups, {
      PENDING: ['pending', 'defined', 'waiting', 'assigned', 'throttled'],
      WAITING: ['activated', 'sent'],
      RUNNING: ['starting', 'running', 'holding', 'transferring', 'merging'],
      DONE: ['finished'],
      FAILED: ['failed', 'cancelled', 'closed'],
      UNKNOWN: ['brand new'],
    });
  });
});

describe('the status of jobs of the pipeline', () => {
  let world: ServiceWorld;
  beforeEach(async () => {
    world = await openServiceWorld();
  });
  afterEach(() => world.dispose());

  const status = (id: string) => world.service.handlers.status(id, CALL);
  const submit = (instance: number) => world.service.handlers.submit(jobOf(instance), CALL);
  const isThrown = (className: string) => (error: unknown) =>
    error instanceof JavaThrowable && error.className === className;

  it('comes in the units of the pipeline', async () => {
    world.panda.describeJob = () => ({
      jobStatus: 'failed',
      computingSite: 'SLAC-LSST',
      modificationHost: 'slot1@wn0001.slac.stanford.edu',
      creationTime: '2026-11-28 05:00:00',
      startTime: '2026-11-28 05:01:00',
      endTime: '2026-11-28 05:02:00',
      cpuConsumptionTime: 59,
      maxRSS: 2_000_000,
      maxSWAP: 1000,
      transExitCode: '3',
      pilotErrorCode: 1305,
      pilotErrorDiag: 'Payload failed',
    });
    const id = await submit(1);
    assert.deepEqual(await status(id), {
      id,
      status: 'FAILED',
      cpuUsed: 59,
      memoryUsed: 2_000_000,
      swapUsed: 1000,
      host: 'wn0001.slac.stanford.edu',
      queue: 'SLAC-LSST',
      user: 'panda user',
      comment: 'failed: trans:3 The payload ended with exit code 3',
      submitted: Date.parse('2026-11-28T05:00:00Z'),
      started: Date.parse('2026-11-28T05:01:00Z'),
      ended: Date.parse('2026-11-28T05:02:00Z'),
    });
  });

  it('ends no job before it began, though pilots tell whole seconds', async () => {
    world.panda.describeJob = () => ({
      jobStatus: 'finished',
      creationTime: '2026-11-28 05:00:00.700000',
      startTime: '2026-11-28 05:00:00',
      endTime: '2026-11-28 05:00:00',
    });
    const found = await status(await submit(1));
    const created = Date.parse('2026-11-28T05:00:00.7Z');
    assert.deepEqual([found?.submitted, found?.started, found?.ended], [created, created, created]);
  });

  it('is asked of PanDA once a minute, for all jobs and callers together', async () => {
    const ids = [await submit(1), await submit(2)];
    await Promise.all([...ids.map(status), world.service.handlers.arrayStatus(ids, CALL)]);
    assert.equal(world.panda.descriptions, 1);
    world.clock.wallTime += 59_999;
    await status(ids[0] ?? '');
    assert.equal(world.panda.descriptions, 1);
    world.clock.wallTime += 1;
    await Promise.all(ids.map(status));
    assert.equal(world.panda.descriptions, 2);
    world.clock.wallTime -= 3_600_000;
    await status(ids[0] ?? '');
    assert.equal(world.panda.descriptions, 3, 'a clock that was set back makes no answer young for ever');
  });

  it('is known before PanDA was asked', async () => {
    await world.service.poll.current();
    const id = await submit(1);
    const found = await status(id);
    assert.deepEqual([found?.status, found?.comment, found?.started], ['PENDING', 'submitted', null]);
  });

  it('of a job that ended is not asked again, and stays visible', async () => {
    world.panda.describeJob = () => ({ jobStatus: 'finished' });
    const id = await submit(1);
    await status(id);
    world.panda.stored.clear();
    world.clock.wallTime += 86_400_000;
    assert.equal((await status(id))?.status, 'DONE');
    assert.equal(world.panda.descriptions, 1);
  });

  it('of a job that PanDA does not show any more is what it last was', async () => {
    world.panda.describeJob = () => ({ jobStatus: 'running' });
    const id = await submit(1);
    await status(id);
    world.panda.stored.clear();
    world.clock.wallTime += 60_000;
    assert.equal((await status(id))?.status, 'RUNNING');
    assert.equal(world.panda.descriptions, 3, 'it is looked for among old ones, too');
  });

  describe('of a job that PanDA does not know any more', () => {
    const MINUTE = 60_000;
    let id: string;
    beforeEach(async () => {
      world.clock.wallTime = Date.parse('2026-11-28T05:00:00Z');
      world.panda.describeJob = () => ({ jobStatus: 'running', startTime: '2026-11-28 04:00:00' });
      id = await submit(1);
      await status(id);
    });
    const asked = async (times: number, minutes = 1): Promise<void> => {
      for (let time = 0; time < times; time++) {
        world.clock.wallTime += minutes * MINUTE;
        await world.service.poll.current();
      }
    };
    const shown = async () => {
      const { status: state, comment } = (await status(id)) ?? {};
      return [state, comment];
    };

    it('is unknown after ten minutes, and comes back', async () => {
      const { stored } = world.panda;
      const before = [...stored];
      stored.clear();
      await asked(10);
      assert.deepEqual(await shown(), ['RUNNING', 'running']);
      await asked(2);
      assert.deepEqual(await shown(), [
        'UNKNOWN',
        'running, but PanDA does not know the job since 2026-11-28T05:01:00.000Z',
      ]);
      assert.ok(world.events.includes('job.missing'));
      for (const [name, ids] of before) stored.set(name, ids);
      await asked(1);
      assert.deepEqual(await shown(), ['RUNNING', 'running']);
    });

    it('has failed after a day, and is not asked for again', async () => {
      world.panda.stored.clear();
      await asked(144, 10);
      assert.equal((await shown())[0], 'UNKNOWN');
      await asked(1, 10);
      assert.deepEqual(await shown(), [
        'FAILED',
        'failed: PanDA does not know the job any more; it was last running',
      ]);
      const row = world.journal.byPandaId('glast', Number(id));
      assert.ok(row?.ended === true && row.facts?.ended !== null && row.facts?.exitCode === null);
      assert.ok(world.events.includes('job.lost'));
      const { descriptions } = world.panda;
      await asked(2);
      assert.equal(world.panda.descriptions, descriptions);
    });

    it('is not lost by a clock that jumps, nor while the service or PanDA does not run', async () => {
      world.panda.stored.clear();
      await asked(1);
      for (const jump of [86_400_000 * 30, -86_400_000 * 60, 86_400_000 * 400]) {
        world.clock.wallTime += jump;
        await world.service.poll.current();
      }
      assert.equal((await shown())[0], 'UNKNOWN');
      assert.equal(world.journal.byPandaId('glast', Number(id))?.facts?.missing?.times, 3);
    });

    it('is one that was submitted where nothing else was ever known', async () => {
      const second = await submit(2);
      world.panda.stored.clear();
      await asked(12);
      assert.equal(
        (await status(second))?.comment,
        'pending, but PanDA does not know the job since 2026-11-28T05:01:00.000Z',
      );
    });
  });

  it('is an error of job control while PanDA does not answer, and is asked again at the next call', async () => {
    const id = await submit(1);
    world.panda.describeJob = () => ({ PandaID: 'nonsense', jobStatus: 'running' });
    await assert.rejects(status(id), isThrown(JOB_CONTROL_EXCEPTION));
    assert.ok(world.service.poll.trouble !== undefined);
    world.panda.describeJob = () => ({ jobStatus: 'running' });
    assert.equal((await status(id))?.status, 'RUNNING');
    assert.equal(world.service.poll.trouble, undefined);
  });

  it('of jobs that are not known is no job, and null among others', async () => {
    const id = await submit(1);
    for (const other of ['1', 'x', '', '99999999999999999999', '-1']) {
      await assert.rejects(status(other), isThrown(NO_SUCH_JOB_EXCEPTION));
    }
    const found = await world.service.handlers.arrayStatus(['7', id, 'x'], CALL);
    assert.deepEqual(
      [...found].map(([key, value]) => [key, value?.status]),
      [
        ['7', undefined],
        [id, 'WAITING'],
        ['x', undefined],
      ],
    );
  });

  it('shows a cancel at once', async () => {
    world.panda.describeJob = () => ({ jobStatus: 'running', commandToPilot: 'tobekilled' });
    const id = await submit(1);
    await world.service.handlers.cancel(id, CALL);
    assert.deepEqual(world.panda.killed, [Number(id)]);
    assert.equal((await status(id))?.comment, 'running, cancel requested');
    world.panda.describeJob = () => ({ jobStatus: 'cancelled' });
    world.clock.wallTime += 60_000;
    assert.equal((await status(id))?.status, 'FAILED');
    await assert.rejects(world.service.handlers.cancel(id, CALL), isThrown(NO_SUCH_JOB_EXCEPTION));
    await assert.rejects(world.service.handlers.cancel('5', CALL), isThrown(NO_SUCH_JOB_EXCEPTION));
  });

  it('is cancelled again where the process before may not have come so far', async () => {
    const id = await submit(1);
    const row = world.journal.byPandaId('glast', Number(id));
    world.journal.change(row?.number ?? 0, { cancelRequested: 1 });
    await world.service.recover();
    assert.deepEqual(world.panda.killed, [Number(id)]);
  });
});

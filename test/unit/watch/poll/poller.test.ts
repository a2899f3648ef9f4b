import assert from 'node:assert/strict';
import { PandaError } from '../../../../src/panda/index.ts';
import type { MonitorJob, PandaErrorKind } from '../../../../src/panda/index.ts';
import { createJobStore, createPoller } from '../../../../src/watch/index.ts';
import type { JobStore, Poller, PollStatus } from '../../../../src/watch/index.ts';
import { FakeClock, settle } from '../fakeClock.ts';
import { ScriptedServer } from '../scriptedServer.ts';

describe('poller', () => {
  let clock: FakeClock;
  let server: ScriptedServer;
  let store: JobStore;
  let poller: Poller;
  let statuses: PollStatus[];
  let reasons: string[];

  beforeEach(() => {
    clock = new FakeClock();
    server = new ScriptedServer();
    store = createJobStore();
    statuses = [];
    reasons = [];
    poller = create();
  });

  afterEach(() => {
    poller.dispose();
    assert.ok(server.mostUnderWay <= 1, 'two calls at once');
  });

  function create(client = server.client): Poller {
    const made = createPoller({
      client,
      store,
      profile: { user: 'me' },
      clock,
      random: () => 0.5,
      onPoll: (reason) => reasons.push(reason),
    });
    made.onDidChangeStatus((status) => statuses.push(status));
    return made;
  }

  /** Starts with jobs that the server knows in a state. */
  async function begin(state: string, ...pandaIds: number[]): Promise<void> {
    for (const pandaId of pandaIds) server.set(pandaId, state);
    poller.track(pandaIds);
    poller.start();
    await clock.next();
    server.take();
  }

  const described = (): number[][] =>
    server
      .take()
      .filter((call) => call.kind === 'describe')
      .map((call) => [...call.pandaIds]);

  it('does nothing before it is started', async () => {
    poller.track([1]);
    await clock.pass(100_000);
    assert.deepEqual([server.calls, poller.status], [[], { kind: 'idle' }]);
  });

  it('finds jobs of mine in the monitor, and asks the server for all it does not know to have ended', async () => {
    server.monitorJobs = [monitorJob(11, 'running'), monitorJob(12, 'failed'), monitorJob(13, 'finished')];
    server.set(11, 'holding', { computingSite: 'SITE' });
    server.set(12, 'failed', { transExitCode: '3' });
    server.set(13, 'finished');
    poller.start();
    const startedAt = clock.wallTime;
    await clock.next();
    assert.deepEqual(
      [11, 12, 13].map((id) => [store.get(id)?.state, store.get(id)?.error, store.get(id)?.site]),
      [
        ['holding', null, 'SITE'],
        ['failed', 'trans:3', null],
        ['finished', null, null],
      ],
    );
    assert.deepEqual(poller.status, { kind: 'current', asOf: startedAt, warning: null });
    server.take();
    await clock.next();
    assert.deepEqual(server.take(), [{ kind: 'describe', pandaIds: [11] }]);
  });

  it('asks the monitor once a minute, first for a week, and lets it speak only of jobs not heard of', async () => {
    await begin('running', 1);
    server.monitorJobs = [monitorJob(1, 'activated'), monitorJob(2, 'running')];
    server.set(2, 'running');
    const monitorCalls: [number, number | undefined][] = [];
    const start = clock.wallTime;
    while (clock.wallTime < start + 200_000) {
      await clock.next();
      for (const call of server.take()) {
        if (call.kind === 'monitor') monitorCalls.push([clock.wallTime - start, call.days]);
      }
    }
    assert.ok(monitorCalls.length >= 2 && monitorCalls.length <= 3, JSON.stringify(monitorCalls));
    assert.deepEqual(new Set(monitorCalls.map(([, days]) => days)), new Set([1]));
    assert.equal(store.get(1)?.state, 'running');
    assert.equal(store.get(2)?.state, 'running');
  });

  it('polls fast while something moves and slower the longer nothing does', async () => {
    await begin('running', 1);
    const waits: number[] = [];
    for (let poll = 0; poll < 30; poll += 1) waits.push(await clock.next());
    assert.equal(waits[0], 1500);
    assert.ok(waits.every((wait, at) => wait >= (waits[at - 1] ?? 0)));
    assert.equal(waits.at(-1), 30_000);
    server.set(1, 'holding');
    await clock.next();
    assert.equal(await clock.next(), 1500);
  });

  it('takes a heartbeat for no movement', async () => {
    await begin('running', 1);
    for (let poll = 0; poll < 12; poll += 1) {
      const modificationTime = `2026-11-23 12:00:${10 + poll}`;
      server.set(1, 'running', { modificationTime, jobName: 'R22_S11.mp4k2a0000.1' });
      await clock.next();
    }
    assert.ok((clock.untilNext ?? 0) > 10_000);
  });

  it('asks only for new jobs when all have ended, and for nothing when hidden as well', async () => {
    await begin('running', 1);
    server.set(1, 'finished');
    await clock.next();
    server.take();
    assert.equal(await clock.next(), 60_000);
    assert.deepEqual(server.take(), [{ kind: 'monitor', pandaIds: [], days: 1 }]);
    poller.setAttention('hidden');
    assert.equal(clock.timers, 0);
  });

  it('slows down when nobody looks, and goes on with what remains of the wait', async () => {
    await begin('running', 1);
    poller.setAttention('visible');
    assert.equal(clock.untilNext, 5000);
    poller.setAttention('hidden');
    assert.equal(clock.untilNext, 60_000);
    await clock.pass(4000);
    assert.equal(clock.untilNext, 56_000);
    poller.setAttention('visible');
    assert.equal(clock.untilNext, 1000);
    assert.equal(server.calls.length, 0);
    poller.setAttention('focused');
    assert.equal(clock.untilNext, 0);
    await clock.pass(0);
    assert.deepEqual(described(), [[1]]);
  });

  it('rests after a poll that took long', async () => {
    await begin('running', 1);
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    await clock.next();
    await clock.pass(10_000);
    open();
    await settle();
    assert.equal(clock.untilNext, 30_000);
  });

  it('is not led astray by a clock that is set', async () => {
    await begin('running', 1);
    clock.wallTime -= 7_200_000;
    poller.setAttention('visible');
    assert.equal(clock.untilNext, 5000);
    await clock.next();
    assert.deepEqual(described(), [[1]]);
    clock.wallTime += 7_200_000;
    poller.setAttention('focused');
    assert.equal(clock.untilNext, 0);
    await clock.next();
    const wait = clock.untilNext ?? 0;
    assert.ok(wait > 0 && wait < 60_000, String(wait));
  });

  it('backs off while the server does not answer, says since when, and comes back', async () => {
    await begin('running', 1);
    const asOf = poller.status.kind === 'current' ? poller.status.asOf : undefined;
    server.errors.push(...Array.from({ length: 8 }, () => failure('unreachable')));
    const waits: number[] = [];
    for (let poll = 0; poll < 8; poll += 1) {
      await clock.next();
      const status = poller.status;
      assert.ok(status.kind === 'failing');
      assert.equal(status.asOf, asOf);
      assert.equal(status.nextTry - clock.wallTime, clock.untilNext);
      waits.push(clock.untilNext ?? 0);
    }
    assert.deepEqual(waits, [1750, 3500, 7000, 14_000, 28_000, 52_500, 52_500, 52_500]);
    await clock.next();
    assert.equal(poller.status.kind, 'current');
    assert.ok((clock.untilNext ?? 0) < 10_000);
  });

  it('says at once that it is not let in, and does not hammer', async () => {
    await begin('running', 1);
    server.errors.push(failure('unauthorised'));
    statuses = [];
    await clock.next();
    assert.deepEqual(
      statuses.map((status) => status.kind === 'failing' && status.error.message),
      ['Could not describe: no.'],
    );
    assert.equal(clock.untilNext, 52_500);
    poller.setAttention('hidden');
    assert.equal(clock.untilNext, 525_000);
    assert.equal(poller.status.kind === 'failing' && poller.status.nextTry, clock.wallTime + 525_000);
    await poller.refresh('signed in');
    assert.equal(poller.status.kind, 'current');
  });

  it('goes on without the monitor, and says so', async () => {
    server.monitorError = failure('unreachable');
    await begin('running', 1);
    assert.equal(store.get(1)?.state, 'running');
    assert.equal(poller.status.kind === 'current' && poller.status.warning, server.monitorError);
    server.monitorError = undefined;
    await poller.refresh('again');
    assert.equal(poller.status.kind === 'current' && poller.status.warning, null);
  });

  it('joins a refresh to the poll under way', async () => {
    await begin('running', 1);
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    const first = poller.refresh('command');
    const second = poller.refresh('view');
    await settle();
    assert.equal(server.take().length, 1);
    open();
    server.gate = undefined;
    await Promise.all([first, second]);
    assert.deepEqual(reasons, ['schedule', 'command']);
    assert.equal(clock.timers, 1);
  });

  it('rejects a refresh as its poll was', async () => {
    await begin('running', 1);
    server.errors.push(failure('protocol'));
    await assert.rejects(poller.refresh('command'), { kind: 'protocol' });
    assert.equal(poller.status.kind, 'failing');
  });

  it('looks for jobs that vanished in the archive, and gives up those that are nowhere', async () => {
    await begin('running', 1, 2);
    server.archived.set(1, { ...(server.jobs.get(1) ?? assert.fail()), jobStatus: 'finished' });
    server.jobs.clear();
    await clock.next();
    assert.deepEqual(
      server.take().map((call) => [call.kind, call.pandaIds]),
      [
        ['describe', [2, 1]],
        ['archive', [2, 1]],
      ],
    );
    assert.equal(store.get(1)?.state, 'finished');
    assert.equal(store.get(2)?.state, 'running');
    await clock.next();
    await clock.next();
    assert.equal(store.get(2)?.state, 'unknown');
    server.take();
    await clock.next();
    assert.deepEqual(described(), []);
    server.set(2, 'failed');
    await poller.refresh('command');
    assert.equal(store.get(2)?.state, 'failed');
  });

  it('drops ids that were never known', async () => {
    poller.track([99]);
    poller.start();
    for (let poll = 0; poll < 3; poll += 1) await clock.next();
    server.take();
    assert.equal(await clock.next(), 60_000);
    assert.deepEqual(described(), []);
    assert.equal(store.size, 0);
  });

  it('shows a cancel until the job has ended', async () => {
    await begin('running', 1);
    for (let poll = 0; poll < 10; poll += 1) await clock.next();
    poller.cancelRequested([1, 404]);
    assert.equal(store.get(1)?.cancelRequested, true);
    assert.equal(store.size, 1);
    assert.equal(clock.untilNext, 1500);
    await clock.next();
    assert.equal(store.get(1)?.cancelRequested, true, 'the server does not show it yet');
    server.set(1, 'cancelled');
    await clock.next();
    assert.deepEqual([store.get(1)?.state, store.get(1)?.cancelRequested], ['cancelled', false]);
  });

  it('learns of cancels that others asked for', async () => {
    server.set(1, 'running', { commandToPilot: 'tobekilled' });
    poller.track([1]);
    poller.start();
    await clock.next();
    assert.equal(store.get(1)?.cancelRequested, true);
  });

  it('sets attempts of tasks apart that another one followed, but none that finished', async () => {
    const of = (first: number): Record<string, unknown> => ({
      jediTaskID: 9,
      jobName: `user.me.work/.${first}`,
    });
    server.set(1, 'failed', of(1));
    server.set(2, 'finished', of(2));
    poller.track([1, 2]);
    poller.start();
    await clock.next();
    const apart = (): readonly (boolean | undefined)[] => [1, 2, 3, 4].map((id) => store.get(id)?.superseded);
    assert.deepEqual(apart(), [false, false, undefined, undefined]);
    server.set(3, 'running', of(1));
    server.set(4, 'running', of(2));
    poller.track([3, 4]);
    await clock.next();
    assert.deepEqual(apart(), [true, false, false, false]);
  });

  it('asks soon for jobs that were put into the store', async () => {
    poller.start();
    await clock.next();
    assert.equal(clock.untilNext, 60_000);
    store.apply([{ pandaId: 5, state: 'defined', jobName: 'new' }]);
    assert.equal(clock.untilNext, 1500);
  });

  it('asks for many jobs in pieces, and for the rest in the next polls', async () => {
    const ids = Array.from({ length: 25_000 }, (_, index) => index + 1);
    store.apply(ids.map((pandaId) => ({ pandaId, state: 'running' })));
    for (const id of ids) server.set(id, 'running');
    poller.start();
    const asked = new Set<number>();
    for (let poll = 0; poll < 3; poll += 1) {
      await clock.pass(clock.untilNext ?? 0);
      while (server.underWay > 0) await settle();
      await settle();
      const calls = described();
      assert.ok(calls.every((call) => call.length <= 1000));
      assert.ok(calls.length <= 10);
      for (const id of calls.flat()) asked.add(id);
    }
    assert.equal(asked.size, ids.length);
  });

  it('stops everything when it is disposed of', async () => {
    await begin('running', 1);
    server.gate = new Promise(() => undefined);
    const refresh = poller.refresh('command');
    await settle();
    poller.dispose();
    await assert.rejects(refresh, { name: 'AbortError' });
    await assert.rejects(poller.refresh('late'), { name: 'AbortError' });
    poller.start();
    poller.track([7]);
    store.apply([{ pandaId: 8, state: 'running' }]);
    assert.equal(clock.timers, 0);
  });

  it('works without a monitor', async () => {
    poller.dispose();
    poller = create({ ...server.client, monitor: undefined });
    await begin('running', 1);
    assert.equal(store.get(1)?.state, 'running');
    assert.equal(poller.status.kind, 'current');
  });

  it('asks whether the server is there, without jobs and without a monitor', async () => {
    poller.dispose();
    poller = create({ ...server.client, monitor: undefined });
    server.errors.push(failure('unreachable'));
    poller.start();
    await clock.next();
    assert.equal(poller.status.kind, 'failing');
    await clock.next();
    assert.equal(poller.status.kind, 'current');
    assert.deepEqual([...new Set(server.take().map(({ kind }) => kind))], ['isAlive']);
  });
});

function monitorJob(pandaId: number, state: string): MonitorJob {
  return { pandaId, jobName: `job${pandaId}`, state, site: null, creationTime: null, modificationTime: null };
}

function failure(kind: PandaErrorKind): PandaError {
  return new PandaError({ kind, tried: 'describe', cameBack: 'no', advice: 'Wait' });
}

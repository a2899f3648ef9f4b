import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBackground, type Background } from '../../../../src/sandbox/server/background.ts';
import { fileValues, jobValues } from '../../../../src/sandbox/server/store/columns.ts';
import { openStore, type Store } from '../../../../src/sandbox/server/store/store.ts';
import { NOW, storedFile, storedJob } from './storedJobs.ts';

const INTERVAL = 1000;
const QUIET = 10_000;

describe('background work of the sandbox', () => {
  let folder: string;
  let store: Store;
  let background: Background;
  let time: number;
  let wall: number;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-background-'));
    store = openStore(path.join(folder, 'panda.db'));
    time = 0;
    wall = NOW;
    background = begin();
  });
  afterEach(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });

  function begin(): Background {
    const patience = { sent: QUIET, starting: QUIET, running: QUIET, holding: QUIET, transferring: QUIET };
    return createBackground({ store, now: () => wall, uuid: () => 'u', monotonic: () => time, patience });
  }
  function add(PandaID: number, jobStatus: string): void {
    const job = storedJob({ PandaID, jobStatus, creationTime: wall, modificationTime: wall });
    const log = storedFile({ PandaID, lfn: `${PandaID}.log`, type: 'log', status: 'unknown' });
    store.insert({ job: jobValues(job), files: [fileValues(log)] });
  }
  function tick(elapsed = INTERVAL): void {
    time += elapsed;
    wall += elapsed;
    background.watch(INTERVAL);
  }
  const stateOf = (id: number): string | undefined => store.job(id)?.jobStatus;

  it('activates what is defined, in steps, and gives the log its GUID', () => {
    store.transaction(() => {
      for (let id = 1; id <= 600; id++) add(id, 'defined');
    });
    let steps = 1;
    while (background.setUp() !== undefined) steps++;
    assert.equal(steps, 3);
    assert.equal(store.rows(`SELECT count(*) FROM jobs WHERE jobStatus = 'activated'`)[0]?.[0], 600);
    assert.equal(store.files(1)[0]?.GUID, 'u');
  });

  it('waits for the disk again after a step that need not, also after one that failed', () => {
    const synced = (): unknown => store.rows('PRAGMA synchronous')[0]?.[0];
    const [normal, full] = [1, 2];
    assert.equal(store.repeatable(synced), normal);
    assert.equal(store.transaction(synced), full);
    assert.throws(() =>
      store.repeatable(() => {
        throw new Error('no');
      }),
    );
    assert.equal(store.transaction(synced), full);
  });

  it('gives up a job after its patience, and not before', () => {
    add(1, 'running');
    for (let ticks = 0; ticks <= QUIET / INTERVAL; ticks++) tick();
    assert.equal(stateOf(1), 'running');
    tick();
    assert.equal(stateOf(1), 'failed');
    assert.equal(store.files(1)[0]?.status, 'failed');
  });

  it('keeps a job that is heard of', () => {
    add(1, 'running');
    for (let ticks = 0; ticks < 100; ticks++) {
      if (ticks % 5 === 0) background.heard(1);
      tick();
    }
    assert.equal(stateOf(1), 'running');
  });

  it('does not take its own sleep for the silence of pilots', () => {
    add(1, 'running');
    for (let night = 0; night < 3; night++) {
      tick();
      tick(8 * 3_600_000);
    }
    assert.equal(stateOf(1), 'running');
  });

  it('does not mind a clock that is put forward or back', () => {
    add(1, 'running');
    tick();
    wall += 24 * 3_600_000;
    tick();
    wall -= 48 * 3_600_000;
    tick();
    assert.equal(stateOf(1), 'running');
  });

  it('gives every job its whole patience after a restart', () => {
    add(1, 'running');
    for (let ticks = 0; ticks < QUIET / INTERVAL; ticks++) tick();
    background = begin();
    for (let ticks = 0; ticks < QUIET / INTERVAL; ticks++) tick();
    assert.equal(stateOf(1), 'running');
  });

  it('leaves a job alone whose end is reported', () => {
    add(1, 'holding');
    store.run('INSERT INTO reports VALUES (?, ?, ?, ?)', 1, 'finished', '', wall);
    for (let ticks = 0; ticks < 50; ticks++) tick();
    assert.equal(stateOf(1), 'holding');
  });

  it('ends jobs when their time in holding is over, whatever the clock does', () => {
    add(1, 'holding');
    store.run('INSERT INTO reports VALUES (?, ?, ?, ?)', 1, 'failed', '', wall);
    assert.equal(background.addOutputs(200), 200);
    assert.equal(stateOf(1), 'holding');
    wall -= 3_600_000;
    assert.equal(background.addOutputs(200), undefined);
    assert.equal(stateOf(1), 'failed');
  });
});

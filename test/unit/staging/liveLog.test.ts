import assert from 'node:assert/strict';
import { createLiveLog, folderStore, liveLogKey, StagingError } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const attempt = {
  area: { user: 'ada', date: '2026-11-23', submissionId: 'mi1f9x0k2a' },
  jobId: '7',
  attempt: 1,
};

describe('live logs', () => {
  const folder = temporaryFolder();
  const opened = () => {
    const store = folderStore(folder.path);
    const put = (number: number, text: string) =>
      store.put(liveLogKey(attempt, 'stdout', number), Buffer.from(text));
    return { store, put, log: createLiveLog(store, attempt, 'stdout') };
  };
  const textOf = ({ bytes }: { bytes: Uint8Array }): string => Buffer.from(bytes).toString();

  it('are not there before the first piece', async () => {
    const { log, put } = opened();
    await assert.rejects(
      log.read(0, 10),
      (error) => error instanceof StagingError && error.kind === 'notFound',
    );
    await put(0, 'first');
    assert.equal(textOf(await log.read(0, 100)), 'first');
  });

  it('are read across pieces, from anywhere, as they grow', async () => {
    const { log, put } = opened();
    for (let number = 0; number < 12; number += 1) await put(number, `piece ${number}\n`);
    const all = Array.from({ length: 12 }, (_, number) => `piece ${number}\n`).join('');
    assert.deepEqual({ ...(await log.read(0, 1000)), bytes: '' }, { from: 0, bytes: '', size: all.length });
    assert.equal(textOf(await log.read(0, 1000)), all);
    for (const [from, length] of [
      [3, 20],
      [8, 8],
      [7, 2],
      [all.length - 1, 5],
      [all.length, 5],
    ] as const) {
      assert.equal(textOf(await log.read(from, length)), all.slice(from, from + length));
    }
    await put(12, 'more');
    assert.equal(textOf(await log.read(all.length, 100)), 'more');
  });

  it('wait for a piece that is missing', async () => {
    const { log, put } = opened();
    await put(0, 'a');
    await put(2, 'c');
    assert.equal(textOf(await log.read(0, 10)), 'a');
    await put(1, 'b');
    assert.equal(textOf(await log.read(0, 10)), 'abc');
  });

  it('pass over other streams, empty pieces and other files', async () => {
    const { log, put, store } = opened();
    await put(0, 'a');
    await put(1, '');
    await put(2, 'c');
    await store.put(liveLogKey(attempt, 'stdout.err', 3), Buffer.from('x'));
    await store.put(`${liveLogKey(attempt, 'stdout', 3)}x`, Buffer.from('x'));
    assert.equal(textOf(await log.read(0, 10)), 'ac');
  });
});

import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import {
  abortUnfinished,
  folderStore,
  outputKey,
  recordUsedInputs,
  removeAreas,
  removeObjects,
  sharedInputKey,
  stagingUsage,
  StagingError,
  unusedInputs,
  usedInputsKey,
} from '../../../src/staging/index.ts';
import { ScriptedS3 } from './scriptedS3.ts';
import { temporaryFolder } from './temporary.ts';

const area = (submissionId: string, user = 'ada') => ({ user, date: '2026-11-23', submissionId });
const input = (digit: string, user = 'ada') => sharedInputKey(user, digit.repeat(64), 'cat.txt');

describe('clean-up', () => {
  const folder = temporaryFolder();
  /** Two areas of ada with three shared inputs, one of them unused, and an area of bob. */
  const filled = async () => {
    const store = folderStore(folder.path);
    for (const digit of ['1', '2', '3']) await store.put(input(digit), Buffer.from(digit.repeat(10)));
    for (const [id, used] of [
      ['first', ['1', '2']],
      ['second', ['2']],
    ] as const) {
      await store.put(outputKey({ area: area(id), jobId: '1', attempt: 1 }, 'x.fits'), Buffer.from('12345'));
      await recordUsedInputs(
        store,
        area(id),
        used.map((digit) => input(digit)),
      );
    }
    await store.put(outputKey({ area: area('first', 'bob'), jobId: '1', attempt: 1 }, 'x'), Buffer.from('1'));
    const old = new Date(0);
    await utimes(
      join(folder.path, outputKey({ area: area('first'), jobId: '1', attempt: 1 }, 'x.fits')),
      old,
      old,
    );
    await utimes(join(folder.path, usedInputsKey(area('first'))), old, old);
    return store;
  };
  const keysOf = async (store: ReturnType<typeof folderStore>, prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix)) keys.push(key);
    return keys.sort();
  };
  const later = Infinity;

  it('sees what a user has, the oldest first, and nothing of others', async () => {
    const usage = await stagingUsage(await filled(), 'ada');
    assert.deepEqual(
      usage.areas.map(({ name, files }) => [name.submissionId, files]),
      [
        ['first', 2],
        ['second', 2],
      ],
    );
    assert.ok(usage.areas[0]!.size > 5);
    assert.equal(usage.areas[0]!.modified, 0);
    assert.equal(usage.shared.files, 3);
    assert.equal(usage.shared.size, 30);
    assert.deepEqual(usage.unfinished, []);
  });

  it('removes the areas that are named, and only those', async () => {
    const store = await filled();
    const seen: number[] = [];
    const removed = await removeAreas(store, [area('first')], { onRemoved: ({ files }) => seen.push(files) });
    assert.equal(removed.files, 2);
    assert.deepEqual(seen, [1]);
    assert.deepEqual(
      (await stagingUsage(store, 'ada')).areas.map(({ name }) => name.submissionId),
      ['second'],
    );
    assert.equal((await keysOf(store, 'bob/')).length, 1);
    assert.equal((await keysOf(store, 'ada/in/')).length, 3);
  });

  it('finds inputs that nothing uses any more', async () => {
    const store = await filled();
    const keys = async (without: ReturnType<typeof area>[] = []) =>
      (await unusedInputs(store, 'ada', later, { without })).map(({ key }) => key).sort();
    assert.deepEqual(await keys(), [input('3')]);
    assert.deepEqual(await keys([area('first')]), [input('1'), input('3')]);
    assert.deepEqual(await keys([area('first'), area('second')]), [input('1'), input('2'), input('3')]);
    // A submission under way has not noted yet what it uses.
    assert.deepEqual(await unusedInputs(store, 'ada', Date.now() - 3_600_000), []);
    const removed = await removeObjects(store, await unusedInputs(store, 'ada', later));
    assert.deepEqual(removed, { files: 1, size: 10 });
    assert.equal((await keysOf(store, 'ada/in/')).length, 2);
  });

  it('removes no input when it cannot tell what uses it', async () => {
    const store = await filled();
    await store.put(usedInputsKey(area('second')), Buffer.from('{"version":1,"inp'));
    await assert.rejects(
      unusedInputs(store, 'ada', later),
      (error) => error instanceof StagingError && error.kind === 'protocol',
    );
  });

  it('gives up uploads that were begun long ago', async () => {
    const s3 = new ScriptedS3();
    await s3.start();
    const store = s3.store({ prefix: 'p' });
    await store.parts!.create('ada/x');
    await store.parts!.create('bob/x');
    const { unfinished } = await stagingUsage(store, 'ada');
    assert.deepEqual(
      unfinished.map(({ key }) => key),
      ['ada/x'],
    );
    assert.equal(await abortUnfinished(store, unfinished, 0), 0);
    assert.equal(await abortUnfinished(store, unfinished, Date.parse('2026-11-02')), 1);
    // Somebody else was quicker.
    assert.equal(await abortUnfinished(store, unfinished, Date.parse('2026-11-02')), 1);
    assert.deepEqual(
      [...s3.uploads.values()].map(({ key }) => key),
      ['p/bob/x'],
    );
    store.dispose();
    await s3.stop();
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createToldOnce } from '../../../../src/editor/notices/toldOnce.ts';

describe('what several windows know the end of', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-told-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is told by the first of them, and of a window that is opened later by nobody', async () => {
    const windows = Array.from({ length: 20 }, () => createToldOnce(join(folder, 'told'), Date.now));
    const told = await Promise.all(windows.map((isFirst) => isFirst('sandbox ../a 1')));
    assert.equal(told.filter((isFirst) => isFirst).length, 1);
    assert.equal(await createToldOnce(join(folder, 'told'), Date.now)('sandbox ../a 1'), false);
    assert.equal(await windows[0]?.('sandbox ../a 2'), true);
    assert.deepEqual((await readdir(folder)).toSorted(), ['told']);
  });

  it('is forgotten after a month, and told where nothing can be noted', async () => {
    const old = join(folder, 'old');
    await writeFile(old, '');
    await utimes(old, 1, 1);
    assert.equal(await createToldOnce(folder, Date.now)('one'), true);
    assert.deepEqual((await readdir(folder)).includes('old'), false);
    const file = join(folder, 'file');
    await writeFile(file, '');
    assert.equal(await createToldOnce(join(file, 'none'), Date.now)('one'), true);
  });
});

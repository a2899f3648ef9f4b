import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLockFile } from '../../../../src/panda/index.ts';

describe('a lock between programs', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
    file = join(folder, 'lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A clock that only waiting moves. */
  const patience = () => {
    const tools = {
      time: 0,
      now: () => tools.time,
      delay: async (ms: number, signal: AbortSignal | undefined) => {
        tools.time += ms;
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      },
    };
    return tools;
  };

  it('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLockFile(file, patience(), undefined, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 8 }, enter));
    assert.equal(most, 1);
    await assert.rejects(
      withLockFile(file, patience(), undefined, () => Promise.reject(new Error('inside'))),
      /inside/,
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('of a program that ended is taken at once, by one', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(file, `${pid} ${hostname()} x`);
    const tools = patience();
    let entered = 0;
    await Promise.all(
      Array.from({ length: 4 }, () =>
        withLockFile(file, tools, undefined, async () => {
          entered += 1;
          assert.match(await readFile(file, 'utf8'), new RegExp(`^${process.pid} `));
        }),
      ),
    );
    assert.equal(entered, 4);
    assert.ok(tools.time < 10_000);
  });

  it('of another machine is taken when it stayed the same for a minute', async () => {
    await writeFile(file, '1 elsewhere.example.org x');
    const tools = patience();
    await withLockFile(file, tools, undefined, async () => undefined);
    assert.ok(tools.time > 60_000 && tools.time < 70_000, String(tools.time));
    await writeFile(file, '');
    await withLockFile(file, patience(), undefined, async () => undefined);
  });

  it('is not waited for by who does not want to any more', async () => {
    await writeFile(file, '1 elsewhere.example.org x');
    const stop = new AbortController();
    const waiting = withLockFile(file, patience(), stop.signal, () => assert.fail('it is let in'));
    stop.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    assert.equal(await readFile(file, 'utf8'), '1 elsewhere.example.org x');
  });
});

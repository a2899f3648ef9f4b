import assert from 'node:assert/strict';
import { buildUsage } from '../../../src/editor/panel/usage.ts';
import { record } from '../watch/scriptedServer.ts';

const job = record({ PandaID: 7, minRamCount: 2000, minRamUnit: 'MB', coreCount: 2 });

describe('what a job used over time', () => {
  it('is read from the table of prmon, whatever the order of its columns', async () => {
    const view = await buildUsage(
      'Time\twtime\tnprocs\tstime\tutime\tpss\trss\n100\t0\t1\t0\t0\t1024\t2048\n110\t10\t2\t5\t10\t2048\t4096\n120\t20\t2\t5\t10\t1024\t1024\n',
      job,
    );
    assert.deepEqual(view, {
      seconds: [0, 10, 20],
      pss: [1048576, 2097152, 1048576],
      rss: [2097152, 4194304, 1048576],
      cores: [null, 1.5, 0],
      memoryAsked: 2000 * 1024 * 1024,
      coresAsked: 2,
    });
  });

  it('is nothing where the table is none, and holds what is whole of a broken one', async () => {
    for (const table of ['', 'hello', 'a b\n1 2\n3 4', 'Time rss\n1 2\n', '\0\n\0']) {
      assert.equal(await buildUsage(table, job), undefined);
    }
    const view = await buildUsage('Time rss\n10 1\n20 x\n15 9\n30 -5\n40', job);
    assert.deepEqual(view?.seconds, [0, 10, 20]);
    assert.deepEqual(view.rss, [1024, null, null]);
    assert.equal(view.pss, null);
    assert.equal(view.cores, null);
  });

  it('keeps the peaks of a long one', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${index === 7_777 ? 999 : 1}`);
    const view = await buildUsage(`Time rss\n${lines.join('\n')}`, job);
    assert.ok(view !== undefined && view.seconds.length <= 600);
    assert.equal(Math.max(...(view.rss ?? []).map(Number)), 999 * 1024);
    assert.equal(view.seconds.at(-1), 19_999);
  });

  it('lets others have their turn, however large and odd the table is', async () => {
    const size = 256 * 1024;
    const tables = {
      samples: `time\n${'1\n'.repeat(size / 2)}`,
      columns: `time rss\n${'7 '.repeat(size / 2)}`,
      'long lines': `time rss\n${`${'7 '.repeat(1_900)}\n`.repeat(size / 3_801)}`,
      'empty lines': `time rss\n${'\n'.repeat(size)}`,
    };
    for (const [name, table] of Object.entries(tables)) {
      let turns = 0;
      let isRead = false;
      const count = (): void => {
        turns += 1;
        if (!isRead) setImmediate(count);
      };
      setImmediate(count);
      const view = await buildUsage(table, job);
      isRead = true;
      assert.equal(view === undefined, name !== 'samples');
      // A line that is too long is passed over as a whole.
      if (name !== 'columns') assert.ok(turns > 5, `${name}: ${turns} turns`);
    }
  });
});

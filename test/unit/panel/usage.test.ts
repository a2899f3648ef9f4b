import assert from 'node:assert/strict';
import { buildUsage } from '../../../src/editor/panel/usage.ts';
import { record } from '../watch/scriptedServer.ts';

const job = record({ PandaID: 7, minRamCount: 2000, minRamUnit: 'MB', coreCount: 2 });

describe('what a job used over time', () => {
  it('is read from the table of prmon, whatever the order of its columns', () => {
    const view = buildUsage(
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

  it('is nothing where the table is none, and holds what is whole of a broken one', () => {
    for (const table of ['', 'hello', 'a b\n1 2\n3 4', 'Time rss\n1 2\n', '\0\n\0']) {
      assert.equal(buildUsage(table, job), undefined);
    }
    const view = buildUsage('Time rss\n10 1\n20 x\n15 9\n30 -5\n40', job);
    assert.deepEqual(view?.seconds, [0, 10, 20]);
    assert.deepEqual(view.rss, [1024, null, null]);
    assert.equal(view.pss, null);
    assert.equal(view.cores, null);
  });

  it('keeps the peaks of a long one', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${index === 7_777 ? 999 : 1}`);
    const view = buildUsage(`Time rss\n${lines.join('\n')}`, job);
    assert.ok(view !== undefined && view.seconds.length <= 600);
    assert.equal(Math.max(...(view.rss ?? []).map(Number)), 999 * 1024);
    assert.equal(view.seconds.at(-1), 19_999);
  });
});

import assert from 'node:assert/strict';
import type { JobRecord } from '../../../../src/panda/index.ts';
import { Attempts } from '../../../../src/watch/poll/attempts.ts';
import { record } from '../scriptedServer.ts';

describe('attempts of a task', () => {
  const job = (PandaID: number, first: number, more: object = {}): JobRecord =>
    record({ PandaID, jediTaskID: 9, jobName: `user.me.work.0123456789/.${first}`, ...more });

  it('are known by the name of the first one, in whatever order they come', () => {
    const jobs = [job(11, 11), job(12, 12), job(15, 11), job(17, 11), job(18, 18)];
    for (const order of [jobs, jobs.toReversed(), [jobs[2]!, jobs[0]!, jobs[3]!, jobs[4]!, jobs[1]!]]) {
      const attempts = new Attempts();
      for (const one of order) attempts.take([one]);
      attempts.take(jobs);
      const followed = [11, 12, 15, 17, 18].filter((pandaId) => attempts.isFollowed(pandaId));
      assert.deepEqual(followed, [11, 15]);
    }
  });

  it('tell at once which ones they follow', () => {
    const attempts = new Attempts();
    assert.deepEqual(attempts.take([job(15, 11)]), [11]);
    assert.deepEqual(attempts.take([job(11, 11)]), [11]);
    assert.deepEqual(attempts.take([job(17, 11), job(12, 12)]), [15]);
    assert.deepEqual(attempts.take([job(30, 30, { parentID: 29 })]), [29]);
  });

  it('are none of jobs without a task, or with other names', () => {
    const attempts = new Attempts();
    const others = [
      record({ PandaID: 15, jobName: 'user.me.work.0123456789.11' }),
      job(16, 17),
      job(18, 0),
      record({ PandaID: 19, jediTaskID: 9, jobName: null }),
      record({ PandaID: 20, jediTaskID: 9, jobName: 'merge' }),
    ];
    assert.deepEqual(attempts.take(others), []);
  });
});

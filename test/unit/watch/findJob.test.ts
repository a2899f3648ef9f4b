import assert from 'node:assert/strict';
import { PandaError } from '../../../src/panda/index.ts';
import type { JobRecord } from '../../../src/panda/index.ts';
import { findJobRecord } from '../../../src/watch/index.ts';

describe('finding a job', () => {
  const record = (PandaID: number): JobRecord => ({ PandaID, jobStatus: 'finished' }) as JobRecord;
  const failure = (kind: PandaError['kind']): PandaError =>
    new PandaError({ kind, tried: 'ask', cameBack: 'no', advice: '' });

  it("takes the server's word, and the monitor's for what the server has forgotten", async () => {
    const asked: number[] = [];
    const monitor = {
      job: (pandaId: number) => {
        asked.push(pandaId);
        return pandaId === 2
          ? Promise.resolve({ record: record(2), worker: null })
          : Promise.reject(failure(pandaId === 3 ? 'notFound' : 'unreachable'));
      },
    };
    const jobs = { describe: ([id]: readonly number[]) => Promise.resolve([id === 1 ? record(1) : null]) };
    assert.equal((await findJobRecord({ jobs, monitor }, 1))?.PandaID, 1);
    assert.equal((await findJobRecord({ jobs, monitor }, 2))?.PandaID, 2);
    assert.equal(await findJobRecord({ jobs, monitor }, 3), null);
    await assert.rejects(findJobRecord({ jobs, monitor }, 4), { kind: 'unreachable' });
    assert.equal(await findJobRecord({ jobs, monitor: undefined }, 2), null);
    assert.deepEqual(asked, [2, 3, 4]);
  });
});

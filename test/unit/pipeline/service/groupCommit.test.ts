import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../../../src/pipeline/service/journal.ts';
import type { ServiceJournal } from '../../../../src/pipeline/service/journal.ts';

describe('what submissions note together', () => {
  let folder: string;
  let journal: ServiceJournal;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jobcontrol-journal-'));
    journal = openJournal(join(folder, 'journal.sqlite'));
  });
  afterEach(async () => {
    journal.close();
    await rm(folder, { recursive: true });
  });

  const receive = (instance: number): Promise<number> =>
    journal.together(() => {
      const identity = { task: 'phosim', instance: String(instance), stream: '1', execution: '' };
      const place = { topTask: 'phosim', topStream: 1, streamPath: '1', process: '' };
      const job = { identity, place, digest: 'x', directory: '/x', workingDirectory: null, logFile: 'x' };
      return journal.receive('glast', job, 1).number;
    });

  it('is there when they are told so', async () => {
    const numbers = await Promise.all([1, 2, 3].map(receive));
    await Promise.all(
      numbers.map((number) => journal.together(() => journal.change(number, { step: 'writing' }))),
    );
    journal.close();
    journal = openJournal(join(folder, 'journal.sqlite'));
    assert.deepEqual(
      numbers.map((number) => journal.byNumber(number)?.step),
      ['writing', 'writing', 'writing'],
    );
  });

  it('is not lost by what another one could not note', async () => {
    await receive(1);
    const [again, other, failing] = await Promise.allSettled([
      receive(1),
      receive(2),
      journal.together(() => {
        throw new Error('no');
      }),
    ]);
    assert.deepEqual([again.status, other.status, failing.status], ['rejected', 'fulfilled', 'rejected']);
    assert.equal(journal.counts('glast').received, 2);
    assert.equal(await receive(3), 3);
  });

  it('is refused where the journal was closed meanwhile', async () => {
    const refused = assert.rejects(receive(1), /not open/);
    journal.close();
    await refused;
    journal = openJournal(join(folder, 'journal.sqlite'));
    assert.equal(journal.counts('glast').received, 0);
  });
});

import assert from 'node:assert/strict';
import * as disk from 'node:fs/promises';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { SubmitOutcome } from '../../../../src/panda/index.ts';
import {
  beginRecord,
  compareRecords,
  findRecordOfJob,
  formatRecord,
  parseRecord,
  readRecord,
  readRecords,
  readSubmissionFile,
  recordIdOf,
  recordPath,
  updateRecord,
  updateRecordOfTask,
  writeRecord,
} from '../../../../src/transformations/submissionFile/index.ts';
import type { SubmissionRecord } from '../../../../src/transformations/submissionFile/index.ts';
import { examples } from './examples.ts';

function record(change: Partial<SubmissionRecord> = {}, example = 2): SubmissionRecord {
  const asked = readSubmissionFile(examples[example]!).description;
  assert.ok(asked !== undefined);
  return {
    id: 'mi1f9x0k2a',
    name: 'noise {filter} {seed}',
    profile: 'sandbox',
    server: 'http://127.0.0.1:1',
    submittedAt: 1_790_000_000_000,
    file: 'noise.panda.yaml',
    asked,
    resubmitted: [],
    taskId: null,
    jobs: 5,
    pandaIds: [6_900_000_001, 6_900_000_002, 6_900_000_003, 6_900_000_007],
    ...change,
  };
}

describe('the record of a submission', () => {
  let folder = '';
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'record-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('says the same when it is read again, for everything that can be asked', () => {
    for (const index of examples.keys()) {
      const one = record({}, index);
      assert.deepEqual(parseRecord(formatRecord(one)), one);
    }
    const none = record({ pandaIds: [], file: null, jobs: 0 });
    assert.deepEqual(parseRecord(formatRecord(none)), none);
    const task = record({ taskId: 10_000_007, pandaIds: [] });
    assert.match(formatRecord(task), /^taskId: 10000007$/mu);
    assert.deepEqual(parseRecord(formatRecord(task)), task);
    const negative = formatRecord(task).replace('10000007', '-1');
    assert.equal(parseRecord(negative), undefined);
    const again = record({ resubmitted: [11, 12, 13, 20] });
    assert.deepEqual(parseRecord(formatRecord(again)), again);
    const later = record({ asked: { ...record().asked, transformation: 'of-another-version' } });
    assert.deepEqual(parseRecord(formatRecord(later)), later);
  });

  it('is for people', () => {
    const text = formatRecord(record());
    assert.match(text, /^# What was submitted/u);
    assert.match(text, /^submittedAt: 2026-09-21T14:13:20\.000Z$/mu);
    assert.match(text, /^pandaIds:\n  - 6900000001-6900000003\n  - 6900000007$/mu);
  });

  it('keeps 10,000 jobs on one line', () => {
    const pandaIds = Array.from({ length: 10_000 }, (_, index) => 1000 + index);
    const text = formatRecord(record({ pandaIds }));
    assert.ok(text.length < 2000);
    assert.deepEqual(parseRecord(text)?.pandaIds, pandaIds);
  });

  it('is found again by its id and by its jobs', async () => {
    const earlier = record({ id: 'mi1f9x0k00', pandaIds: [1, 2] });
    const path = await writeRecord(folder, earlier, disk);
    assert.equal(path, join(folder, '.panda', 'submissions', 'mi1f9x0k00.yaml'));
    await writeRecord(folder, record(), disk);
    await writeFile(join(folder, '.panda', 'submissions', 'notes.yaml'), 'a: b\n');
    await writeFile(join(folder, '.panda', 'submissions', 'mi1f9x0k99.yaml'), 'broken: [\n');
    assert.deepEqual(
      (await readRecords(folder, disk)).map(({ id }) => id),
      ['mi1f9x0k2a', 'mi1f9x0k00'],
    );
    assert.equal((await findRecordOfJob(folder, 6_900_000_007, disk))?.id, 'mi1f9x0k2a');
    assert.equal((await findRecordOfJob(folder, 2, disk))?.id, 'mi1f9x0k00');
    assert.equal(await findRecordOfJob(folder, 6_900_000_004, disk), undefined);
    assert.equal((await readRecord(folder, 'mi1f9x0k2a', disk))?.profile, 'sandbox');
    assert.equal(await readRecord(folder, '../../passwd', disk), undefined);
    assert.equal(await readRecord(folder, 'mi1f9x0k11', disk), undefined);
  });

  it('names the task that it became, and is found by it', async () => {
    const { asked } = record();
    await beginRecord({ folder, asked, file: null }, noted, disk);
    assert.equal(await updateRecordOfTask(folder, { id: noted.id, taskId: 10_000_007 }, disk), true);
    assert.equal((await findRecordOfJob(folder, 10_000_007, disk))?.id, noted.id);
    assert.equal(await updateRecordOfTask(folder, { id: 'mi1f9x0k00', taskId: 1 }, disk), false);
  });

  it('is written anew when more jobs got through, and leaves nothing else behind', async () => {
    await writeRecord(folder, record(), disk);
    await writeRecord(folder, record({ pandaIds: [1] }), disk);
    assert.deepEqual((await readRecords(folder, disk))[0]?.pandaIds, [1]);
    assert.deepEqual(await disk.readdir(join(folder, '.panda', 'submissions')), ['mi1f9x0k2a.yaml']);
  });

  const noted = { id: 'mi1f9x0k2a', name: 'n', profile: 'p', server: 'http://s', submittedAt: 0, jobs: 3 };
  const accepted = (pandaId: number): SubmitOutcome => ({
    kind: 'accepted',
    jobName: `n.${pandaId}`,
    pandaId,
    jobsetId: null,
  });

  it('is there before anything is sent, and takes in what comes of it, never less than it knows', async () => {
    const { asked } = record();
    await beginRecord({ folder, asked, file: null, resubmitted: [7] }, noted, disk);
    const begun = { ...noted, asked, file: null, resubmitted: [7], taskId: null, pandaIds: [] };
    assert.deepEqual(await readRecord(folder, noted.id, disk), begun);
    const lost: SubmitOutcome = { kind: 'unknown', jobName: 'n.3', reason: 'lost' };
    assert.equal(await updateRecord(folder, { ...noted, outcomes: [accepted(2), lost] }, disk), true);
    assert.deepEqual((await readRecord(folder, noted.id, disk))?.pandaIds, [2]);
    await updateRecord(folder, { ...noted, outcomes: [lost] }, disk);
    assert.deepEqual((await readRecord(folder, noted.id, disk))?.pandaIds, [2]);
    await updateRecord(folder, { ...noted, outcomes: [accepted(2), accepted(3)] }, disk);
    assert.deepEqual(await readRecord(folder, noted.id, disk), { ...begun, pandaIds: [2, 3] });
    assert.equal(await updateRecord(folder, { id: 'mi1f9x0k00', outcomes: [accepted(1)] }, disk), false);
    assert.deepEqual(
      (await readRecords(folder, disk)).map(({ id }) => id),
      [noted.id],
    );
  });

  it('stays whole when the disk is full, or two write at once', async () => {
    await writeRecord(folder, record(), disk);
    const full = {
      ...disk,
      writeFile: async (path: string, text: string) => {
        await disk.writeFile(path, text.slice(0, 10));
        throw new Error('no space left on device');
      },
    };
    await assert.rejects(writeRecord(folder, record({ pandaIds: [1] }), full), /no space/u);
    assert.deepEqual(await readRecord(folder, 'mi1f9x0k2a', disk), record());
    await Promise.all([1, 2, 3, 4].map((id) => writeRecord(folder, record({ pandaIds: [id] }), disk)));
    assert.equal((await readRecord(folder, 'mi1f9x0k2a', disk))?.pandaIds.length, 1);
    assert.deepEqual(await disk.readdir(join(folder, '.panda', 'submissions')), ['mi1f9x0k2a.yaml']);
  });

  it('is found by its path, and no other path is one', () => {
    assert.equal(recordIdOf(recordPath('/w', 'mi1f9x0k2a')), 'mi1f9x0k2a');
    for (const path of ['/w/mi1f9x0k2a.yaml', '/w/.panda/submissions/notes.yaml', '/w/a.panda.yaml']) {
      assert.equal(recordIdOf(path), undefined);
    }
  });

  it('is read of no folder, pipe or file of impossible size', async () => {
    const submissions = join(folder, '.panda', 'submissions');
    await mkdir(join(submissions, 'mi1f9x0k01.yaml'), { recursive: true });
    await writeFile(join(submissions, 'mi1f9x0k02.yaml'), formatRecord(record({ id: 'mi1f9x0k02' })));
    await disk.truncate(join(submissions, 'mi1f9x0k02.yaml'), 9_000_000);
    await writeRecord(folder, record(), disk);
    assert.deepEqual(
      (await readRecords(folder, disk)).map(({ id }) => id),
      ['mi1f9x0k2a'],
    );
    assert.deepEqual(await readRecords(folder, disk, { most: 0 }), []);
  });

  it('is not written to other places', async () => {
    await assert.rejects(writeRecord(folder, record({ id: '../../../xx' }), disk), RangeError);
  });

  it('does without a folder of records', async () => {
    assert.deepEqual(await readRecords(folder, disk), []);
    await mkdir(join(folder, '.panda'));
    await writeFile(join(folder, '.panda', 'submissions'), '');
    assert.deepEqual(await readRecords(folder, disk), []);
    assert.equal(await readFile(join(folder, '.panda', 'submissions'), 'utf8'), '');
  });

  it('tells in what two submissions differ', () => {
    const before = record({}, 1);
    const after = {
      ...record({ profile: 'usdf', pandaIds: [] }, 1),
      asked: { ...before.asked, resources: { ...before.asked.resources, memoryMB: 8000 }, sites: [] },
    };
    assert.deepEqual(compareRecords(before, after), [
      { where: 'asked.site', before: 'BNL-LSST', after: null },
      { where: 'asked.resources.memory', before: '4G', after: '8G' },
      { where: 'profile', before: 'sandbox', after: 'usdf' },
      { where: 'accepted', before: '4', after: '0' },
    ]);
    assert.deepEqual(compareRecords(before, before), []);
  });

  it('is not taken from files that are none', () => {
    const good = formatRecord(record());
    for (const text of [
      '',
      'a: b',
      good.replace('mi1f9x0k2a', '../x'),
      good.replace('6900000007', '1-999999999999'),
    ]) {
      assert.equal(parseRecord(text), undefined);
    }
    fc.assert(
      fc.property(fc.nat(good.length), fc.string({ maxLength: 3 }), (at, piece) => {
        parseRecord(good.slice(0, at) + piece + good.slice(at + piece.length));
      }),
    );
  });
});

import assert from 'node:assert/strict';
import * as disk from 'node:fs/promises';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  compareRecords,
  findRecordOfJob,
  formatRecord,
  parseRecord,
  readRecord,
  readRecords,
  readSubmissionFile,
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
      ['mi1f9x0k00', 'mi1f9x0k2a'],
    );
    assert.equal((await findRecordOfJob(folder, 6_900_000_007, disk))?.id, 'mi1f9x0k2a');
    assert.equal((await findRecordOfJob(folder, 2, disk))?.id, 'mi1f9x0k00');
    assert.equal(await findRecordOfJob(folder, 6_900_000_004, disk), undefined);
    assert.equal((await readRecord(folder, 'mi1f9x0k2a', disk))?.profile, 'sandbox');
    assert.equal(await readRecord(folder, '../../passwd', disk), undefined);
    assert.equal(await readRecord(folder, 'mi1f9x0k11', disk), undefined);
  });

  it('is written anew when more jobs got through, and leaves nothing else behind', async () => {
    await writeRecord(folder, record(), disk);
    await writeRecord(folder, record({ pandaIds: [1] }), disk);
    assert.deepEqual((await readRecords(folder, disk))[0]?.pandaIds, [1]);
    assert.deepEqual(await disk.readdir(join(folder, '.panda', 'submissions')), ['mi1f9x0k2a.yaml']);
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

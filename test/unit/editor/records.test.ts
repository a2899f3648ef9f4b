import assert from 'node:assert/strict';
import * as disk from 'node:fs/promises';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOldRequests } from '../../../src/editor/submissions/describeOldRequests.ts';
import { comparisonOf, recordEntry } from '../../../src/editor/submissions/recordTexts.ts';
import { WorkspaceRecords } from '../../../src/editor/submissions/records.ts';
import type { OldRequest } from '../../../src/editor/submitting/requestOfRecord.ts';
import type { SubmitOutcome } from '../../../src/panda/index.ts';
import {
  formatRecord,
  parseRecord,
  readSubmissionFile,
  type BegunSubmission,
  type SubmissionDescription,
  type SubmissionRecord,
} from '../../../src/transformations/index.ts';
import { createJobStore } from '../../../src/watch/index.ts';

const asked: SubmissionDescription = readSubmissionFile('transformation: hello\n').description!;

function submission(id: string, submittedAt: number): BegunSubmission {
  return { id, name: `of ${id}`, profile: 'sandbox', server: 'http://s', submittedAt, jobs: 2 };
}

function accepted(pandaId: number): SubmitOutcome {
  return { kind: 'accepted', jobName: `n.${pandaId}`, pandaId, jobsetId: null };
}

describe('the records of a workspace', () => {
  let root = '';
  let folders: string[] = [];
  let notes: string[] = [];
  let records: WorkspaceRecords;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'records-'));
    folders = [join(root, 'a'), join(root, 'b')];
    for (const folder of folders) await mkdir(folder);
    notes = [];
    records = new WorkspaceRecords({ folders: () => folders, fs: disk, note: (text) => notes.push(text) });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('are in the folder that each submission comes from, and are brought up to date wherever they are', async () => {
    await records.begin({ folder: folders[1]!, asked, file: null }, submission('mi1f9x0k01', 1));
    await records.begin({ folder: folders[0]!, asked, file: 'x.panda.yaml' }, submission('mi1f9x0k02', 2));
    await records.update({ id: 'mi1f9x0k01', outcomes: [accepted(7), accepted(8)] });
    const all = await records.newest(10);
    assert.deepEqual(
      all.map(({ folder, record }) => [folder, record.id, record.pandaIds]),
      [
        [folders[0], 'mi1f9x0k02', []],
        [folders[1], 'mi1f9x0k01', [7, 8]],
      ],
    );
    assert.equal((await records.newest(1))[0]?.record.id, 'mi1f9x0k02');
    assert.equal((await records.find('mi1f9x0k01'))?.folder, folders[1]);
    assert.equal((await records.findByJob(8))?.record.id, 'mi1f9x0k01');
    assert.equal(await records.findByJob(9), undefined);
    assert.equal(await records.find('mi1f9x0k03'), undefined);
    assert.deepEqual(notes, []);
  });

  it('hinder nothing where they cannot be written', async () => {
    await writeFile(join(folders[0]!, '.panda'), 'in the way');
    await records.begin({ folder: folders[0]!, asked, file: null }, submission('mi1f9x0k01', 1));
    await records.update({ id: 'mi1f9x0k01', outcomes: [accepted(1)] });
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /^The record of a submission in .*\/a could not be written: /u);
    const strange = { ...asked, file: 'two\nlines.sh' };
    await records.begin({ folder: folders[1]!, asked: strange, file: null }, submission('mi1f9x0k02', 2));
    assert.match(notes[1]!, /it holds what no submission file can say/u);
    assert.deepEqual(await records.newest(10), []);
  });

  it('need no folder', async () => {
    folders = [];
    await records.update({ id: 'mi1f9x0k01', outcomes: [accepted(1)] });
    assert.deepEqual([await records.newest(5), await records.find('mi1f9x0k01'), notes], [[], undefined, []]);
  });
});

describe('a record in a picker', () => {
  const record: SubmissionRecord = {
    ...submission('mi1f9x0k01', 1_000_000),
    jobs: 300,
    file: 'noise.panda.yaml',
    asked,
    resubmitted: [],
    taskId: null,
    pandaIds: Array.from({ length: 300 }, (_, index) => index + 1),
  };
  const later = 1_000_000 + 7_200_000;

  it('says what, when, where to, and how its jobs are', () => {
    const store = createJobStore();
    store.apply([
      { pandaId: 1, jobName: 'noise.mi1f9x0k01.1', state: 'finished' },
      { pandaId: 2, jobName: 'noise.mi1f9x0k01.2', state: 'running' },
    ]);
    const [group] = store.groups('submission', '');
    assert.deepEqual(recordEntry(record, group, later), {
      label: 'of mi1f9x0k01',
      description: '2 h ago · sandbox · noise.panda.yaml',
      detail: '300 jobs · 1 running · 1 finished',
    });
  });

  it('says what of it did not get to PanDA', () => {
    const some = { ...record, file: null, pandaIds: [1, 2] };
    assert.equal(recordEntry(some, undefined, later).detail, '300 jobs · 2 taken by PanDA');
    const none = { ...some, pandaIds: [], resubmitted: [7] };
    assert.deepEqual(recordEntry(none, undefined, later), {
      label: 'of mi1f9x0k01',
      description: '2 h ago · sandbox · old jobs again',
      detail: '300 jobs · none taken by PanDA',
    });
  });

  it('says which task it became, or that this is not known', () => {
    const task = { ...record, asked: { ...asked, task: { attempts: 3 } }, pandaIds: [] };
    assert.equal(recordEntry(task, undefined, later).detail, '300 jobs · a task that PanDA may not have');
    const known = { ...task, taskId: 10_000_007 };
    assert.equal(recordEntry(known, undefined, later).detail, '300 jobs · task 10000007');
    assert.ok(comparisonOf(task, known, later)?.left.text.includes('accepted: 0'));
  });

  it('is compared with another, the earlier one on the left, unless nothing differs', () => {
    const other: SubmissionRecord = {
      ...record,
      id: 'mi1f9x0k02',
      name: 'louder',
      submittedAt: 5_000_000,
      asked: { ...asked, resources: { memoryMB: 8000 } },
    };
    const comparison = comparisonOf(other, record, later);
    assert.equal(comparison?.title, 'of mi1f9x0k01 (2 h ago) ↔ louder (53 m ago)');
    assert.deepEqual([comparison?.left.name, comparison?.right.name], ['mi1f9x0k01.yaml', 'mi1f9x0k02.yaml']);
    assert.match(
      comparison?.right.text ?? '',
      /^asked:\n {2}transformation: hello\n {2}resources:\n {4}memory: 8G\n/u,
    );
    assert.equal(comparisonOf(record, { ...record, id: 'mi1f9x0k02', submittedAt: 9 }, later), undefined);
  });
});

describe('old jobs that are submitted again', () => {
  const old: OldRequest = {
    name: 'r{n}',
    transformation: 'script',
    payload: 'run-script-0123456789ab.sh',
    tarball: undefined,
    arguments: ['a {b}'],
    outputs: ['x.fits'],
    site: 'SLAC',
    resources: { cores: 2, memoryMB: 4000, diskMB: 0, walltimeSeconds: 3600 },
    pipeline: undefined,
  };

  it('are described by what they have in common', () => {
    const other = { ...old, arguments: ['c'], site: 'BNL' };
    const described = describeOldRequests([old, other]);
    assert.deepEqual(described, {
      transformation: 'script',
      name: 'r{{n}}',
      sites: ['SLAC', 'BNL'],
      resources: { cores: 2, memoryMB: 4000, walltimeSeconds: 3600 },
      parameters: {},
      arguments: [],
      outputs: ['x.fits'],
      inputs: [],
      sweep: [],
    });
    assert.deepEqual(describeOldRequests([old]).arguments, ['a {{b}}']);
  });

  it('can always be kept in a record', () => {
    const bare = {
      ...old,
      transformation: '',
      site: undefined,
      resources: { ...old.resources, memoryMB: 0 },
    };
    const facts = {
      ...submission('mi1f9x0k01', 0),
      file: null,
      resubmitted: [1],
      taskId: null,
      pandaIds: [],
    };
    const record = { ...facts, asked: describeOldRequests([bare]) };
    assert.deepEqual(parseRecord(formatRecord(record)), record);
  });
});

import assert from 'node:assert/strict';
import type { JobRecord } from '../../../src/panda/index.ts';
import { buildJobView, type JobFacts } from '../../../src/editor/panel/viewModel.ts';
import { recorded } from './recordedJobs.ts';

const minute = 60_000;

function view(
  record: JobRecord,
  facts: Partial<JobFacts> = {},
  now = (record.modificationTime ?? 0) + minute,
) {
  const nothing = {
    profile: 'sandbox',
    history: [],
    earlier: [],
    descriptions: [],
    staged: undefined,
    members: undefined,
    line: null,
    cancelRequested: false,
  };
  const situation = { submittedByUs: true, outputsHere: true, monitor: false, asOf: now };
  return buildJobView({ ...nothing, ...situation, record, ...facts }, now);
}

describe('the view of a job', () => {
  it('of a finished job tells its states in order, and offers to submit it again', () => {
    const shown = view(recorded.finished());
    assert.equal(shown.state.word, 'finished');
    assert.deepEqual(
      shown.timeline.segments.map(({ state, open }) => `${state.word}${open ? ' …' : ''}`),
      ['defined', 'running', 'holding', 'finished'],
    );
    assert.equal(shown.failure, null);
    assert.deepEqual(shown.actions, {
      cancel: false,
      resubmit: true,
      openLog: true,
      openOutputs: true,
      openMonitor: false,
    });
    assert.deepEqual(
      shown.facts.map(({ text }) => text),
      ['6900002001', 'BNL-LSST', 'attempt 1'],
    );
    assert.deepEqual(shown.files.map(({ type }) => type).sort(), ['log', 'output']);
  });

  it('of a failed job explains the exit code first, and names the other errors', () => {
    const shown = view(recorded.failed());
    assert.equal(shown.failure?.code, 'trans:65');
    assert.match(shown.failure?.title ?? '', /exit code 65/);
    assert.notEqual(shown.failure?.advice, '');
    assert.deepEqual(shown.failure?.others, [
      'pilot:1305 The payload failed',
      'exe:65 Unknown transformation exit code 65',
    ]);
  });

  it('of a cancelled job says who ended it and shows no error', () => {
    const shown = view(recorded.cancelled());
    assert.equal(shown.state.word, 'cancelled');
    assert.equal(shown.failure, null);
    assert.match(shown.note ?? '', /killed/i);
  });

  it('of a running job grows its last segment with the clock', () => {
    const record = recorded.running();
    const start = record.startTime!;
    const last = (now: number) => view(record, {}, now).timeline.segments.at(-1)!;
    assert.deepEqual(
      [start + minute, start + 2 * minute].map((now) => [last(now).duration, last(now).open]),
      [
        ['1 m', true],
        ['2 m', true],
      ],
    );
    assert.equal(view(record).actions.cancel, true);
    assert.equal(view(record).actions.resubmit, false);
  });

  it('of a job whose cancel was asked for shows that until the state is final', () => {
    const record = recorded.cancelRequested();
    assert.equal(record.jobStatus, 'running');
    const shown = view(record, {}, record.modificationTime! + 14_000);
    assert.equal(shown.state.word, 'cancel requested');
    assert.equal(shown.state.codicon, 'loading~spin');
    assert.equal(shown.note, 'Cancel requested, waits for the pilot (last heard 14 s ago)');
    assert.equal(shown.actions.cancel, false);
    assert.equal(view(recorded.finished(), { cancelRequested: true }).cancelRequested, false);
  });

  it('of a job that waits says what for, and shows no log', () => {
    const shown = view(recorded.activated());
    assert.equal(shown.note, 'Waits for a pilot at BNL-LSST');
    assert.equal(shown.actions.openLog, false);
  });

  it('keeps a state nobody knows, as it came', () => {
    const shown = view({ ...recorded.running(), jobStatus: 'sublimated' });
    assert.deepEqual([shown.state.word, shown.state.codicon], ['sublimated', 'question']);
    assert.equal(shown.timeline.segments.at(-1)?.state.word, 'sublimated');
  });

  it('takes the states from the monitor where it has them, and the latest from the record', () => {
    const record = recorded.finished();
    const at = (seconds: number) => record.creationTime! + seconds * 1000;
    const step = (state: string, time: number) => ({ state, time, subState: null, host: null });
    const shown = view(record, {
      history: [
        step('activated', at(2)),
        step('defined', at(0)),
        step('activated', at(3)),
        step('running', at(10)),
      ],
    });
    assert.deepEqual(
      shown.timeline.segments.map(({ state, length }) => [state.word, length]),
      [
        ['defined', 2000],
        ['activated', 8000],
        ['running', shown.timeline.segments[2]!.length],
        ['finished', 0],
      ],
    );
  });

  it('of a record without any times or names is a page all the same', () => {
    const bare = Object.fromEntries(Object.keys(recorded.running()).map((name) => [name, null]));
    const record = {
      ...bare,
      PandaID: 7,
      jobStatus: 'defined',
      files: [],
      unknown: {},
    } as unknown as JobRecord;
    const shown = view(record);
    assert.equal(shown.name, 'Job 7');
    assert.deepEqual(shown.timeline.segments, []);
    assert.deepEqual(shown.resources, []);
  });

  it('shows what is staged of its files, and what it was given', () => {
    const place = { settings: { kind: 'folder', folder: '/s' }, key: 'k' } as const;
    const facts = { size: 1200, modified: null, adler32: null, sha256: 'ab', url: 's3://b/k', staged: place };
    const staged = {
      files: [{ ...facts, name: 'image.fits', kind: 'output' as const }],
      inputs: [{ ...facts, name: 'inputs/a.txt', kind: 'input' as const, size: null }],
      unusable: 0,
      trouble: null,
    };
    const record = { ...recorded.finished(), files: [] };
    assert.deepEqual(view(record, { staged }).files, [
      {
        ...{ type: 'output', name: 'image.fits', size: '1.2 kB', status: 'staged' },
        ...{ openable: true, title: 's3://b/k\nsha256: ab' },
      },
      {
        ...{ type: 'input', name: 'inputs/a.txt', size: '–', status: 'staged' },
        ...{ openable: true, title: 's3://b/k\nsha256: ab' },
      },
    ]);
  });

  it('shows what is in the tarball of its log after its files', () => {
    const facts = { size: 300, modified: null, adler32: null, sha256: null, url: 'http://s/1.log.tgz' };
    const tarball = { ...facts, name: '1.log.tgz', kind: 'log' as const, staged: undefined };
    const inside = { tarball, member: 'pilotlog.txt' };
    const record = recorded.finished();
    const { files } = view(record, { members: [{ ...tarball, name: '1.log/pilotlog.txt', inside }] });
    assert.equal(files.length, record.files.length + 1);
    assert.deepEqual(files.at(-1), {
      ...{ type: 'log', name: '1.log/pilotlog.txt', size: '300 B', status: 'in the log' },
      ...{ openable: true, title: 'http://s/1.log.tgz' },
    });
  });

  it('shows attempts oldest first and marks its own', () => {
    const record = recorded.finished();
    const parent = { ...recorded.failed(), PandaID: record.PandaID - 10 };
    const shown = view(record, { earlier: [parent] });
    assert.deepEqual(
      shown.attempts.map(({ pandaId, current }) => [pandaId, current]),
      [
        [parent.PandaID, false],
        [record.PandaID, true],
      ],
    );
  });

  it('puts what was used beside what was asked', () => {
    const record = recorded.finished();
    const used = {
      startTime: 0,
      endTime: 100_000,
      maxWalltime: 200,
      cpuConsumptionTime: 90,
      actualCoreCount: 1,
    };
    const memory = { minRamCount: 1000, minRamUnit: 'MB', maxPSS: 512_000, maxRSS: null };
    const rows = new Map(view({ ...record, ...used, ...memory }).resources.map((row) => [row.name, row]));
    assert.equal(rows.get('Wall time')?.share, 0.5);
    assert.equal(rows.get('CPU time')?.share, 0.9);
    assert.equal(rows.get('Memory, peak')?.share, 0.5);
    assert.equal(rows.get('Memory, peak')?.asked, '1.0 GB');
  });

  it('lists the attributes that have a value, and those we do not know', () => {
    const record = { ...recorded.finished(), unknown: { newThing: { deep: 1 }, nothing: null } };
    const all = new Map(view(record).parameters.all.map(({ name, value }) => [name, value]));
    assert.equal(all.get('newThing'), '{"deep":1}');
    assert.equal(all.has('nothing'), false);
    assert.match(all.get('creationTime') ?? '', / UTC$/);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeTime, FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../../src/panda/index.ts';
import type { JobSpec } from '../../../../src/panda/index.ts';
import { decodeJob } from '../../../../src/panda/wire/decode.ts';
import { encodeJobs } from '../../../../src/panda/wire/encode.ts';

/** A value of an attribute's kind that a server can keep, or nothing. */
function valueOf(kind: string): fc.Arbitrary<unknown> {
  const some: fc.Arbitrary<unknown> =
    kind === 'text'
      ? fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text !== 'NULL')
      : kind === 'time'
        ? fc.integer({ min: 0, max: 4_000_000_000_000 })
        : kind === 'integer'
          ? fc.maxSafeInteger()
          : fc
              .double({ noNaN: true, noDefaultInfinity: true })
              .map((value) => (Object.is(value, -0) ? 0 : value));
  return fc.option(some, { nil: null });
}

function recordOf(table: readonly (readonly [string, string])[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(table.map(([name, kind]) => [name, valueOf(kind)])));
}

const JOBS = fc.array(
  fc.record({
    job: recordOf(JOB_ATTRIBUTES.filter(([name]) => name !== 'PandaID')),
    files: fc.array(recordOf(FILE_ATTRIBUTES.slice(0, 18)), { maxLength: 3 }),
  }),
  { maxLength: 3 },
);

/** What a server makes of submitted values: its description of the same job. */
function describeAsServer(values: unknown[], pandaId: number): Record<string, unknown> {
  const named = (table: readonly (readonly [string, string])[], from: unknown[]): Record<string, unknown> =>
    Object.fromEntries(table.map(([name], index) => [name, answerForm(from[index])]));
  return {
    ...named(JOB_ATTRIBUTES, values),
    PandaID: pandaId,
    jobStatus: values[18] ?? 'defined',
    Files: (values[126] as unknown[][]).map((file) => named(FILE_ATTRIBUTES.slice(0, 18), file)),
  };
}

function answerForm(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '_datetime_object' in value) {
    return { __datetime__: String(value._datetime_object).replace(' ', 'T').replace('.000000', '') };
  }
  return value;
}

describe('the wire form of jobs', () => {
  it('gives back what was sent, whatever it is', () => {
    fc.assert(
      fc.property(JOBS, (jobs) => {
        const specs = jobs.map(({ job, files }) => ({ ...job, files }) as unknown as JobSpec);
        const sent = JSON.parse(encodeJobs(specs)) as unknown[][];
        assert.equal(sent.length, jobs.length);
        for (const [index, values] of sent.entries()) {
          const { job, files } = jobs[index]!;
          assert.equal(values.length, 127);
          assert.equal(values[0], null);
          const record = decodeJob(JSON.parse(JSON.stringify(describeAsServer(values, 42))));
          assert.ok(record !== null);
          assert.deepEqual(record.unknown, {});
          for (const [name] of JOB_ATTRIBUTES) {
            if (name === 'PandaID' || name === 'jobStatus') continue;
            const expected = name === 'jobParameters' ? (job[name] ?? ' ') : job[name];
            assert.equal(record[name], expected, name);
          }
          assert.equal(record.files.length, files.length);
          for (const [at, file] of files.entries()) {
            for (const [name] of FILE_ATTRIBUTES.slice(0, 18)) {
              assert.equal(record.files[at]![name], file[name], name);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a file has 18 values and an empty owner', () => {
    const [job] = JSON.parse(
      encodeJobs([{ jobName: 'a', files: [{ lfn: 'a.log.tgz', type: 'log', fsize: 3 }] }]),
    ) as unknown[][];
    const [file] = job![126] as unknown[][];
    assert.equal(file!.length, 19);
    assert.deepEqual([file![3], file![4], file![14], file![18]], ['a.log.tgz', 'log', 3, null]);
  });

  it('times are written as Python reads them', () => {
    const [job] = JSON.parse(
      encodeJobs([{ jobName: 'a', startTime: Date.UTC(2026, 10, 23, 2, 44, 50, 81), files: [] }]),
    ) as unknown[][];
    assert.deepEqual(job![27], { _datetime_object: '2026-11-23 02:44:50.081000' });
  });
});

describe('descriptions', () => {
  it('numbers as text, NULL as text, unknown attributes and odd values are kept', () => {
    const record = decodeJob({
      PandaID: '6900000001',
      jobStatus: 'brandnew',
      transExitCode: 65,
      pilotErrorCode: '1305',
      coreCount: 'many',
      VO: 'NULL',
      cloud: { odd: true },
      startTime: 'yesterday',
      creationTime: '2026-11-23 02:44:50',
      newAttribute: [1],
      Files: [{ lfn: 'a', fsize: '12' }, null, 'x'],
    });
    assert.ok(record !== null);
    assert.equal(record.PandaID, 6900000001);
    assert.equal(record.jobStatus, 'brandnew');
    assert.equal(record.transExitCode, '65');
    assert.equal(record.pilotErrorCode, 1305);
    assert.equal(record.VO, null);
    assert.equal(record.startTime, null);
    assert.equal(record.creationTime, Date.UTC(2026, 10, 23, 2, 44, 50));
    assert.deepEqual(record.unknown, {
      coreCount: 'many',
      cloud: { odd: true },
      startTime: 'yesterday',
      newAttribute: [1],
    });
    assert.equal(record.files.length, 1);
    assert.equal(record.files[0]?.fsize, 12);
    assert.equal(record.files[0]?.GUID, null);
  });

  it('never throws, and takes only what names a job and its state', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const record = decodeJob(value);
        assert.ok(record === null || Number.isFinite(record.PandaID));
      }),
    );
    for (const value of [null, 1, [], {}, { PandaID: 1 }, { PandaID: 'x', jobStatus: 'running' }]) {
      assert.equal(decodeJob(value), null);
    }
  });
});

describe('times', () => {
  it('are read in every form that servers and monitors write', () => {
    const at = Date.UTC(2026, 10, 23, 2, 44, 50);
    const forms: readonly (readonly [unknown, number | null])[] = [
      [{ __datetime__: '2026-11-23T02:44:50.081320' }, at + 81],
      [{ __datetime__: '2026-11-23T02:44:50' }, at],
      [{ _datetime_object: '2026-11-23 02:44:50.081320' }, at + 81],
      ['2026-11-23 02:44:50', at],
      ['2026-11-23T02:44:50Z', at],
      ['2026-11-23T02:44:50.5+01:00', at - 3_600_000 + 500],
      ['2026-13-23 02:44:50', null],
      ['soon', null],
      [null, null],
      [17, null],
      [{}, null],
    ];
    for (const [form, expected] of forms) {
      assert.equal(decodeTime(form), expected, JSON.stringify(form));
    }
  });
});

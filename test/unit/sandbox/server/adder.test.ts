import assert from 'node:assert/strict';
import { decideEnding } from '../../../../src/sandbox/server/rules/adder.ts';
import { giveUp, patienceFor, patienceOf } from '../../../../src/sandbox/server/rules/lostHeartbeat.ts';
import { NOW, storedFile, storedJob } from './storedJobs.ts';

const LOG = storedFile({
  row_ID: 1,
  lfn: 'j.log.tgz',
  type: 'log',
  destinationSE: 'local',
  status: 'unknown',
});
const OUTPUT = storedFile({
  row_ID: 2,
  lfn: 'j.out',
  type: 'output',
  destinationSE: 'local',
  status: 'unknown',
});
const MEANS = { corePower: 10, now: NOW };
const fact = (more: object = {}) => ({ guid: 'g', fsize: 5, adler32: '0badcafe', surl: 's', ...more });
const good = JSON.stringify({ 'j.log.tgz': fact(), 'j.out': fact({ fsize: 11 }) });

describe('end of a job in the sandbox', () => {
  it('finishes with a report that names every output and the log', () => {
    const held = storedJob({ jobStatus: 'holding', startTime: NOW - 4000, endTime: NOW - 2000 });
    const { changes, files } = decideEnding(held, [LOG, OUTPUT], 'finished', good, MEANS);
    assert.equal(changes.jobStatus, 'finished');
    assert.deepEqual([changes.nOutputDataFiles, changes.outputFileBytes, changes.hs06sec], [1, 11, 20]);
    assert.deepEqual(files.get(2), { GUID: 'g', fsize: 11, md5sum: null, checksum: 'ad:0badcafe' });
    assert.deepEqual(files.get(1), {});
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['no report', '', 'Could not get GUID/LFN/MD5/FSIZE/SURL from pilot JSON'],
    ['half a report', good.slice(0, -3), 'Could not get GUID/LFN/MD5/FSIZE/SURL from pilot JSON'],
    [
      'no size',
      JSON.stringify({ 'j.out': fact({ fsize: undefined }) }),
      'Could not get GUID/LFN/MD5/FSIZE/SURL from pilot JSON',
    ],
    [
      'no checksum',
      JSON.stringify({ 'j.out': fact({ adler32: undefined }) }),
      'Could not get GUID/LFN/MD5/FSIZE/SURL from pilot JSON',
    ],
    [
      'an output missing',
      JSON.stringify({ 'j.log.tgz': fact() }),
      'expected output j.out is missing in pilot JSON',
    ],
    [
      'a stray file',
      JSON.stringify({ ...(JSON.parse(good) as object), stray: fact() }),
      'pilot produced stray inconsistently with jobdef',
    ],
  ];
  for (const [what, report, diag] of bad) {
    it(`fails a job said to be finished with ${what}`, () => {
      const { changes } = decideEnding(storedJob(), [LOG, OUTPUT], 'finished', report, MEANS);
      assert.deepEqual(
        [changes.jobStatus, changes.ddmErrorCode, changes.ddmErrorDiag],
        ['failed', 200, diag],
      );
    });
  }

  it('needs no report of a job without outputs', () => {
    assert.equal(decideEnding(storedJob(), [], 'finished', '', MEANS).changes.jobStatus, 'finished');
  });

  it('does not blame the outputs where the payload or the pilot has failed', () => {
    for (const facts of [{ pilotErrorCode: 1305 }, { transExitCode: '3' }]) {
      const { changes } = decideEnding(storedJob(facts), [LOG], 'failed', '', MEANS);
      assert.deepEqual([changes.jobStatus, changes.ddmErrorCode], ['failed', undefined]);
    }
  });

  it('cancels a failed job that was to be killed', () => {
    const job = storedJob({ commandToPilot: 'tobekilled', pilotErrorCode: 1144 });
    assert.equal(decideEnding(job, [LOG], 'failed', '', MEANS).changes.jobStatus, 'cancelled');
    assert.equal(decideEnding(job, [LOG, OUTPUT], 'finished', good, MEANS).changes.jobStatus, 'finished');
  });
});

describe('silent pilots', () => {
  const states: readonly (readonly [string, number])[] = [
    ['sent', 102],
    ['starting', 100],
    ['running', 100],
    ['holding', 103],
    ['transferring', 104],
  ];
  for (const [jobStatus, code] of states) {
    it(`fails a ${jobStatus} job with error ${code}`, () => {
      const changes = giveUp(storedJob({ jobStatus, modificationTime: NOW - 1000 }), NOW);
      assert.deepEqual([changes.jobStatus, changes.jobDispatcherErrorCode], ['failed', code]);
      assert.equal(changes.endTime, NOW - 1000);
    });
  }

  it('cancels a job whose pilot never obeyed', () => {
    assert.equal(giveUp(storedJob({ commandToPilot: 'tobekilled' }), NOW).jobStatus, 'cancelled');
  });

  it('has patience for many heartbeats', () => {
    assert.ok((patienceOf(patienceFor(2), 'running') ?? 0) >= 60_000);
    assert.ok((patienceOf(patienceFor(1800), 'running') ?? 0) >= 2 * 3_600_000);
    assert.equal(patienceOf(patienceFor(2), 'activated'), undefined);
  });
});

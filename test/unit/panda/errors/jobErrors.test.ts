import assert from 'node:assert/strict';
import { errorName, jobErrors } from '../../../../src/panda/index.ts';
import type { ErrorAttributes } from '../../../../src/panda/index.ts';
import { ADVICE } from '../../../../src/panda/errors/advice.ts';
import { PILOT_ERRORS } from '../../../../src/panda/errors/codesPilot.ts';
import { LATER_PILOT_ERRORS } from '../../../../src/panda/errors/codesPilotLater.ts';
import * as serverTables from '../../../../src/panda/errors/codesServer.ts';

const names = (record: Partial<ErrorAttributes>): string[] => jobErrors(record).map(errorName);

describe('errors of a job', () => {
  it('none', () => {
    assert.deepEqual(jobErrors({}), []);
    assert.deepEqual(jobErrors({ transExitCode: '0', pilotErrorCode: 0, exeErrorCode: null }), []);
  });

  it("a payload's exit code comes first, the pilot's text second", () => {
    const errors = jobErrors({
      transExitCode: '3',
      pilotErrorCode: 1305,
      pilotErrorDiag: 'Failed to execute payload',
    });
    assert.deepEqual(errors.map(errorName), ['trans:3', 'pilot:1305']);
    assert.equal(errors[0]?.title, 'The payload ended with exit code 3');
    assert.equal(errors[1]?.diag, 'Failed to execute payload');
  });

  it('a signal says more than that the pilot does not know it', () => {
    const errors = jobErrors({ transExitCode: '137', pilotErrorCode: 1200 });
    assert.deepEqual(errors.map(errorName), ['trans:137', 'pilot:1200']);
    assert.match(errors[0]?.advice ?? '', /memory/u);
  });

  it('an exit code that the wrapper reports has its meaning and its sentence, said once', () => {
    const report = { exeErrorCode: 68, exeErrorDiag: 'phoSim left no image' };
    const transformation = 'https://panda.example.org/cache/phosim-0123456789ab.sh';
    const errors = jobErrors({ transExitCode: '68', pilotErrorCode: 1305, ...report, transformation });
    assert.deepEqual(errors.map(errorName), ['trans:68', 'pilot:1305']);
    assert.equal(errors[0]?.title, 'The payload reported success, but outputs are missing');
    assert.equal(errors[0]?.diag, 'phoSim left no image');
    assert.equal(jobErrors({ transExitCode: '68' })[0]?.title, 'The payload ended with exit code 68');
    assert.deepEqual(names({ transExitCode: '1', exeErrorCode: 7 }), ['trans:1', 'exe:7']);
  });

  it('the same exit code of another program keeps its number and its own report', () => {
    const report = { exeErrorCode: 68, exeErrorDiag: 'no space for tables' };
    const errors = jobErrors({
      transExitCode: '68',
      ...report,
      transformation: 'https://a.example/lsst-trf.sh',
    });
    assert.deepEqual(errors.map(errorName), ['trans:68', 'exe:68']);
    assert.equal(errors[0]?.title, 'The payload ended with exit code 68');
  });

  it('a pilot that knows a reason from outside the payload comes before the exit code', () => {
    assert.deepEqual(names({ transExitCode: '143', pilotErrorCode: 1213 }), ['pilot:1213', 'trans:143']);
    assert.deepEqual(names({ pilotErrorCode: 1144, taskBufferErrorCode: 100 }), [
      'pilot:1144',
      'taskbuffer:100',
    ]);
  });

  it('each component has its own words for the same number', () => {
    const titles = [
      jobErrors({ ddmErrorCode: 100 }),
      jobErrors({ taskBufferErrorCode: 100 }),
      jobErrors({ jobDispatcherErrorCode: 100 }),
      jobErrors({ pilotErrorCode: 100 }),
    ].map(([error]) => error?.title);
    assert.equal(new Set(titles).size, 4);
    assert.equal(titles[2], 'The pilot was not heard of any more');
  });

  it('an unknown code, and an exit code that is no number, are kept and shown', () => {
    const errors = names({ pilotErrorCode: 9999, supErrorCode: -7, transExitCode: 'abc' });
    assert.deepEqual(errors, ['pilot:9999', 'trans:abc', 'sup:-7']);
    assert.match(jobErrors({ transExitCode: 'abc' })[0]?.title ?? '', /exit code abc/);
  });

  it('an exit code that means a signal says which', () => {
    assert.match(jobErrors({ transExitCode: '137' })[0]?.title ?? '', /SIGKILL.*memory/);
    assert.match(jobErrors({ transExitCode: '139' })[0]?.title ?? '', /SIGSEGV/);
  });

  it('every title is a phrase and every advice a sentence, without a full stop', () => {
    const tables = { ...PILOT_ERRORS, ...LATER_PILOT_ERRORS };
    assert.equal(
      Object.keys(tables).length,
      Object.keys(PILOT_ERRORS).length + Object.keys(LATER_PILOT_ERRORS).length,
    );
    assert.ok(Object.keys(tables).length > 120);
    for (const table of [tables, ...Object.values(serverTables)]) {
      for (const [title, advice] of Object.values(table)) {
        assert.match(title, /^[A-Z].*[^.]$/);
        assert.match(ADVICE[advice], /^[A-Z].*[^.]$/);
      }
    }
  });
});

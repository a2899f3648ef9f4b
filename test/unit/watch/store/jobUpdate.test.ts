import assert from 'node:assert/strict';
import { updateOfRecord } from '../../../../src/watch/store/jobUpdate.ts';
import { recorded } from '../../panel/recordedJobs.ts';

describe('what a description says of a job', () => {
  it('names the first error of a failed job', () => {
    assert.match(updateOfRecord(recorded.failed()).error ?? '', /^[a-z]+:\d+$/);
  });

  it('takes what a cancelled job reports for no error', () => {
    const cancelled = { ...recorded.failed(), jobStatus: 'cancelled', taskBufferErrorCode: 100 };
    assert.equal(updateOfRecord(cancelled).error, null);
  });
});

import assert from 'node:assert/strict';
import { errorName, jobErrors, withoutRepeats } from '../../../../src/panda/index.ts';
import type { ErrorAttributes } from '../../../../src/panda/index.ts';

const OURS = 'https://panda.example.org/cache/phosim-0123456789ab.sh';

function read(record: Partial<ErrorAttributes> & { readonly transformation?: string }) {
  const errors = withoutRepeats(jobErrors(record)).map((error) => [errorName(error), error.diag] as const);
  return Object.fromEntries(errors);
}

describe('errors read one after the other', () => {
  it('give the exit code once', () => {
    const pilot = (pilotErrorDiag: string) =>
      read({ transExitCode: '6', pilotErrorCode: 1305, pilotErrorDiag });
    for (const text of [
      'Payload ended with exit code 6',
      'Non-zero exit code: 6',
      'Failed to execute payload: Non-zero exit code: 6',
      'Failed to execute payload',
    ])
      assert.deepEqual(pilot(text), { 'trans:6': null, 'pilot:1305': null }, text);
    for (const text of ['Payload ended with exit code 6: no calibration', 'Non-zero exit code: 65'])
      assert.equal(pilot(text)['pilot:1305'], text);
  });

  it("give the payload's own sentence once, also where the pilot cut it short", () => {
    const sentence = 'phoSim left no image (visit 2,336)';
    const pilot = (pilotErrorDiag: string) =>
      read({
        transExitCode: '68',
        exeErrorCode: 68,
        exeErrorDiag: sentence,
        pilotErrorCode: 1305,
        pilotErrorDiag,
        transformation: OURS,
      });
    const once = { 'trans:68': sentence, 'pilot:1305': null };
    assert.deepEqual(pilot(`Payload reported an error: ${sentence}`), once);
    assert.deepEqual(pilot('Payload reported an error: phoSim left no ima…'), once);
    assert.deepEqual(pilot('Payload ended with exit code 68'), once);
    const other = 'Payload reported an error: phoSim left no ima';
    assert.deepEqual(pilot(other), { ...once, 'pilot:1305': other });
  });

  it('keep what is first, and what each of them has to say', () => {
    const record = { pilotErrorCode: 1213, pilotErrorDiag: 'Failed to execute payload', ddmErrorCode: 200 };
    const said = read({ ...record, ddmErrorDiag: 'no replica of a' });
    assert.deepEqual(said, { 'pilot:1213': 'Failed to execute payload', 'ddm:200': 'no replica of a' });
    assert.deepEqual(withoutRepeats([]), []);
  });
});

import assert from 'node:assert/strict';
import { judge, type Findings } from '../../../../src/sandbox/pilot/outcome.ts';

const exit = (code: number): Findings['end'] => ({ kind: 'exit', code, cpuSeconds: undefined });
const nothing: Omit<Findings, 'end'> = {
  endedBy: undefined,
  report: undefined,
  tellingLine: undefined,
  coreFile: undefined,
  memoryRanOut: false,
};

describe('verdict on a payload', () => {
  const cases: [string, Partial<Findings> & Pick<Findings, 'end'>, Record<string, unknown>][] = [
    ['success', { end: exit(0) }, { trans_exit_code: 0 }],
    [
      'exit code',
      { end: exit(3), tellingLine: 'ERROR x' },
      {
        trans_exit_code: 3,
        pilot_error_code: 1305,
        pilot_error_diag: 'Payload ended with exit code 3: ERROR x',
      },
    ],
    ['exit code above all signals', { end: exit(251) }, { trans_exit_code: 251, pilot_error_code: 1305 }],
    ['exit code 128, which is no signal', { end: exit(128) }, { pilot_error_code: 1305 }],
    ['TERM', { end: exit(143) }, { trans_exit_code: 143, pilot_error_code: 1201 }],
    ['QUIT', { end: exit(131) }, { pilot_error_code: 1202 }],
    [
      'SEGV',
      { end: { kind: 'signal', signal: 'SIGSEGV' } },
      { pilot_error_code: 1203, trans_exit_code: undefined },
    ],
    ['XCPU', { end: exit(152) }, { pilot_error_code: 1204 }],
    ['USR1', { end: exit(138) }, { pilot_error_code: 1207 }],
    ['INT', { end: exit(130) }, { pilot_error_code: 1208 }],
    ['a signal without a code', { end: exit(137) }, { pilot_error_code: 1200 }],
    ['memory', { end: exit(137), memoryRanOut: true }, { pilot_error_code: 1212 }],
    ['memory that ran out for another', { end: exit(1), memoryRanOut: true }, { pilot_error_code: 1305 }],
    ['core dump', { end: exit(139), coreFile: 'core.5' }, { pilot_error_code: 1355, trans_exit_code: 139 }],
    ['gone', { end: { kind: 'lost' } }, { pilot_error_code: 1200, trans_exit_code: undefined }],
    [
      'ended by the pilot',
      { end: exit(0), endedBy: { code: 1144, diag: 'killed' } },
      { pilot_error_code: 1144 },
    ],
    [
      'own report although it ended well',
      { end: exit(0), report: { code: 7, diag: 'bad sky' } },
      { trans_exit_code: 0, exe_error_code: 7, exe_error_diag: 'bad sky', pilot_error_code: 1305 },
    ],
  ];
  for (const [name, findings, want] of cases) {
    it(name, () => {
      const verdict = judge({ ...nothing, ...findings });
      assert.equal(verdict.ok, name === 'success');
      for (const [field, value] of Object.entries(want)) assert.equal(verdict.fields[field], value, field);
    });
  }

  it('keeps within the length of a diag', () => {
    const { fields } = judge({ ...nothing, end: exit(1), tellingLine: 'x'.repeat(1000) });
    assert.equal(String(fields.pilot_error_diag).length, 500);
  });
});

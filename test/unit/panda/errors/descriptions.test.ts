import assert from 'node:assert/strict';
import { describeUnknown, isUnknownError, jobErrors, knownErrors } from '../../../../src/panda/index.ts';

describe('descriptions of errors by the monitor', () => {
  const described = (component: string, code: number, description: string) => ({
    component,
    code,
    acronym: '',
    description,
    category: null,
  });

  it('speak of errors that we have no words for, and of no others', () => {
    const errors = jobErrors({ pilotErrorCode: 99_999, ddmErrorCode: 88_888, transExitCode: '7' });
    const [known] = knownErrors();
    assert.ok(known !== undefined);
    const told = describeUnknown(errors, [
      described('pilot', 99_999, 'A new trouble'),
      described('ddm', 1, 'Another'),
      described('trans', 7, 'Seven'),
    ]);
    assert.deepEqual(
      told.map(({ title }, index) => title === errors[index]?.title),
      told.map(({ component }) => component !== 'pilot'),
    );
    assert.equal(told.find(({ component }) => component === 'pilot')?.title, 'A new trouble');
    const [first] = jobErrors({ pilotErrorCode: known.code });
    assert.ok(first !== undefined && !isUnknownError(first));
    assert.deepEqual(describeUnknown([first], [described('pilot', known.code, 'Not this')]), [first]);
  });
});

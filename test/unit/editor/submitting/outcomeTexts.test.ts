import assert from 'node:assert/strict';
import {
  notSentText,
  refusedText,
  sortOutcomes,
  unknownText,
} from '../../../../src/editor/submitting/outcomeTexts.ts';
import type { SubmitOutcome } from '../../../../src/panda/index.ts';

describe('what is said of outcomes', () => {
  const outcome = (kind: 'refused' | 'unknown' | 'notSent', reason: string): SubmitOutcome => ({
    kind,
    jobName: 'a',
    reason,
  });
  const accepted: SubmitOutcome = { kind: 'accepted', jobName: 'b', pandaId: 1, jobsetId: null };

  it('names how many, and why', () => {
    const some = sortOutcomes([
      accepted,
      outcome('refused', 'the name is too long'),
      outcome('refused', 'x'),
    ]);
    assert.equal(refusedText('sweep', some, 3), 'PanDA refused 2 of 3 jobs of sweep: the name is too long.');
    const lost = sortOutcomes([outcome('unknown', 'the connection broke')]);
    assert.match(
      unknownText('sweep', lost),
      /^The answer for a job of sweep was lost: the connection broke\. It may or may not exist\. Look at the monitor/,
    );
    const left = sortOutcomes([outcome('notSent', 'VS Code was closed')]);
    assert.equal(notSentText('sweep', left), 'A job of sweep was not sent: VS Code was closed.');
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatMailDate, parseMailDate } from '../../../../src/pipeline/mail/mailDate.ts';

describe('dates of mails', () => {
  it('are written as Unix date prints them, in UTC', () => {
    assert.equal(formatMailDate(Date.UTC(2013, 9, 21, 12, 0, 0)), 'Mon Oct 21 12:00:00 UTC 2013');
    assert.equal(formatMailDate(Date.UTC(2024, 1, 5, 3, 4, 5, 999)), 'Mon Feb 05 03:04:05 UTC 2024');
  });

  it('are read in the zones of the pipeline and its sites', () => {
    const noon = Date.UTC(2013, 9, 21, 12, 0, 0);
    for (const text of [
      'Mon Oct 21 12:00:00 UTC 2013',
      'Mon Oct 21 12:00:00 GMT 2013',
      'Mon Oct 21 05:00:00 PDT 2013',
      'Mon Oct 21 04:00:00 PST 2013',
      'Mon Oct 21 08:00:00 EDT 2013',
      'Mon Oct 21 07:00:00 EST 2013',
      'Mon Oct 21 13:00:00 CET 2013',
      'Mon Oct 21 14:00:00 CEST 2013',
    ]) {
      assert.equal(parseMailDate(text), noon, text);
    }
    assert.equal(parseMailDate(' Fri Nov  1 00:30:00 CET 2013\n'), Date.UTC(2013, 9, 31, 23, 30, 0));
  });

  it('are null where they are none', () => {
    for (const text of [
      '',
      'Mon Oct 32 12:00:00 UTC 2013',
      'Mon Feb 30 12:00:00 UTC 2013',
      'Mon Oct 21 24:00:00 UTC 2013',
      'Mon Oct 21 12:60:00 UTC 2013',
      'Mon Oct 21 12:00:61 UTC 2013',
      'Mon Okt 21 12:00:00 UTC 2013',
      'Mon Oct 21 12:00:00 XYZ 2013',
      'Mon Oct 21 12:00:00 constructor 2013',
      'Mon Oct 21 12:00:00 2013',
      '2013-10-21T12:00:00Z',
    ]) {
      assert.equal(parseMailDate(text), null, text);
    }
  });

  it('are read as they were written', () => {
    const times = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(
      fc.property(times, (time) => assert.equal(parseMailDate(formatMailDate(time * 1000)), time * 1000)),
    );
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  areaDate,
  areaOf,
  areaPrefix,
  checkKey,
  checkPrefix,
  firstRunKey,
  liveLogKey,
  outManifestKey,
  outputKey,
  pathBelow,
  sha256OfKey,
  sharedInputKey,
  StagingError,
  usedInputsKey,
  userSegment,
} from '../../../src/staging/index.ts';

const area = { user: 'ada', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
const attempt = { area, jobId: '7', attempt: 2 };
const sha256 = 'ab'.repeat(32);

const refused = (what: () => unknown, words: RegExp): void => {
  assert.throws(
    what,
    (error) => error instanceof StagingError && error.kind === 'badName' && words.test(error.message),
  );
};

describe('staging keys', () => {
  it('have the layout of staging areas', () => {
    assert.equal(areaPrefix(area), 'ada/2026-11-23/mi1f9x0k2a/');
    assert.equal(firstRunKey(attempt), 'ada/2026-11-23/mi1f9x0k2a/out/7/first-run');
    assert.equal(outputKey(attempt, 'out/é.fits'), 'ada/2026-11-23/mi1f9x0k2a/out/7/2/out/é.fits');
    assert.equal(liveLogKey(attempt, 'stdout', 12), 'ada/2026-11-23/mi1f9x0k2a/out/7/2/live/stdout.12');
    assert.equal(sharedInputKey('ada', sha256, 'c.txt'), `ada/in/sha256/${sha256}/c.txt`);
    assert.equal(usedInputsKey(area), 'ada/2026-11-23/mi1f9x0k2a/inputs.json');
  });

  it('give back what they were made of', () => {
    assert.deepEqual(areaOf('ada', outputKey(attempt, 'x')), area);
    assert.equal(areaOf('ada', sharedInputKey('ada', sha256, 'c.txt')), undefined);
    assert.equal(areaOf('ada', 'bob/2026-11-23/x/y'), undefined);
    assert.equal(sha256OfKey(sharedInputKey('ada', sha256, 'c.txt')), sha256);
    assert.equal(sha256OfKey('ada/in/sha256/xyz/c.txt'), undefined);
    assert.equal(areaDate(Date.UTC(2026, 10, 23, 23, 59)), '2026-11-23');
  });

  for (const [name, words] of [
    ['../x', /leads out/],
    ['a/../../x', /leads out/],
    ['.', /leads out/],
    ['/etc/passwd', /empty/],
    ['a//b', /empty/],
    ['a/', /empty/],
    ['', /empty/],
    ['a\\..\\b', /backslash/],
    ['C:/x', /drive/],
    ['a\nb', /control/],
    ['a\0b', /control/],
    ['a\tb', /control/],
    ['\ud800', /not Unicode/],
    ['x'.repeat(256), /255/],
    ['é'.repeat(128), /255/],
  ] as const) {
    it(`refuse the name ${JSON.stringify(name).slice(0, 20)}`, () => {
      refused(() => outputKey(attempt, name), words);
      refused(() => sharedInputKey('ada', sha256, name), words);
      refused(() => pathBelow('/data', name), words);
    });
  }

  it('keep what the wrapper writes from outputs of the payload', () => {
    for (const name of ['manifest.out.json', 'live', 'live/stdout.0']) {
      refused(() => outputKey(attempt, name), /made beside it/);
    }
    assert.equal(outManifestKey(attempt), 'ada/2026-11-23/mi1f9x0k2a/out/7/2/manifest.out.json');
  });

  it('are at most 1,024 bytes of UTF-8, with what stands before them', () => {
    const long = `${'é'.repeat(100)}/`.repeat(5).slice(0, -1);
    assert.equal(Buffer.byteLength(long), 1004);
    assert.equal(checkKey(long, 20), long);
    refused(() => checkKey(long, 21), /1025 bytes/);
  });

  it('refuse attempts and dates that are none', () => {
    refused(() => outputKey({ ...attempt, attempt: 0 }, 'x'), /count from 1/);
    refused(() => outputKey({ ...attempt, jobId: '../8' }, 'x'), /slash|leads/);
    refused(() => areaPrefix({ ...area, date: '../..' }), /not a date/);
  });

  it('make one segment of any user', () => {
    assert.equal(userSegment('Jane Doe'), 'Jane_Doe');
    assert.equal(userSegment('../etc'), '.._etc');
    assert.equal(userSegment('..'), '_..');
    assert.equal(userSegment(''), '_');
    assert.equal(userSegment('/DC=org/CN=Jane'), '_DC_org_CN_Jane');
    for (const user of ['..', '', 'a/b', 'x'.repeat(300)]) checkKey(userSegment(user));
  });

  it('may be cut in listings, but lead nowhere else', () => {
    assert.equal(checkPrefix('ada/2026'), 'ada/2026');
    assert.equal(checkPrefix(''), '');
    assert.equal(checkPrefix('ada/'), 'ada/');
    refused(() => checkPrefix('../'), /leads out/);
    refused(() => checkPrefix('ada/../'), /leads out/);
  });

  it('stay below the folder they are fetched to', () => {
    assert.equal(pathBelow('/data', 'a/b c.txt'), join('/data', 'a', 'b c.txt'));
  });
});

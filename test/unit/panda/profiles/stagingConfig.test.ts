import assert from 'node:assert/strict';
import { parseProfile } from '../../../../src/panda/index.ts';

const GOOD = { server: 'https://panda.example.org', vo: 'lsst', user: 'ada' };

const stagingOf = (staging: unknown) => {
  const result = parseProfile('p', { ...GOOD, staging });
  return result.kind === 'profile' ? result.profile.staging : result.problems;
};

describe('staging settings of profiles', () => {
  it('may be left out', () => {
    assert.equal(stagingOf(undefined), undefined);
  });

  it('name a folder', () => {
    assert.deepEqual(stagingOf({ kind: 'folder', folder: '/data/staging' }), {
      kind: 'folder',
      folder: '/data/staging',
    });
  });

  it('name a bucket, and need no more for AWS', () => {
    assert.deepEqual(stagingOf({ kind: 's3', bucket: 'desc' }), {
      kind: 's3',
      bucket: 'desc',
      prefix: undefined,
      endpoint: undefined,
      region: undefined,
      pathStyle: undefined,
      caFile: undefined,
      credentialsProfile: undefined,
      checksums: undefined,
    });
    const all = {
      kind: 's3',
      bucket: 'desc',
      prefix: 'a/b/',
      endpoint: 'https://s3.example.org:9000',
      region: 'eu',
      pathStyle: false,
      caFile: '/ca.pem',
      credentialsProfile: 'rubin',
      checksums: 'whenSupported',
    };
    assert.deepEqual(stagingOf(all), all);
  });

  for (const [what, staging, where] of [
    ['no object', 's3://desc', 'staging'],
    ['an unknown kind', { kind: 'ftp' }, 'staging.kind'],
    ['a relative folder', { kind: 'folder', folder: 'data' }, 'staging.folder'],
    ['no bucket', { kind: 's3' }, 'staging.bucket'],
    ['a prefix in the bucket', { kind: 's3', bucket: 'desc/panda' }, 'staging.bucket'],
    ['a prefix that leads out', { kind: 's3', bucket: 'desc', prefix: 'a/../b' }, 'staging.prefix'],
    [
      'an endpoint with a password',
      { kind: 's3', bucket: 'desc', endpoint: 'https://a:b@h' },
      'staging.endpoint',
    ],
    ['a secret', { kind: 's3', bucket: 'desc', secretAccessKey: 'x' }, 'staging.secretAccessKey'],
    ['path style in words', { kind: 's3', bucket: 'desc', pathStyle: 'yes' }, 'staging.pathStyle'],
    ['checksums of another kind', { kind: 's3', bucket: 'desc', checksums: 'always' }, 'staging.checksums'],
  ] as const) {
    it(`are refused with ${what}`, () => {
      const problems = stagingOf(staging);
      assert.ok(Array.isArray(problems));
      assert.deepEqual(
        problems.map((problem: { where: string }) => problem.where),
        [where],
      );
    });
  }
});
